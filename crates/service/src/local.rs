//! A node in this process: calls are carried out by the wallet's client.

use crate::{
    call::{Answer, Call, ChainView, EVENTS_MAX, KnownChain, Made, NEWS_WAIT, Order, Outcome, Reply, Synced, Wait},
    code::Code,
    failure::Failure,
    hub::Hub,
    node::Carrier,
};
use futures_util::future::BoxFuture;
use myceline_client::{Client, FinalBlock, Incoming, MessagePolicy, Signer};
use myceline_node::{Lacking, Queried, Work};
use myceline_rpc::Peer;
use myceline_storage::Store;
use myceline_types::{
    ApplicationId, Block, BlockHash, BlockHeight, ChainId, Holder, Opaque, Operation, Transaction, api::PAGE_MAX,
    encoding,
};
use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// How long a chain's last block is shown to validators that do not answer.
const DELIVERY_WAIT: Duration = Duration::from_secs(2);
/// How often followed chains are looked at whatever was heard of them: news may get lost.
const LOOK_AGAIN: Duration = Duration::from_secs(10);

/// The list of a wallet's chains, which whoever holds the wallet may change.
pub trait Book: Send + Sync + 'static {
    /// The chains, in the order of their ids.
    fn known(&self) -> Result<Vec<KnownChain>, Failure>;

    /// Keeps a chain, or says something new about it. The flag for the default chain is not looked at.
    fn keep(&self, known: KnownChain) -> Result<(), Failure>;

    /// Calls an application so.
    fn name_application(&self, name: &str, application: ApplicationId) -> Result<(), Failure>;

    /// Writes down what becomes of what others send to a chain.
    fn set_policy(&self, chain: ChainId, policy: &MessagePolicy) -> Result<(), Failure>;
}

/// A node in this process.
pub struct Local<S: Store, P: Peer, K: Signer> {
    client: Client<S, P, K>,
    book: Arc<dyn Book>,
    hub: Arc<Hub>,
}

/// What is done about inboxes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Inboxes {
    /// What arrives for the wallet's own chains is taken in at once.
    Automatic,
    /// It waits until somebody asks for it.
    Manual,
}

impl<S: Store, P: Peer, K: Signer> Carrier for Local<S, P, K> {
    fn carry(&self, call: Call) -> BoxFuture<'_, Outcome> {
        Box::pin(self.answer(call))
    }
}

impl<S: Store, P: Peer, K: Signer> Local<S, P, K> {
    /// Carries calls out by this client. What happens is told to `hub`.
    pub fn new(client: Client<S, P, K>, book: Arc<dyn Book>, hub: Arc<Hub>) -> Local<S, P, K> {
        Local { client, book, hub }
    }

