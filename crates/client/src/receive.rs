//! Receiving: bundles that wait for a chain become blocks of it.

use crate::{
    clock,
    core::{Client, Core},
    deliver::WaitFor,
    desk::{Desk, Papers},
    error::SubmitError,
    order::Order,
    signer::Signer,
    submit::FinalBlock,
};
use futures_util::future;
use myceline_rpc::Peer;
use myceline_storage::Store;
use myceline_types::{ChainId, Cursor};
use std::{collections::BTreeSet, sync::Arc};

/// Blocks of origins that are read at the same time.
const READ_TOGETHER: usize = 16;
/// Blocks made of one inbox before the caller is told.
const BLOCKS_MAX: usize = 64;

impl<S: Store, P: Peer, K: Signer> Client<S, P, K> {
    /// Takes in what waits for a chain, in as many blocks as it takes up to a bound. Gives those blocks.
    pub async fn receive(&self, chain: ChainId) -> Result<Vec<FinalBlock>, SubmitError> {
        let task = Box::pin(self.core.clone().receive_listed(chain));
        clock::to_the_end(task).await.unwrap_or(Err(SubmitError::Ended))
    }

    /// Takes in bundles that are known to wait. Where the caller stops waiting this breaks off, as if the process had ended:
    /// what was begun is taken up again by whoever comes next.
    pub async fn take_in(
        &self,
        chain: ChainId,
        bundles: Vec<(ChainId, Cursor)>,
    ) -> Result<Vec<FinalBlock>, SubmitError> {
        let desk = self.core.desks.of(chain);
        let mut papers = desk.sit().await;
        let taken = self.core.receive_at(&desk, &mut papers, chain, bundles).await;
        self.core.leave(desk, papers);
        taken
    }
}

impl<S: Store, P: Peer, K: Signer> Core<S, P, K> {
    async fn receive_listed(self: Arc<Self>, chain: ChainId) -> Result<Vec<FinalBlock>, SubmitError> {
        let desk = self.desks.of(chain);
        let mut papers = desk.sit().await;
        self.show_last(&desk, &papers).await;
        let received = match self.list(chain).await {
            Ok(hints) => self.receive_at(&desk, &mut papers, chain, hints).await,
            Err(why) => Err(why.into()),
        };
        self.leave(desk, papers);
        received
    }

    /// Validators that do not have the chain's last block yet would list what it has consumed, and nothing after that.
    async fn show_last(self: &Arc<Self>, desk: &Desk, papers: &Papers) {
        if let Some(certificate) = papers.undelivered.clone()
            && !desk.is_delivered(certificate.slot.height.0.saturating_add(1))
        {
            self.deliver(certificate, WaitFor::Heard).await;
        }
    }

    /// A bundle is said to wait: it is received, with others that come meanwhile, by a task of its own, which tells the blocks
    /// that it makes.
    pub(crate) fn receive_soon(
        self: &Arc<Self>,
        chain: ChainId,
        (origin, cursor): (ChainId, Cursor),
        tell: impl Fn(FinalBlock) + Send + 'static,
    ) {
        let desk = self.desks.of(chain);
        if desk.hint(origin, cursor) {
            let core = self.clone();
            clock::spawn(Box::pin(async move { core.receive_hinted(desk, chain, tell).await }));
        }
    }

    async fn receive_hinted(self: &Arc<Self>, desk: Arc<Desk>, chain: ChainId, tell: impl Fn(FinalBlock)) {
        loop {
            // Others who wait for the desk get it in between.
            let mut papers = desk.sit().await;
            let Some(hints) = desk.take_hints() else { return self.leave(desk, papers) };
            match self.receive_at(&desk, &mut papers, chain, hints).await {
                Ok(blocks) => blocks.into_iter().for_each(&tell),
                Err(why) => tracing::debug!(%chain, %why, "bundles could not be received now"),
            }
            self.leave(desk.clone(), papers);
        }
    }

    async fn receive_at(
        self: &Arc<Self>,
        desk: &Desk,
        papers: &mut Papers,
        chain: ChainId,
        hints: Vec<(ChainId, Cursor)>,
    ) -> Result<Vec<FinalBlock>, SubmitError> {
        self.take_hints(papers, chain, hints).await?;
        self.read_origins(papers).await;
        let mut blocks = Vec::new();
        while blocks.len() < BLOCKS_MAX {
            let mut order = Order::on(chain);
            self.add_incoming(&mut order, papers);
            if order.incoming.is_empty() {
                break;
            }
            match self.make(desk, papers, &mut order).await {
                Ok(done) => blocks.push(done),
                // Another device took them, or they can be neither accepted nor rejected now.
                Err(SubmitError::Nothing) => break,
                Err(why) => return Err(why),
            }
        }
        Ok(blocks)
    }

    /// Makes a block for an order, and waits until it is final.
    pub(crate) async fn make(
        self: &Arc<Self>,
        desk: &Desk,
        papers: &mut Papers,
        order: &mut Order,
    ) -> Result<FinalBlock, SubmitError> {
        let begun = self.begin_ordered(desk, papers, order).await?;
        self.finish(desk, papers, order, begun, &mut None).await
    }

    /// Notes hints, after looking up how far the chain has read of origins that are new.
    async fn take_hints(
        &self,
        papers: &mut Papers,
        chain: ChainId,
        hints: Vec<(ChainId, Cursor)>,
    ) -> Result<(), SubmitError> {
        let origins: BTreeSet<ChainId> = hints.iter().map(|(origin, _)| *origin).collect();
        let received = self.local.act(chain, move |work| {
            let read = |origin: &ChainId| Ok((*origin, work.received(*origin)?));
            origins.iter().map(read).collect::<Result<Vec<_>, myceline_node::Lacking>>()
        });
        for (origin, cursor) in { received }.early().await? {
            papers.receipts.received(origin, cursor);
        }
        for (origin, cursor) in hints {
            papers.receipts.hint(origin, cursor);
        }
        Ok(())
    }

    /// Reads the blocks that sent what is hinted at, and those before them that matter.
    async fn read_origins(&self, papers: &mut Papers) {
        loop {
            let wanted = papers.receipts.wanted(READ_TOGETHER);
            if wanted.is_empty() {
                return;
            }
            let find = |(origin, height)| async move { (origin, height, self.find_certified(origin, height).await) };
            for (origin, height, found) in future::join_all(wanted.into_iter().map(find)).await {
                let shown =
                    found.is_some_and(|found| self.trusting(|trust| papers.receipts.show(trust, &found)).is_ok());
                if !shown {
                    papers.receipts.unavailable(origin, height);
                }
            }
        }
    }
}
