//! A validator put together: store, local node with the key, gateway, catching up and monitoring, until it is told to end.

use crate::{
    catch_up::{Neighbour, catch_up},
    gateway::Gateway,
    hub::Hub,
    latest::Latest,
    metrics::Metrics,
    monitor::{Monitor, Watching},
    producer::{Bells, Producer, ValidatorSigner},
};
use myceline_client::{
    Client, Clock, OpenError,
    local::{LocalNode, Options, Stepper},
};
use myceline_node::{Engine, NativeOnly, Network, Offline, Role, VoteKey, Web};
use myceline_rpc::{GrpcPeer, Limits, Peer, grpc::PeerSettings, serve};
use myceline_storage::{CommitError, Store};
use myceline_types::{Epoch, TimeDelta, ValidatorKey, crypto::ValidatorSecret};
use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::net::TcpListener;

/// How long a block of a public chain may take before the attempt ends and the chain is looked at again.
const PRODUCER_PATIENCE: TimeDelta = TimeDelta::from_millis(30_000);

/// A validator's local node with what hangs on it.
pub struct Validator<S: Store> {
    local: LocalNode<S>,
    signer: ValidatorSigner,
    told: Told,
}

/// Who is told of what has become durable.
#[derive(Clone)]
struct Told {
    hub: Arc<Hub>,
    metrics: Arc<Metrics>,
    latest: Arc<Latest>,
    bells: Arc<Bells>,
}

/// What applications run on.
pub struct Guests {
    /// Runs them.
    pub engine: Arc<dyn Engine>,
    /// Asks servers for them.
    pub web: Arc<dyn Web>,
}

impl Guests {
    /// None that is more than the native token, and no servers.
    pub fn none() -> Guests {
        Guests { engine: Arc::new(NativeOnly), web: Arc::new(Offline) }
    }
}

/// Why a validator cannot start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The key belongs to nobody who may vote.
    #[error("the committee of network {network} has no validator with key {key}: check the key file and the genesis")]
    NotInCommittee {
        /// The network's name.
        network: String,
        /// The public key.
        key: ValidatorKey,
    },
}

impl<S: Store> Validator<S> {
    /// Starts the workers. `on_failure` is told when the store fails, and must end the process.
    pub fn start(
        network: Arc<Network>,
        store: S,
        secret: ValidatorSecret,
        workers: usize,
        guests: Guests,
        on_failure: impl Fn(CommitError) + Send + 'static,
    ) -> Result<Validator<S>, StartError> {
        let signer = ValidatorSigner::new(secret.clone());
        let (options, told) = prepare(&network, secret, workers, on_failure)?;
        let options = Options { engine: guests.engine, web: guests.web, ..options };
        Ok(Validator { local: LocalNode::start(network, store, options), signer, told })
    }

    /// A validator with one worker that tells the time by this clock: for tests in which time passes at once.
    pub fn start_at(
        network: Arc<Network>,
        store: S,
        secret: ValidatorSecret,
        clock: Clock,
        guests: Guests,
        on_failure: impl Fn(CommitError) + Send + 'static,
    ) -> Result<Validator<S>, StartError> {
        let signer = ValidatorSigner::new(secret.clone());
        let (options, told) = prepare(&network, secret, 1, on_failure)?;
        let options = Options { clock, engine: guests.engine, web: guests.web, ..options };
        Ok(Validator { local: LocalNode::start(network, store, options), signer, told })
    }

    /// A validator without threads, by this clock: whoever holds the [`Stepper`] says when it steps and when it commits.
    pub fn stepped(
        network: Arc<Network>,
        store: S,
        secret: ValidatorSecret,
        clock: Clock,
    ) -> Result<(Validator<S>, Stepper<S>), StartError> {
        let signer = ValidatorSigner::new(secret.clone());
        let (options, told) = prepare(&network, secret, 1, |_| ())?;
        let options = Options { clock, ..options };
        let (local, stepper) = LocalNode::stepped(network, store, options);
        Ok((Validator { local, signer, told }, stepper))
    }

    /// Answers calls of the API.
    pub fn gateway(&self) -> Gateway<S> {
        self.gateway_on(Some(tokio::runtime::Handle::current()))
    }

    /// Answers calls of the API without threads: reading from the store happens where the call is taken.
    pub fn gateway_here(&self) -> Gateway<S> {
        self.gateway_on(None)
    }