    async fn answer(&self, call: Call) -> Outcome {
        match call {
            Call::Owners => Ok(Reply::Owners(self.client.signer().owners())),
            Call::Known => self.book.known().map(Reply::Known),
            Call::Keep(known) => self.keep(known),
            Call::NameApplication(name, application) => {
                self.book.name_application(&name, application)?;
                Ok(Reply::Done)
            }
            Call::SetPolicy(chain, policy) => {
                self.book.set_policy(chain, &policy)?;
                self.client.set_policy(chain, *policy);
                Ok(Reply::Done)
            }
            Call::Sync(chain) => self.sync(chain).await,
            Call::Receive(chain) => self.receive(chain).await,
            Call::Deliver(chain) => self.deliver(chain).await,
            Call::Submit(order) => self.submit(*order).await,
            Call::Chain(chain) => self.chain(chain).await,
            Call::Balance(chain, holder) => Ok(Reply::Amount(self.client.balance(chain, holder).await?)),
            Call::Allowance { chain, owner, spender } => {
                let amount = self.client.look(chain, move |work| Ok(work.allowance(owner, spender)?));
                Ok(Reply::Amount(amount.await?))
            }
            Call::Applications { chain, after, limit } => self.applications(chain, after, limit).await,
            Call::Streams { chain, application, after, limit } => {
                let limit = page(limit);
                let look = move |work: &mut Work<'_, S::View>| -> Result<_, Lacking> {
                    Ok(work.streams(application, after.clone(), limit)?)
                };
                Ok(Reply::Streams(self.client.look(chain, look).await?))
            }
            Call::Events { chain, stream, from, limit } => {
                Ok(Reply::Events(self.client.events(chain, &stream, from, limit.min(EVENTS_MAX)).await?))
            }
            Call::News { chains, place } => self.news(chains, place).await,
            Call::Query { chain, application, query } => self.query(chain, application, query).await,
            Call::Block(chain, height) => Ok(Reply::Block(self.client.block(chain, height).await?.map(Box::new))),
            Call::Certified(chain, height) => {
                Ok(Reply::Block(self.client.certified(chain, height).await.map(Box::new)))
            }
            Call::Blob(id) => Ok(Reply::Blob(self.client.blob(id).await)),
            Call::Waiting(chain) => Ok(Reply::Waiting(self.client.waiting(chain).await?)),
            Call::ChainsOf(owner) => Ok(Reply::Chains(self.client.chains_of(owner).await?)),
            Call::ProveEntry { chain, height, list, index } => {
                let index = usize::try_from(index).unwrap_or(usize::MAX);
                Ok(Reply::Proof(self.client.prove_entry(chain, height, list, index).await.map(Box::new)))
            }
            Call::ProveState(chain, key) => {
                Ok(Reply::Proof(self.client.prove_state(chain, &key.0).await.map(Box::new)))
            }
        }
    }

    fn keep(&self, known: KnownChain) -> Outcome {
        let (chain, is_own) = (known.chain, known.owner.is_some());
        self.book.keep(known)?;
        if is_own {
            self.hub.follow_own(chain);
        } else {
            self.hub.follow(chain);
        }
        Ok(Reply::Done)
    }

    async fn sync(&self, chain: ChainId) -> Outcome {
        let myceline_client::Synced { next, is_current } = self.client.sync(chain).await?;
        self.hub.rises(chain, next);
        Ok(Reply::Synced(Synced { next, is_current }))
    }

    async fn receive(&self, chain: ChainId) -> Outcome {
        let mut blocks = self.client.receive(chain).await?;
        blocks.extend(self.client.update_streams(chain).await?);
        let heights: Vec<BlockHeight> = blocks.iter().map(FinalBlock::height).collect();
        heights.iter().for_each(|height| self.note(chain, *height));
        Ok(Reply::Blocks(heights))
    }

    async fn deliver(&self, chain: ChainId) -> Outcome {
        let delivered = tokio::time::timeout(DELIVERY_WAIT, self.client.deliver(chain)).await;
        delivered.unwrap_or(Ok(()))?;
        Ok(Reply::Done)
    }

    async fn submit(&self, order: Order) -> Outcome {
        let Order { chain, request, transactions, blobs, wait } = order;
        let began = Instant::now();
        let submission = self.client.submit(chain, request, transactions, blobs).await?;
        let preconfirmed_us = elapsed_us(began);
        let made = match wait {
            Wait::Final => {
                let block = submission.finality().await?;
                made(block.block(), block.hash(), preconfirmed_us, Some(elapsed_us(began)))
            }
            Wait::Preconfirmed => {
                let block = submission.preconfirmed();
                made(block, block.header().hash(), preconfirmed_us, None)
            }
        };
        self.note(chain, made.height);
        Ok(Reply::Made(Box::new(made)))
    }

    async fn chain(&self, chain: ChainId) -> Outcome {
        let root = self.client.network().root(chain).map(|description| description.origin);
        let look = self.client.look(chain, move |work| {
            let origin = match root {
                Some(origin) => Some(origin),
                None => work.birth(chain)?.map(|description| description.origin),
            };
            let (tip, config) = (*work.tip(), work.config().clone());
            Ok(ChainView {
                chain,
                origin,
                epoch: config.epoch,
                next: tip.next,
                tip: tip.block,
                timestamp: tip.timestamp,
                is_closed: config.closed,
                balance: work.balance(&Holder::Chain)?,
                ownership: config.ownership,
                permissions: config.permissions,
            })
        });
        Ok(Reply::Chain(Box::new(look.await?)))
    }

    async fn news(&self, chains: BTreeSet<ChainId>, place: Option<u64>) -> Outcome {
        let Some(place) = place else { return self.news_place(chains).await };
        let news = tokio::time::timeout(NEWS_WAIT, self.hub.news(&chains, place)).await;
        let (news, place) = news.unwrap_or_else(|_| (Vec::new(), place));
        Ok(Reply::News(news, place))
    }

    /// Sees to it that chains are followed, and that what they have now is no news.
    async fn news_place(&self, chains: BTreeSet<ChainId>) -> Outcome {
        for chain in chains {
            if !self.hub.follow(chain) {
                return Err(Failure::new(Code::Busy, "as many chains are followed as can be"));
            }
            if let Ok(next) = self.client.next_height(chain).await {
                self.hub.rises(chain, next);
            }
        }
        Ok(Reply::News(Vec::new(), self.hub.place()))
    }

    async fn applications(&self, chain: ChainId, after: Option<ApplicationId>, limit: u32) -> Outcome {
        let limit = page(limit);
        let look = move |work: &mut Work<'_, S::View>| -> Result<_, Lacking> { Ok(work.applications(after, limit)?) };
        Ok(Reply::Applications(self.client.look(chain, look).await?))
    }

    async fn query(&self, chain: ChainId, application: ApplicationId, query: Opaque) -> Outcome {
        match self.client.look(chain, move |work| work.query(application, &query.0)).await? {
            Queried::Answer(answered) => {
                let scheduled = answered.scheduled.into_iter().map(Opaque).collect();
                Ok(Reply::Answer(Answer { answer: Opaque(answered.answer), scheduled }))
            }
            Queried::Stopped(why) => Err(why.into()),
        }
    }

    fn note(&self, chain: ChainId, height: BlockHeight) {
        self.hub.rises(chain, height.next().unwrap_or(height));
    }

    /// Follows the wallet's chains, and others that somebody asks about, until this is dropped.
    pub async fn follow(&self, inboxes: Inboxes) -> Result<(), Failure> {
        for known in self.book.known()? {
            match known.owner {
                Some(_) => self.hub.follow_own(known.chain),
                None => drop(self.hub.follow(known.chain)),
            }
        }
        let own = if inboxes == Inboxes::Automatic { Incoming::Receive } else { Incoming::Leave };
        let followed = &self.hub.followed;
        tokio::join!(
            self.follow_set(followed.own.subscribe(), own),
            self.follow_set(followed.others.subscribe(), Incoming::Leave)
        );
        Ok(())
    }

    /// Follows a set of chains, and begins again whenever the set changes.
    async fn follow_set(&self, mut set: watch::Receiver<BTreeSet<ChainId>>, incoming: Incoming) {
        loop {
            let chains: Vec<ChainId> = set.borrow_and_update().iter().copied().collect();
            if chains.is_empty() {
                match set.changed().await {
                    Ok(()) => continue,
                    Err(_) => return,
                }
            }
            let mut following = self.client.follow(chains.clone(), incoming);
            let mut look_again = tokio::time::interval(LOOK_AGAIN);
            loop {
                tokio::select! {
                    changed = set.changed() => match changed {
                        Ok(()) => break,
                        Err(_) => return,
                    },
                    news = following.next() => match news {
                        Some(news) => self.hub.note(news),
                        None => break,
                    },
                    _ = look_again.tick() => self.look_at(&chains).await,
                }
            }
        }
    }

    async fn look_at(&self, chains: &[ChainId]) {
        for chain in chains {
            if let Ok(next) = self.client.next_height(*chain).await {
                self.hub.rises(*chain, next);
            }
        }
    }
}

/// How many entries of a listing are told at once.
fn page(limit: u32) -> usize {
    usize::try_from(limit.min(PAGE_MAX)).unwrap_or_default()
}

fn elapsed_us(began: Instant) -> u64 {
    u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX)
}

fn made(block: &Block, hash: BlockHash, preconfirmed_us: u64, final_us: Option<u64>) -> Made {
    let results = block.outcome.results.iter().map(|result| result.bytes.clone()).collect();
    let (chain, height) = (block.proposed.chain, block.proposed.height);
    Made { chain, height, hash, opened: opened(block), results, preconfirmed_us, final_us }
}

/// The chains that a block opened, in order.
fn opened(block: &Block) -> Vec<ChainId> {
    let id = |(index, transaction): (usize, &Transaction)| match transaction {
        Transaction::Execute(Operation::OpenChain(_)) => {
            let results = &block.outcome.results;
            let result = results.iter().find(|result| usize::try_from(result.transaction) == Ok(index))?;
            encoding::from_bytes(&result.bytes.0).ok()
        }
        _ => None,
    };
    block.proposed.transactions.iter().enumerate().filter_map(id).collect()
}
