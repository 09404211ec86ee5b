//! Making blocks of public chains (R31): validators lead them, with the very same client that owners use.
//!
//! The validator that leads a chain's current round makes a block as soon as something waits in the chain's inbox. The others
//! give it a part of the round's time; if the height is still open then they ask to leave the round, as often as it takes until
//! one leads that is there.
//!
//! Anybody may open public chains, so only as many as have a place are attended to at once. A chain comes to a place when its
//! bell rings, or when the producer finds on its rounds that something waits there, and leaves when nothing waits any more, or
//! after an attempt or a long wait for its leader, if others wait for a place.

mod bells;
mod queue;
mod rounds;

pub use bells::Bells;

use futures_util::stream::{FuturesUnordered, StreamExt};
use myceline_client::{Client, SignError, Signer, Statement};
use myceline_node::{Cell, read};
use myceline_rpc::Peer;
use myceline_state::Absent;
use myceline_storage::Store;
use myceline_types::{
    BlockHeight, ChainId, Cursor, Leaders, NetworkId, Owner, OwnerSignature, TimeDelta, Timestamp,
    crypto::ValidatorSecret,
};
use queue::Queue;
use rounds::{Found, Rounds};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::sync::Notify;

/// Public chains that are attended to at once.
const PLACES: usize = 64;
/// A leader is thought to be away after this part of the first round's time.
const LEADER_PART: u64 = 4;
/// How long to wait after an attempt that brought nothing, unless something happens meanwhile; then twice as long each time. Also
/// the longest that a leader is waited for in one go.
const PAUSE: Duration = Duration::from_millis(500);
/// The longest such wait.
const PAUSE_MAX: Duration = Duration::from_secs(8);
/// How long an attempt may go on once the chain has its next block: whoever made that one still shows it to the others.
const LINGER: Duration = Duration::from_millis(100);
/// Bundles looked at in one attempt; more wait for the next one.
const BUNDLES_MAX: usize = 256;

/// A validator's key where it acts as an owner. It never votes with this: proposals and requests have digests of their own kind.
#[derive(Clone, Debug)]
pub struct ValidatorSigner(Arc<ValidatorSecret>);

impl ValidatorSigner {
    /// Acts under the account of this key.
    pub fn new(secret: ValidatorSecret) -> ValidatorSigner {
        ValidatorSigner(Arc::new(secret))
    }
}

impl Signer for ValidatorSigner {
    fn owners(&self) -> BTreeSet<Owner> {
        BTreeSet::from([self.0.address()])
    }

    fn validator(&self) -> Option<Owner> {
        Some(self.0.address())
    }

    async fn sign(&self, owner: Owner, statement: Statement, network: NetworkId) -> Result<OwnerSignature, SignError> {
        if owner != self.0.address() {
            return Err(SignError::NoKey(owner));
        }
        Ok(self.0.sign_as_owner(statement.digest(network)))
    }
}

/// What a validator has to do with a public chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Duty {
    /// Nothing waits.
    Rest,
    /// Somebody else leads: look again after this time.
    Watch(TimeDelta),
    /// Make a block, or have the round left.
    Act,
}

/// What decides about that.
#[derive(Clone, Copy, Debug)]
struct Facts {
    /// Whether something waits in the inbox.
    is_wanted: bool,
    /// Whether this validator leads the current round.
    is_mine: bool,
    /// How long a leader may take.
    grace: TimeDelta,
    /// For how long a block has been wanted at this height.
    waited: TimeDelta,
}

fn duty(facts: Facts) -> Duty {
    match facts {
        Facts { is_wanted: false, .. } => Duty::Rest,
        Facts { is_mine: false, grace, waited, .. } if waited < grace => Duty::Watch(TimeDelta(grace.0 - waited.0)),
        Facts { .. } => Duty::Act,
    }
}

/// Where a public chain stands, by what is durable here.
struct Standing {
    next: BlockHeight,
    is_mine: bool,
    grace: TimeDelta,
    waiting: Vec<(ChainId, Cursor)>,
}

/// Makes the blocks of public chains.
pub struct Producer<S: Store, P: Peer> {
    client: Client<S, P, ValidatorSigner>,
    bells: Arc<Bells>,
    me: Owner,
    /// Whether chains wait for a place.
    is_crowded: AtomicBool,
}

/// Why a chain has left its place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Left {
    /// Nothing waits there, or it is no public chain.
    AtRest,
    /// Others wait for a place, and it has had its attempt.
    ForOthers,
}

impl<S: Store, P: Peer> Producer<S, P> {
    /// Makes them with this client, whose local node is the validator's own.
    pub fn new(client: Client<S, P, ValidatorSigner>, bells: Arc<Bells>) -> Producer<S, P> {
        let me = client.signer().0.address();
        Producer { client, bells, me, is_crowded: AtomicBool::new(false) }
    }

