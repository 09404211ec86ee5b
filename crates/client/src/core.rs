//! The client itself: a local node, the validators, the owner's keys, and a desk for each chain in use.

use crate::{
    clock::Clock,
    desk::Desks,
    error::{OpenError, QueryError},
    facts::FACTS_MAX,
    local::{self, LocalError, LocalNode, Stepper},
    members::Members,
    policy::MessagePolicy,
    signer::Signer,
};
use myceline_node::{Answered, Engine, Lacking, NativeOnly, Network, Offline, Queried, Role, Staged, Web, Work};
use myceline_rpc::Peer;
use myceline_sessions::Trust;
use myceline_storage::{CommitError, Store};
use myceline_types::{
    Amount, ApplicationId, BlockHeight, CertifiedBlock, ChainId, Epoch, Holder, Ownership, TimeDelta,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

/// How a client behaves.
pub struct Options {
    /// Threads that step chains.
    pub workers: usize,
    /// How long a block may take from proposal to finality before the caller is told.
    pub patience: TimeDelta,
    /// Whether each chain is brought up to date before anything is signed for it. A store that was restored from a backup
    /// may not know what was signed since.
    pub is_cautious: bool,
    /// Tells the time.
    pub clock: Clock,
    /// Runs applications.
    pub engine: Arc<dyn Engine>,
    /// Asks servers for them.
    pub web: Arc<dyn Web>,
    /// What becomes of what others send, for each chain; the default one for chains that are not named.
    pub policies: BTreeMap<ChainId, MessagePolicy>,
    /// Is told when the store cannot be written any more. The process must end: what is on disk is unknown.
    pub on_failure: Box<dyn Fn(CommitError) + Send>,
}

impl Default for Options {
    /// One worker, half a minute, a store that was not restored, this machine's clock, everything accepted, and a process that
    /// ends when the store fails.
    fn default() -> Options {
        Options {
            workers: 1,
            patience: TimeDelta::from_millis(30_000),
            is_cautious: false,
            clock: Clock::default(),
            engine: Arc::new(NativeOnly),
            web: Arc::new(Offline),
            policies: BTreeMap::new(),
            on_failure: Box::new(|error| {
                tracing::error!(%error, "the store failed");
                std::process::abort();
            }),
        }
    }
}

/// A client, and what steps its local node.
pub type Stepped<S, P, K> = (Client<S, P, K>, Stepper<S>);

/// A client of a network. A value of this type is a handle: clones share the store and the connections.
pub struct Client<S: Store, P: Peer, K: Signer> {
    pub(crate) core: Arc<Core<S, P, K>>,
}

impl<S: Store, P: Peer, K: Signer> Clone for Client<S, P, K> {
    fn clone(&self) -> Client<S, P, K> {
        Client { core: self.core.clone() }
    }
}

/// What every part of a client can reach.
pub(crate) struct Core<S: Store, P: Peer, K: Signer> {
    pub(crate) local: LocalNode<S>,
    pub(crate) members: Members<P>,
    pub(crate) signer: K,
    pub(crate) options: Behaviour,
    pub(crate) desks: Desks,
}

/// The options that are needed later.
pub(crate) struct Behaviour {
    pub(crate) patience: TimeDelta,
    pub(crate) is_cautious: bool,
    pub(crate) policies: RwLock<BTreeMap<ChainId, MessagePolicy>>,
}

impl<S: Store, P: Peer, K: Signer> Client<S, P, K> {
    /// Opens a client over a store, with a peer for each member of the committee in its order. Nothing is sent yet.
    pub fn open(
        network: Arc<Network>,
        store: S,
        peers: Vec<P>,
        signer: K,
        options: Options,
    ) -> Result<Client<S, P, K>, OpenError> {
        check_peers(&network, &peers)?;
        let (node, behaviour) = split(options);
        Ok(Client::over(LocalNode::start(network, store, node), peers, signer, behaviour))
    }

    /// Opens a client whose local node has no threads: whoever holds the [`Stepper`] says when it steps and when it commits.
    pub fn open_stepped(
        network: Arc<Network>,
        store: S,
        peers: Vec<P>,
        signer: K,
        options: Options,
    ) -> Result<Stepped<S, P, K>, OpenError> {
        check_peers(&network, &peers)?;
        let (node, behaviour) = split(options);
        let (local, stepper) = LocalNode::stepped(network, store, node);
        Ok((Client::over(local, peers, signer, behaviour), stepper))
    }

    /// A client over a local node that somebody else runs too: a validator's, which makes blocks of public chains.
    pub fn on(
        local: LocalNode<S>,
        peers: Vec<P>,
        signer: K,
        patience: TimeDelta,
    ) -> Result<Client<S, P, K>, OpenError> {
        check_peers(local.network(), &peers)?;
        Ok(Client::over(local, peers, signer, Behaviour { patience, is_cautious: false, policies: RwLock::default() }))
    }

    fn over(local: LocalNode<S>, peers: Vec<P>, signer: K, options: Behaviour) -> Client<S, P, K> {
        let (members, desks) = (Members::new(peers, local.clock().clone()), Desks::default());
        Client { core: Arc::new(Core { local, members, signer, options, desks }) }
    }

    /// The network.
    pub fn network(&self) -> &Arc<Network> {
        self.core.local.network()
    }

    /// Tells the time here.
    pub fn clock(&self) -> &Clock {
        self.core.local.clock()
    }

    /// A view of what is durable here.
    pub fn view(&self) -> S::View {
        self.core.local.view()
    }

    /// The owner's keys.
    pub fn signer(&self) -> &K {
        &self.core.signer
    }

    /// What is in an account of a chain, by what this client has seen of the chain.
    pub async fn balance(&self, chain: ChainId, holder: Holder) -> Result<Amount, LocalError> {
        self.look(chain, move |work| Ok(work.balance(&holder)?)).await
    }

    /// The next height of a chain, by what this client has seen of it.
    pub async fn next_height(&self, chain: ChainId) -> Result<BlockHeight, LocalError> {
        self.look(chain, |work| Ok(work.tip().next)).await
    }

    /// Who may propose on a chain, by what this client has seen of it.
    pub async fn ownership(&self, chain: ChainId) -> Result<Ownership, LocalError> {
        self.look(chain, |work| Ok(work.config().ownership.clone())).await
    }

    /// A certified block of a chain, if this client has it.
    pub async fn block(&self, chain: ChainId, height: BlockHeight) -> Result<Option<CertifiedBlock>, LocalError> {
        self.look(chain, move |work| work.certified(height)).await
    }

    /// From now on, this becomes of what others send to a chain.
    pub fn set_policy(&self, chain: ChainId, policy: MessagePolicy) {
        let mut policies = self.core.options.policies.write().unwrap_or_else(PoisonError::into_inner);
        policies.insert(chain, policy);
    }

    /// Asks the service of an application about a chain, as this client has seen it.
    pub async fn query(
        &self,
        chain: ChainId,
        application: ApplicationId,
        query: Vec<u8>,
    ) -> Result<Answered, QueryError> {
        let query: Arc<[u8]> = query.into();
        for _ in 0..FACTS_MAX {
            let asked = query.clone();
            let queried = self.look(chain, move |work| work.query(application, &asked)).await?;
            let fact = match queried {
                Queried::Answer(answered) => return Ok(answered),
                Queried::Stopped(Staged::Lacks(fact)) => fact,
                Queried::Stopped(Staged::Fails { problem, .. }) => return Err(QueryError::Fails(problem)),
                Queried::Stopped(other) => return Err(QueryError::Fault(format!("{other:?}"))),
            };
            if !self.core.learn_fact(&fact).await? {
                return Err(QueryError::Lacks(fact));
            }
        }
        Err(QueryError::Fault(format!("it needs more than {FACTS_MAX} blobs and events of other chains")))
    }

    /// Looks at a chain as this client has seen it.
    pub async fn look<T: Send + 'static>(
        &self,
        chain: ChainId,
        look: impl FnMut(&mut Work<'_, S::View>) -> Result<T, Lacking> + Send + 'static,
    ) -> Result<T, LocalError> {
        self.core.local.look(chain, look).early().await
    }

    /// How a member of the committee is reached, for questions that need no client.
    pub fn peer(&self, place: u8) -> &P {
        self.core.members.peer(place)
    }
}

fn check_peers<P>(network: &Network, peers: &[P]) -> Result<(), OpenError> {
    let members = network.committee(Epoch::ZERO).map_or(0, |committee| committee.validators().len());
    if peers.len() == members { Ok(()) } else { Err(OpenError::Peers { members, peers: peers.len() }) }
}

/// What the local node is made of, and what is needed later.
fn split(options: Options) -> (local::Options, Behaviour) {
    let Options { workers, patience, is_cautious, clock, engine, web, policies, on_failure } = options;
    let on_durable = Box::new(|_: local::Durable<'_>| ());
    let node = local::Options { role: Role::Client, key: None, workers, clock, engine, web, on_durable, on_failure };
    (node, Behaviour { patience, is_cautious, policies: RwLock::new(policies) })
}

impl<S: Store, P: Peer, K: Signer> Core<S, P, K> {
    /// What becomes of what others send to a chain.
    pub(crate) fn policy(&self, chain: ChainId) -> MessagePolicy {
        // Nothing that holds this lock panics.
        let policies = self.options.policies.read().unwrap_or_else(PoisonError::into_inner);
        policies.get(&chain).cloned().unwrap_or_default()
    }

    /// Runs `check` with what this client believes.
    pub(crate) fn trusting<T>(&self, check: impl FnOnce(Trust<'_>) -> T) -> T {
        let network = self.local.network();
        let committee = |epoch| network.committee(epoch);
        check(Trust { network: network.id(), committee: &committee, verifier: &**self.local.verifier() })
    }
}
