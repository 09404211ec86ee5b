//! Following chains: what a validator notifies is looked into, verified, and told.
//!
//! One validator is followed at a time. When its stream ends, the next one is, after looking at the chains themselves. Chains
//! whose event streams applications of the followed chains follow are watched too, but not read.

use crate::{
    clock,
    core::{Client, Core},
    signer::Signer,
    submit::FinalBlock,
};
use futures_util::StreamExt;
use myceline_rpc::Peer;
use myceline_storage::Store;
use myceline_types::{
    BlockHeight, ChainId, Cursor,
    api::{Notification, Reason, SUBSCRIBED_CHAINS_MAX, Subscribe},
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::{sync::mpsc, task::JoinHandle};

/// News that wait for a reader; more are dropped, since the chains themselves say the same.
const NEWS_MAX: usize = 1_024;
/// How long to wait before following again after a stream broke off.
const PAUSE: Duration = Duration::from_millis(200);

/// What is done about bundles that arrive for followed chains, and about new events of streams that their applications follow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Incoming {
    /// They are received at once, as the policies of the chains say.
    Receive,
    /// They wait until somebody asks for them.
    Leave,
}

/// Something that happened to a followed chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum News {
    /// The chain has a block at this height, by whoever made it.
    Block {
        /// Which chain.
        chain: ChainId,
        /// At which height.
        height: BlockHeight,
    },
    /// This client took bundles or events in: the block at this height is final, and what they brought can be spent.
    Received {
        /// Which chain.
        chain: ChainId,
        /// At which height.
        height: BlockHeight,
    },
    /// A bundle waits, or is being received.
    Bundle {
        /// For which chain.
        chain: ChainId,
        /// From which.
        origin: ChainId,
        /// Which one.
        cursor: Cursor,
    },
}

impl News {
    /// To which chain it happened.
    pub fn chain(&self) -> ChainId {
        match self {
            News::Block { chain, .. } | News::Received { chain, .. } | News::Bundle { chain, .. } => *chain,
        }
    }
}

/// Chains being followed, until this is dropped.
#[derive(Debug)]
pub struct Following {
    news: mpsc::Receiver<News>,
    task: JoinHandle<()>,
}

impl Following {
    /// The next thing that happens.
    pub async fn next(&mut self) -> Option<News> {
        self.news.recv().await
    }
}

impl Drop for Following {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl<S: Store, P: Peer, K: Signer> Client<S, P, K> {
    /// Follows chains: blocks that others make are read, and bundles are received or left. At most
    /// [`SUBSCRIBED_CHAINS_MAX`] chains are followed by one call.
    pub fn follow(&self, mut chains: Vec<ChainId>, incoming: Incoming) -> Following {
        chains.truncate(SUBSCRIBED_CHAINS_MAX);
        let (sender, news) = mpsc::channel(NEWS_MAX);
        let publishers = BTreeSet::new();
        let follower = Follower { core: self.clone(), chains, incoming, news: sender, resume: None, publishers };
        Following { news, task: clock::spawn(Box::pin(follower.run())) }
    }
}

struct Follower<S: Store, P: Peer, K: Signer> {
    core: Client<S, P, K>,
    chains: Vec<ChainId>,
    incoming: Incoming,
    news: mpsc::Sender<News>,
    /// Which validator was followed last, and up to which notification.
    resume: Option<(u8, u64)>,
    /// The chains that are watched because of their event streams.
    publishers: BTreeSet<ChainId>,
}

impl<S: Store, P: Peer, K: Signer> Follower<S, P, K> {
    async fn run(mut self) {
        while !self.news.is_closed() {
            for member in self.core.core.members.ranked() {
                self.follow(member).await;
            }
            clock::sleep(PAUSE).await;
        }
    }

    /// Follows one validator until its stream ends.
    async fn follow(&mut self, member: u8) {
        let resume = self.resume.filter(|(followed, _)| *followed == member).map(|(_, sequence)| sequence);
        self.publishers = self.find_publishers().await;
        let others = self.publishers.iter().filter(|publisher| !self.chains.contains(publisher));
        let chains = self.chains.iter().chain(others).copied().take(SUBSCRIBED_CHAINS_MAX).collect();
        let subscribe = Subscribe { chains, resume };
        let core = self.core.core.clone();
        let Ok(mut stream) = core.members.peer(member).subscribe(subscribe).await else {
            return core.members.note_failure(member);
        };
        if resume.is_none() {
            self.look_at_all().await;
        }
        while let Some(Notification { sequence, reason }) = stream.next().await {
            self.resume = Some((member, sequence));
            self.look_into(&core, reason).await;
            if self.must_watch_others(reason).await {
                // Whoever is watched next has to be looked at first.
                self.resume = None;
                return;
            }
        }
    }