    /// Attends to public chains until the task is dropped.
    pub async fn run(self) {
        let mut rounds = Rounds::of(self.client.network());
        let (mut queue, mut places) = (Queue::default(), BTreeMap::<ChainId, Arc<Notify>>::new());
        let (mut attended, producer) = (FuturesUnordered::new(), &self);
        loop {
            tokio::select! {
                rung = self.bells.rung() => for chain in rung {
                    match places.get(&chain) {
                        Some(bell) => bell.notify_one(),
                        None => queue.add(chain),
                    }
                },
                () = rounds.pause() => {
                    let found = self.find(&mut rounds).into_iter();
                    found.filter(|chain| !places.contains_key(chain)).for_each(|chain| queue.add(chain));
                }
                Some((chain, left)) = attended.next() => {
                    places.remove(&chain);
                    if left == Left::ForOthers {
                        queue.add(chain);
                    }
                }
            }
            while places.len() < PLACES
                && let Some(chain) = queue.next()
            {
                let bell = places.entry(chain).or_default().clone();
                attended.push(async move { (chain, producer.attend(chain, &bell).await) });
            }
            self.is_crowded.store(!queue.is_empty(), Ordering::Relaxed);
        }
    }

    /// Looks at some more public chains, hangs bells, and gives those where something waits.
    fn find(&self, rounds: &mut Rounds) -> Vec<ChainId> {
        let found = rounds.next(&self.client.view()).unwrap_or_else(|absent| {
            tracing::error!(?absent, "the public chains cannot be read");
            Found::default()
        });
        self.bells.hang(&found.chains);
        found.waiting
    }

    /// Makes blocks of a chain until it has to leave its place.
    async fn attend(&self, chain: ChainId, bell: &Notify) -> Left {
        let mut wanted_since: Option<(BlockHeight, Timestamp)> = None;
        let mut pause = PAUSE;
        while let Some(standing) = self.look(chain) {
            let now = self.client.clock().now();
            let since = wanted_since.filter(|(height, _)| *height == standing.next).map_or(now, |(_, since)| since);
            wanted_since = Some((standing.next, since));
            let is_wanted = !standing.waiting.is_empty();
            let Standing { is_mine, grace, .. } = standing;
            let may_leave = match duty(Facts { is_wanted, is_mine, grace, waited: now.since(since) }) {
                Duty::Rest => break,
                Duty::Watch(rest) => {
                    // Whatever rings, the chain is looked at again.
                    let rest = rest.as_duration();
                    drop(tokio::time::timeout(rest.min(PAUSE), bell.notified()).await);
                    // Rounds of a chain may be as long as its owners liked: that keeps nobody else waiting.
                    rest > PAUSE
                }
                Duty::Act => {
                    if self.act(chain, standing, bell).await {
                        pause = PAUSE;
                    } else {
                        drop(tokio::time::timeout(pause, bell.notified()).await);
                        pause = PAUSE_MAX.min(pause * 2);
                    }
                    true
                }
            };
            if may_leave && self.is_crowded.load(Ordering::Relaxed) {
                return Left::ForOthers;
            }
        }
        Left::AtRest
    }

    /// Where the chain stands; `None` where nothing can be done about it now.
    fn look(&self, chain: ChainId) -> Option<Standing> {
        self.read(chain).unwrap_or_else(|absent| {
            tracing::error!(%chain, ?absent, "a public chain cannot be read");
            None
        })
    }

    fn read(&self, chain: ChainId) -> Result<Option<Standing>, Absent> {
        let view = self.client.view();
        let Some(cell) = Cell::load(self.client.network(), chain, &view)? else { return Ok(None) };
        let Some(terms) = cell.terms().filter(|terms| terms.ownership.leaders == Leaders::Validators) else {
            return Ok(None);
        };
        let waiting = read::waiting(&view, chain, None, BUNDLES_MAX)?;
        Ok(Some(Standing {
            next: cell.tip().next,
            is_mine: terms.leader(cell.machine().round()) == Some(self.me),
            grace: TimeDelta(terms.duration(terms.first_round()).0 / LEADER_PART),
            waiting: waiting.into_iter().map(|(origin, cursor, _)| (origin, cursor)).collect(),
        }))
    }

    /// Makes blocks of what waits, until that is done or somebody else has made the next one. `false` where nothing came of it.
    async fn act(&self, chain: ChainId, Standing { next, waiting, .. }: Standing, bell: &Notify) -> bool {
        tokio::select! {
            taken = Box::pin(self.client.take_in(chain, waiting)) => match taken {
                Ok(blocks) => {
                    tracing::debug!(%chain, blocks = blocks.len(), "made blocks of a public chain");
                    !blocks.is_empty()
                }
                Err(why) => {
                    tracing::debug!(%chain, %why, "no block of a public chain can be made now");
                    false
                }
            },
            () = self.moved_on(chain, next, bell) => {
                // The block may be this validator's own, and its attempt broken off before it was shown.
                drop(tokio::time::timeout(LINGER, self.client.deliver(chain)).await);
                true
            }
        }
    }

    /// Returns a moment after the chain has the block of this height.
    async fn moved_on(&self, chain: ChainId, height: BlockHeight, bell: &Notify) {
        while self.look(chain).is_none_or(|standing| standing.next <= height) {
            bell.notified().await;
        }
        tokio::time::sleep(LINGER).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_leads_acts_at_once_and_the_others_give_it_time() {
        let grace = TimeDelta::from_millis(250);
        let facts = |is_wanted, is_mine, waited| {
            duty(Facts { is_wanted, is_mine, grace, waited: TimeDelta::from_millis(waited) })
        };
        assert_eq!(facts(false, true, 0), Duty::Rest);
        assert_eq!(facts(false, false, 1_000), Duty::Rest);
        assert_eq!(facts(true, true, 0), Duty::Act);
        assert_eq!(facts(true, false, 50), Duty::Watch(TimeDelta::from_millis(200)));
        assert_eq!(facts(true, false, 250), Duty::Act);
    }
}
