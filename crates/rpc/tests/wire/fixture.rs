//! A validator that does what a test says, and how to reach it.

use myceline_rpc::{Gone, GrpcPeer, Handler, Incoming, Limits, Outgoing, Subscriber, grpc::PeerSettings, serve};
use myceline_types::{
    BlockHeight, ChainId, Hash, Refusal, Round,
    api::{Notification, Reason, Request, Response, Subscribe},
};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle, time::timeout};

/// A validator with one rule for all requests. It keeps its subscribers.
pub struct Fake<F> {
    rule: F,
    pub subscribers: Mutex<Vec<(Subscribe, Subscriber)>>,
}

impl<F: Fn(Vec<Incoming>) + Send + Sync + 'static> Fake<F> {
    pub fn new(rule: F) -> Arc<Fake<F>> {
        Arc::new(Fake { rule, subscribers: Mutex::default() })
    }

    /// Tells every subscriber; says whether all of them were still there.
    pub fn notify(&self, notification: Notification) -> Result<(), Gone> {
        self.subscribers.lock().unwrap().iter().try_for_each(|(_, subscriber)| subscriber.notify(notification))
    }
}

impl<F: Fn(Vec<Incoming>) + Send + Sync + 'static> Handler for Fake<F> {
    fn handle(&self, requests: Vec<Incoming>) {
        (self.rule)(requests);
    }

    /// A subscription to nothing is refused.
    fn subscribe(&self, subscribe: Subscribe, subscriber: Subscriber) -> Result<(), Refusal> {
        if subscribe.chains.is_empty() {
            return Err(Refusal::Lagging { next: BlockHeight(7) });
        }
        self.subscribers.lock().unwrap().push((subscribe, subscriber));
        Ok(())
    }
}

/// Answers every question for a chain's standing with the height that is its nonce.
pub fn echo(requests: Vec<Incoming>) {
    for Incoming { request, reply } in requests {
        reply.send(echo_of(&request));
    }
}

pub fn echo_of(request: &Request) -> Response {
    match request {
        Request::Info { nonce, .. } => Response::Committed { next: BlockHeight(*nonce) },
        _ => refused(Refusal::TooEarly),
    }
}

pub fn refused(refusal: Refusal) -> Response {
    Response::Refused(Box::new(refusal))
}

pub fn chain() -> ChainId {
    ChainId(Hash([7; 32]))
}

/// A question whose number comes back from [`echo`].
pub fn ask(nonce: u64) -> Outgoing {
    Request::Info { chain: chain(), nonce }.into()
}

pub fn answer(nonce: u64) -> Response {
    Response::Committed { next: BlockHeight(nonce) }
}

pub fn news(sequence: u64) -> Notification {
    Notification { sequence, reason: Reason::NewRound { chain: chain(), height: BlockHeight(1), round: Round(2) } }
}

pub fn follow() -> Subscribe {
    Subscribe { chains: vec![chain()], resume: None }
}

/// How long a test waits for what must happen.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// Waits until `what` is so.
pub async fn until(what: &str, is_so: impl Fn() -> bool) {
    let wait = async {
        while !is_so() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    timeout(PATIENCE, wait).await.expect(what);
}

/// A validator that holds requests until it is told to answer.
#[derive(Clone, Default)]
pub struct Held(Arc<Mutex<Vec<Incoming>>>);

impl Held {
    pub fn rule(&self) -> impl Fn(Vec<Incoming>) + Send + Sync + 'static {
        let held = self.0.clone();
        move |requests| held.lock().unwrap().extend(requests)
    }

    pub fn count(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    pub async fn wait_for(&self, count: usize) {
        until("so many requests arrive", || self.count() >= count).await;
    }

    /// Answers what is held, and lets go of it.
    pub fn answer(&self) {
        let held = std::mem::take(&mut *self.0.lock().unwrap());
        echo(held);
    }
}

/// A running server.
pub struct Running {
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    served: JoinHandle<()>,
}

impl Running {
    pub async fn start<H: Handler>(handler: Arc<H>, limits: Limits) -> Running {
        Running::start_at(([127, 0, 0, 1], 0).into(), handler, limits).await
    }

    pub async fn start_at<H: Handler>(address: SocketAddr, handler: Arc<H>, limits: Limits) -> Running {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        let served = tokio::spawn(serve(listener, handler, limits, async { drop(stopped.await) }));
        Running { address, stop, served }
    }

    pub fn peer(&self) -> GrpcPeer {
        self.peer_with(PeerSettings::default())
    }

    pub fn peer_with(&self, settings: PeerSettings) -> GrpcPeer {
        GrpcPeer::new(&format!("http://{}", self.address), settings).unwrap()
    }

    /// Returns when the server has.
    pub async fn stop(self) {
        drop(self.stop);
        self.served.await.unwrap();
    }
}
