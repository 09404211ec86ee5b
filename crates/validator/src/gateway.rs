//! The gateway: takes every call of the API to whoever answers it. Steps go to the worker that has the chain; reading
//! what is durable needs no chain.

use crate::{hub::Hub, latest::Latest};
use myceline_client::local::{ChainRequest, Done, Ended, LocalNode};
use myceline_node::{layout::BIRTHS, read, source};
use myceline_rpc::{Handler, Incoming, Reply, Subscriber};
use myceline_state::{Absent, Snapshot};
use myceline_storage::Store;
use myceline_types::{
    ChainId, Refusal,
    api::{CertificateRequest, PAGE_MAX, ProposeRequest, Request, Response, SUBSCRIBED_CHAINS_MAX, Subscribe},
};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// Certified blocks that may come with a proposal.
const ORIGINS_MAX: usize = 256;

/// Answers the calls of a validator's API.
pub struct Gateway<S: Store> {
    local: LocalNode<S>,
    hub: Arc<Hub>,
    latest: Arc<Latest>,
    runtime: Option<tokio::runtime::Handle>,
}

impl<S: Store> Gateway<S> {
    /// Answers from this local node. Reading from the store happens on the runtime's threads for blocking work; without a
    /// runtime it happens where the call is taken.
    pub fn new(
        local: LocalNode<S>,
        hub: Arc<Hub>,
        latest: Arc<Latest>,
        runtime: Option<tokio::runtime::Handle>,
    ) -> Gateway<S> {
        Gateway { local, hub, latest, runtime }
    }

    fn answer(&self, request: Request, reply: Reply) {
        match request {
            Request::Propose(request) if !request.origins.is_empty() => self.take_origins(*request, reply),
            Request::Propose(request) => self.propose(request, reply),
            Request::Certificate(request) => {
                self.step(request.certificate.slot.chain, ChainRequest::Certificate(request), reply);
            }
            Request::TimeoutCertificate(timeout) => {
                self.step(timeout.slot.chain, ChainRequest::TimeoutCertificate(timeout), reply);
            }
            Request::LeaveRound(request) => {
                self.step(request.request.slot.chain, ChainRequest::LeaveRound(request), reply);
            }
            Request::Info { chain, nonce } => self.step(chain, ChainRequest::Info(nonce), reply),
            Request::StateProof { chain, key } => {
                self.step(chain, ChainRequest::Act(Box::new(move |work| work.state_proof(&key.0))), reply);
            }
            Request::Genesis => reply.send(Response::Genesis(Box::new(self.local.network().genesis().clone()))),
            Request::CommitIndex { from, limit } => match self.latest.page(from, page(limit)) {
                Some((entries, next)) => reply.send(Response::CommitIndex { entries, next }),
                None => self.read(request, reply),
            },
            reading => self.read(reading, reply),
        }
    }

    fn propose(&self, request: Box<ProposeRequest>, reply: Reply) {
        let chain = request.proposal.body.proposed.chain;
        self.step(chain, ChainRequest::Propose(request), reply);
    }

    fn step(&self, chain: ChainId, request: ChainRequest<S>, reply: Reply) {
        let done: Done = Box::new(move |ended| reply.send(response(chain, ended)));
        // A rejected job drops the reply, which tells the asker that this validator is busy.
        let _ = self.local.submit(chain, request, done);
    }

    /// Takes the certified blocks that came with a proposal first; once all are durable, the proposal finds their bundles.
    fn take_origins(&self, mut request: ProposeRequest, reply: Reply) {
        let origins = std::mem::take(&mut request.origins);
        if origins.len() > ORIGINS_MAX {
            return reply.refuse(Refusal::Malformed(format!("more than {ORIGINS_MAX} origin blocks")));
        }
        let open = Arc::new(AtomicUsize::new(origins.len()));
        let (local, rest) = (self.local.clone(), Arc::new(std::sync::Mutex::new(Some((Box::new(request), reply)))));
        for origin in origins {
            let chain = origin.block.proposed.chain;
            let taking =
                CertificateRequest { certificate: origin.certificate, block: Some(origin.block), blobs: Vec::new() };
            let (open, local, rest) = (open.clone(), local.clone(), rest.clone());
            let done: Done = Box::new(move |_| {
                if open.fetch_sub(1, Ordering::AcqRel) > 1 {
                    return;
                }
                let Some((request, reply)) = rest.lock().ok().and_then(|mut rest| rest.take()) else { return };
                let chain = request.proposal.body.proposed.chain;
                let done: Done = Box::new(move |ended| reply.send(response(chain, ended)));
                let _ = local.submit(chain, ChainRequest::Propose(request), done);
            });
            // A rejected origin drops its part; the proposal's reply goes with the last one and says that we are busy.
            let _ = self.local.submit(chain, ChainRequest::Certificate(Box::new(taking)), done);
        }
    }