    fn gateway_on(&self, runtime: Option<tokio::runtime::Handle>) -> Gateway<S> {
        Gateway::new(self.local.clone(), self.told.hub.clone(), self.told.latest.clone(), runtime)
    }

    /// Makes the blocks of public chains, by these ways to all members of the committee in its order.
    pub fn producer<P: Peer>(&self, peers: Vec<P>) -> Result<Producer<S, P>, OpenError> {
        let client = Client::on(self.local.clone(), peers, self.signer.clone(), PRODUCER_PATIENCE)?;
        Ok(Producer::new(client, self.told.bells.clone()))
    }

    /// The local node.
    pub fn local(&self) -> &LocalNode<S> {
        &self.local
    }

    /// Serves clients on `listener`, and watchers where they connect, until `shutdown`; meanwhile catches up from the other members
    /// of the committee.
    pub async fn run(
        self,
        listener: TcpListener,
        watching: Option<Watching>,
        key: ValidatorKey,
        shutdown: impl Future<Output = ()>,
    ) {
        let ready = Arc::new(AtomicBool::new(true));
        let following = tokio::spawn(catch_up(self.local.clone(), neighbours(self.local.network(), key)));
        let producing = tokio::spawn(self.produce());
        let watching = watching.map(|Watching { listener, genesis }| {
            let (metrics, hub, ready) = (self.told.metrics.clone(), self.told.hub.clone(), ready.clone());
            let monitor = Monitor { genesis: genesis.into(), metrics, hub, ready };
            tokio::spawn(Arc::new(monitor).serve(listener))
        });
        let stopping = async {
            shutdown.await;
            ready.store(false, Ordering::Release);
            self.told.hub.close();
        };
        serve(listener, Arc::new(self.gateway()), Limits::default(), stopping).await;
        following.abort();
        producing.abort();
        watching.inspect(tokio::task::JoinHandle::abort);
    }

    /// Makes the blocks of public chains, where there are any and the committee's addresses are such.
    fn produce(&self) -> impl Future<Output = ()> + Send + use<S> {
        let members = self.local.network().committee(Epoch::ZERO).map_or(&[][..], |committee| committee.validators());
        let peers = members.iter().map(|member| GrpcPeer::new(&member.address, PeerSettings::default()));
        let producer = peers.collect::<Result<Vec<_>, _>>().map(|peers| self.producer(peers));
        async move {
            match producer {
                Ok(Ok(producer)) => producer.run().await,
                Ok(Err(why)) => tracing::warn!(%why, "makes no blocks of public chains"),
                Err(why) => tracing::warn!(%why, "makes no blocks of public chains"),
            }
        }
    }
}

/// What a validator's local node is made of, with who is told by it.
fn prepare(
    network: &Network,
    secret: ValidatorSecret,
    workers: usize,
    on_failure: impl Fn(CommitError) + Send + 'static,
) -> Result<(Options, Told), StartError> {
    let key = secret.public();
    let signer = network.committee(Epoch::ZERO).and_then(|committee| committee.index_of(&key));
    let Some(signer) = signer else {
        return Err(StartError::NotInCommittee { network: network.genesis().name.clone(), key });
    };
    let told = Told {
        hub: Arc::default(),
        metrics: Arc::default(),
        latest: Arc::default(),
        bells: Arc::new(Bells::of(network)),
    };
    let telling = told.clone();
    let options = Options {
        role: Role::Validator,
        key: Some(VoteKey::new(secret, signer, network.id())),
        workers,
        clock: Clock::default(),
        engine: Arc::new(NativeOnly),
        web: Arc::new(Offline),
        on_durable: Box::new(move |durable| {
            telling.metrics.observe(&durable);
            telling.latest.add(durable.commits);
            telling.bells.ring(&durable);
            telling.hub.publish(durable.notifications);
        }),
        on_failure: Box::new(on_failure),
    };
    Ok((options, told))
}

/// The other members of the committee. Addresses that are none are left out, and said.
fn neighbours(network: &Network, key: ValidatorKey) -> Vec<Neighbour<GrpcPeer>> {
    let members = network.committee(Epoch::ZERO).map_or(&[][..], |committee| committee.validators());
    let others = members.iter().filter(|member| member.key != key);
    others
        .filter_map(|member| match GrpcPeer::new(&member.address, PeerSettings::default()) {
            Ok(peer) => Some(Neighbour { key: member.key, peer }),
            Err(why) => {
                tracing::warn!(peer = %member.key, address = member.address, %why, "cannot be reached for catching up");
                None
            }
        })
        .collect()
}
