//! Puts claims that wait together into blocks: however many newcomers come at once, each block opens chains for as many as
//! fit, and while it is certified the next ones gather.

use crate::book::Book;
use futures_util::future::BoxFuture;
use myceline_types::{ChainId, Owner};
use tokio::sync::{mpsc, oneshot};

/// Chains that one block opens at most.
pub(crate) const TOGETHER_MAX: usize = 100;
/// Claims that wait for a block at most: a few seconds' worth.
pub(crate) const WAITING_MAX: usize = 1_000;

/// Why nothing was given.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum GiveError {
    /// One block cannot open so many: fewer may work.
    #[error("that is too much for one block")]
    TooMany,
    /// The chain that gives has too little left.
    #[error("the faucet is empty")]
    Empty,
    /// Another reason, in the words of whoever gives.
    #[error("{0}")]
    Failed(String),
}

/// Opens chains: the chain of the faucet.
pub trait Giver: Send + Sync + 'static {
    /// Opens a chain for each of these owners, in this order, in one block that is final when this returns. After an error
    /// the block may become final all the same, until [`recall`](Giver::recall) has looked.
    fn give<'a>(&'a self, owners: &'a [Owner]) -> BoxFuture<'a, Result<Vec<ChainId>, GiveError>>;

    /// Finishes what was begun, and reads what was given up to now.
    fn recall(&self) -> BoxFuture<'_, Result<Book, GiveError>>;
}

/// A claim that waits for a block.
pub(crate) struct Claim {
    pub(crate) owner: Owner,
    pub(crate) answer: oneshot::Sender<Result<ChainId, GiveError>>,
}

/// Serves claims.
pub(crate) struct Teller<G> {
    giver: G,
    /// How many chains a block opens, as far as is known.
    together: usize,
    /// Whether a block failed that may have become final since.
    is_in_doubt: bool,
}

impl<G: Giver> Teller<G> {
    /// Serves with the chain of this giver.
    pub(crate) fn new(giver: G) -> Teller<G> {
        Teller { giver, together: TOGETHER_MAX, is_in_doubt: false }
    }

    /// Serves the claims that come in until nobody can make one any more.
    pub(crate) async fn serve(mut self, mut claims: mpsc::Receiver<Claim>) {
        let mut waiting = Vec::new();
        while claims.recv_many(&mut waiting, TOGETHER_MAX).await > 0 {
            while !waiting.is_empty() {
                let batch = waiting.drain(..self.together.min(waiting.len())).collect();
                let back = self.serve_together(batch).await;
                waiting.splice(..0, back);
            }
        }
    }

    /// Serves a batch with one block. Gives back what that block has no room for.
    async fn serve_together(&mut self, batch: Vec<Claim>) -> Vec<Claim> {
        let batch = self.without_doubt(batch).await;
        if batch.is_empty() {
            return batch;
        }
        let owners: Vec<Owner> = batch.iter().map(|claim| claim.owner).collect();
        match self.giver.give(&owners).await {
            Err(GiveError::TooMany) if batch.len() > 1 => {
                self.together = batch.len() / 2;
                tracing::warn!(together = self.together, "a block takes fewer chains than thought");
                batch
            }
            given => {
                self.is_in_doubt = given.is_err();
                answer(batch, given);
                Vec::new()
            }
        }
    }

    /// After a failure: answers those whom the failed block has given a chain after all, and gives back the others.
    async fn without_doubt(&mut self, batch: Vec<Claim>) -> Vec<Claim> {
        if !self.is_in_doubt {
            return batch;
        }
        match self.giver.recall().await {
            Ok(book) => {
                self.is_in_doubt = false;
                let has_one = |claim: &Claim| book.chain_of(&claim.owner).is_some();
                let (served, rest): (Vec<Claim>, Vec<Claim>) = batch.into_iter().partition(has_one);
                let chains = served.iter().filter_map(|claim| book.chain_of(&claim.owner)).collect();
                answer(served, Ok(chains));
                rest
            }
            Err(error) => {
                answer(batch, Err(error));
                Vec::new()
            }
        }
    }
}

fn answer(batch: Vec<Claim>, given: Result<Vec<ChainId>, GiveError>) {
    let given = given.and_then(|chains| {
        let fits = chains.len() == batch.len();
        fits.then_some(chains).ok_or_else(|| GiveError::Failed("the block opened another number of chains".into()))
    });
    for (place, claim) in batch.into_iter().enumerate() {
        // Whoever went away finds the chain when they ask again.
        let _ = claim.answer.send(given.clone().map(|chains| chains[place]));
    }
}
