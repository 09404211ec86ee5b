//! The faucet as its users see it: one chain for each owner.

use crate::{
    book::Book,
    budget::Budget,
    teller::{Claim, GiveError, Giver, Teller, WAITING_MAX},
};
use futures_util::{FutureExt as _, future::Shared};
use myceline_types::{ChainId, Owner};
use std::{
    collections::BTreeMap,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot};

/// How a faucet behaves.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Chains that it gives in a minute, and at once.
    pub per_minute: u32,
}

/// Why a newcomer has no chain yet.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ClaimError {
    /// Too many came before; the budget fills again.
    #[error("too many have come before you: try again in {} seconds", wait.as_secs().max(1))]
    TooFast {
        /// How long to wait.
        wait: Duration,
    },
    /// Too many wait.
    #[error("too many wait for their chain: try again in a moment")]
    Crowded,
    /// The chain that gives could not.
    #[error(transparent)]
    Give(#[from] GiveError),
    /// The faucet ends.
    #[error("the faucet is being shut down")]
    Ended,
}

type Pending = Shared<Pin<Box<dyn Future<Output = Result<ChainId, ClaimError>> + Send>>>;

/// Gives one chain to each owner. A value of this type is a handle.
#[derive(Clone)]
pub struct Faucet {
    desk: Arc<Mutex<Desk>>,
    begun: Instant,
}

struct Desk {
    book: Book,
    budget: Budget,
    /// Claims that wait for their block: a second one of the same owner waits for the same.
    pending: BTreeMap<Owner, Pending>,
    claims: mpsc::Sender<Claim>,
}

impl Faucet {
    /// Opens the faucet, after reading what was given before. It works in tasks of the runtime that this is called in.
    pub async fn open(giver: impl Giver, settings: Settings) -> Result<Faucet, GiveError> {
        let book = giver.recall().await?;
        let (claims, waiting) = mpsc::channel(WAITING_MAX);
        tokio::spawn(Teller::new(giver).serve(waiting));
        let budget = Budget::new(settings.per_minute);
        let desk = Desk { book, budget, pending: BTreeMap::new(), claims };
        Ok(Faucet { desk: Arc::new(Mutex::new(desk)), begun: Instant::now() })
    }

    /// The chain of an owner: the one they were given before, or a new one.
    pub async fn claim(&self, owner: Owner) -> Result<ChainId, ClaimError> {
        let pending = {
            let mut desk = self.lock();
            if let Some(chain) = desk.book.chain_of(&owner) {
                return Ok(chain);
            }
            match desk.pending.get(&owner) {
                Some(pending) => pending.clone(),
                None => self.begin(&mut desk, owner)?,
            }
        };
        pending.await
    }

    /// The chain that an owner was given.
    pub fn chain_of(&self, owner: &Owner) -> Option<ChainId> {
        self.lock().book.chain_of(owner)
    }

    /// How many owners were given a chain.
    pub fn given(&self) -> usize {
        self.lock().book.len()
    }

    fn begin(&self, desk: &mut Desk, owner: Owner) -> Result<Pending, ClaimError> {
        desk.budget.take(self.begun.elapsed()).map_err(|wait| ClaimError::TooFast { wait })?;
        let (answer, answered) = oneshot::channel();
        if let Err(error) = desk.claims.try_send(Claim { owner, answer }) {
            desk.budget.put_back();
            return Err(match error {
                mpsc::error::TrySendError::Full(_) => ClaimError::Crowded,
                mpsc::error::TrySendError::Closed(_) => ClaimError::Ended,
            });
        }
        // What was begun is noted even if whoever asked goes away.
        let settling = tokio::spawn(self.clone().settle(owner, answered));
        let pending = async move { settling.await.unwrap_or(Err(ClaimError::Ended)) }.boxed().shared();
        desk.pending.insert(owner, pending.clone());
        Ok(pending)
    }

    async fn settle(
        self,
        owner: Owner,
        answered: oneshot::Receiver<Result<ChainId, GiveError>>,
    ) -> Result<ChainId, ClaimError> {
        let given = answered.await.map_err(|_| ClaimError::Ended).and_then(|given| Ok(given?));
        let mut desk = self.lock();
        desk.pending.remove(&owner);
        match &given {
            Ok(chain) => desk.book.note(owner, *chain),
            Err(_) => desk.budget.put_back(),
        }
        given
    }

    fn lock(&self) -> MutexGuard<'_, Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