    /// Whether this made an application follow a stream of a chain that is not watched.
    async fn must_watch_others(&self, reason: Reason) -> bool {
        match reason {
            Reason::NewBlock { chain, .. } if self.chains.contains(&chain) => {
                !self.find_publishers().await.is_subset(&self.publishers)
            }
            _ => false,
        }
    }

    /// The chains whose event streams matter.
    async fn find_publishers(&self) -> BTreeSet<ChainId> {
        let mut publishers = BTreeSet::new();
        if self.incoming == Incoming::Receive {
            for chain in &self.chains {
                // A chain that is not here yet follows nothing.
                publishers.extend(self.core.core.publishers(*chain).await.unwrap_or_default());
            }
        }
        publishers
    }

    async fn look_into(&mut self, core: &Arc<Core<S, P, K>>, reason: Reason) {
        match reason {
            Reason::NewBlock { chain, height, .. } => {
                if self.chains.contains(&chain) {
                    self.read(chain, height).await;
                }
                if self.publishers.contains(&chain) {
                    self.update_streams().await;
                }
            }
            Reason::Incoming { chain, origin, cursor } => {
                self.tell(News::Bundle { chain, origin, cursor });
                if self.incoming == Incoming::Receive {
                    let news = self.news.clone();
                    core.receive_soon(chain, (origin, cursor), move |block| tell(&news, received(&block)));
                }
            }
            Reason::Gap => self.look_at_all().await,
            Reason::NewRound { .. } => (),
        }
    }

    /// A block is said to exist: it is read unless it is here.
    async fn read(&mut self, chain: ChainId, height: BlockHeight) {
        let is_here = self.core.next_height(chain).await.is_ok_and(|next| next > height);
        if is_here || self.core.sync(chain).await.is_ok_and(|synced| synced.next > height) {
            self.tell(News::Block { chain, height });
        }
    }

    /// Something may have been missed: the chains themselves say what.
    async fn look_at_all(&mut self) {
        for chain in self.chains.clone() {
            self.look_at(chain).await;
            if self.incoming == Incoming::Receive {
                self.receive(chain).await;
            }
        }
        self.update_streams().await;
    }

    /// Brings a chain up to date. Of the blocks that were made meanwhile, the last one is told.
    async fn look_at(&self, chain: ChainId) {
        let before = self.core.next_height(chain).await.unwrap_or(BlockHeight(0));
        match self.core.sync(chain).await {
            Ok(synced) if synced.next > before => {
                synced.next.previous().into_iter().for_each(|height| self.tell(News::Block { chain, height }));
            }
            Ok(_) => (),
            Err(why) => tracing::debug!(%chain, %why, "cannot be followed now"),
        }
    }

    /// Lets applications look at new events.
    async fn update_streams(&self) {
        if self.incoming == Incoming::Leave {
            return;
        }
        for chain in &self.chains {
            match self.core.update_streams(*chain).await {
                Ok(blocks) => blocks.iter().for_each(|block| self.tell(received(block))),
                Err(why) => tracing::debug!(%chain, %why, "its applications cannot look at new events now"),
            }
        }
    }

    async fn receive(&self, chain: ChainId) {
        match self.core.receive(chain).await {
            Ok(blocks) => blocks.iter().for_each(|block| self.tell(received(block))),
            Err(why) => tracing::debug!(%chain, %why, "its bundles cannot be received now"),
        }
    }

    fn tell(&self, news: News) {
        tell(&self.news, news);
    }
}

fn received(block: &FinalBlock) -> News {
    News::Received { chain: block.block().proposed.chain, height: block.height() }
}

fn tell(reader: &mpsc::Sender<News>, news: News) {
    // Who does not read in time finds the same in the chains.
    let _ = reader.try_send(news);
}