    fn read(&self, request: Request, reply: Reply) {
        let local = self.local.clone();
        let answer = move || match read_durable(&local, request) {
            Ok(response) => reply.send(response),
            Err(absent) => {
                tracing::error!(?absent, "a row cannot be read");
                reply.refuse(Refusal::Busy);
            }
        };
        match &self.runtime {
            Some(runtime) => drop(runtime.spawn_blocking(answer)),
            None => answer(),
        }
    }
}

impl<S: Store> Handler for Gateway<S> {
    fn handle(&self, requests: Vec<Incoming>) {
        for Incoming { request, reply } in requests {
            self.answer(request, reply);
        }
    }

    fn subscribe(&self, subscribe: Subscribe, subscriber: Subscriber) -> Result<(), Refusal> {
        if subscribe.chains.len() > SUBSCRIBED_CHAINS_MAX {
            return Err(Refusal::Malformed(format!("more than {SUBSCRIBED_CHAINS_MAX} chains in one subscription")));
        }
        self.hub.subscribe(subscribe, subscriber);
        Ok(())
    }
}

/// What the asker learns of how a step ended.
fn response(chain: ChainId, ended: Ended) -> Response {
    let refusal = match ended {
        Ended::Durable(Some(response)) => return response,
        Ended::UnknownChain => Refusal::UnknownChain(chain),
        Ended::Durable(None) => Refusal::Busy,
        Ended::Unreadable(why) => {
            tracing::error!(%chain, why, "the store cannot be read");
            Refusal::Busy
        }
    };
    Response::Refused(Box::new(refusal))
}

/// How many entries a page has.
fn page(limit: u32) -> usize {
    limit.min(PAGE_MAX) as usize
}

fn read_durable<S: Store>(local: &LocalNode<S>, request: Request) -> Result<Response, Absent> {
    let view = local.view();
    Ok(match request {
        Request::Inbox { chain, after, limit } => Response::Inbox(read::waiting(&view, chain, after, page(limit))?),
        Request::Blocks { chain, from, limit } => Response::Blocks(read::blocks(&view, chain, from, page(limit))?),
        Request::Commits { from, limit } => {
            let (commits, next) = read::commits(&view, from, page(limit))?;
            Response::Commits { commits, next }
        }
        Request::CommitIndex { from, limit } => {
            let (entries, next) = read::commit_index(&view, from, page(limit))?;
            Response::CommitIndex { entries, next }
        }
        Request::Blob(id) => Response::Blob(read::blob(&view, id)?),
        Request::Where(fact) => Response::Where(source(&view, &fact)?),
        Request::ChainsOf { owner, after, limit } => {
            Response::Chains(read::chains_of(&view, owner, after, page(limit))?)
        }
        Request::Description(chain) => Response::Description(description(local, &view, chain)?.map(Box::new)),
        Request::Propose(_)
        | Request::Certificate(_)
        | Request::TimeoutCertificate(_)
        | Request::LeaveRound(_)
        | Request::Info { .. }
        | Request::StateProof { .. }
        | Request::Genesis => Response::Refused(Box::new(Refusal::Busy)),
    })
}

fn description<S: Store>(
    local: &LocalNode<S>,
    view: &impl Snapshot,
    chain: ChainId,
) -> Result<Option<myceline_types::ChainDescription>, Absent> {
    match local.network().root(chain) {
        Some(description) => Ok(Some(description.clone())),
        None => BIRTHS.get(view, &chain),
    }
}
