//! Dishonest validators, one type for each way: what they answer instead of what the rules say.

use crate::trace::lock;
use myceline_rpc::{Handler, Incoming, Subscriber};
use myceline_types::{
    Ballot, BlockHeight, CertificateKind, NetworkId, Refusal, Report, Round, SignedVote, Slot, TimeoutAnswer,
    ValidatorSecret, Vote,
    api::{Info, Request, Response, SignedInfo, Subscribe},
    merkle,
    vote::VoteSignature,
};
use std::sync::Mutex;

/// A way of being dishonest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Behaviour {
    /// Takes every request and answers none.
    Silent,
    /// Is not there: whoever asks it learns at once that nobody listens.
    Away,
    /// Votes for whatever it is asked to, however it voted before; says that it has committed everything and has nothing;
    /// claims heights that do not exist.
    Equivocates,
}

/// A dishonest validator.
pub struct Dishonest {
    behaviour: Behaviour,
    secret: ValidatorSecret,
    signer: u8,
    network: NetworkId,
    /// Requests of a silent validator, whose askers wait.
    ignored: Mutex<Vec<Incoming>>,
}

impl Dishonest {
    /// The validator at a place of the committee.
    pub fn new(behaviour: Behaviour, secret: ValidatorSecret, signer: u8, network: NetworkId) -> Dishonest {
        Dishonest { behaviour, secret, signer, network, ignored: Mutex::default() }
    }

    fn answer(&self, request: &Request) -> Response {
        match request {
            Request::Propose(request) => {
                let proposal = &request.proposal;
                Response::Vote(self.sign(proposal.slot(), proposal.round, Ballot::Validate(proposal.block)))
            }
            Request::Certificate(request) => {
                let certificate = &request.certificate;
                match (certificate.kind, certificate.slot.height.next()) {
                    (CertificateKind::Confirmed, Some(next)) => Response::Committed { next },
                    _ => {
                        let ballot = Ballot::Confirm(certificate.block);
                        Response::Vote(self.sign(certificate.slot, certificate.round, ballot))
                    }
                }
            }
            Request::LeaveRound(request) => {
                let request = &request.request;
                let vote = self.sign(request.slot, request.round, Ballot::Timeout(Report::Nothing));
                Response::Timeout(Box::new(TimeoutAnswer { vote, certificate: None, body: None }))
            }
            Request::Info { chain, nonce } => {
                let next = BlockHeight(u64::from(chain.0.0[0]) % 9);
                let info = Info { chain: *chain, nonce: *nonce, next, tip: None, round: Round(0), vote: None };
                let signature = self.secret.sign_as_owner(info.digest(self.network));
                Response::Info(Box::new(SignedInfo { info, signer: self.signer, signature }))
            }
            Request::Inbox { .. } => Response::Inbox(Vec::new()),
            Request::Blocks { .. } => Response::Blocks(Vec::new()),
            Request::CommitIndex { from, .. } => Response::CommitIndex { entries: Vec::new(), next: *from },
            Request::Blob(_) => Response::Blob(None),
            Request::Where(_) => Response::Where(None),
            Request::ChainsOf { .. } => Response::Chains(Vec::new()),
            Request::Description(_) => Response::Description(None),
            Request::TimeoutCertificate(_)
            | Request::Commits { .. }
            | Request::StateProof { .. }
            | Request::Genesis => Response::Refused(Box::new(Refusal::Busy)),
        }
    }

    fn sign(&self, slot: Slot, round: Round, ballot: Ballot) -> SignedVote {
        let vote = Vote { slot, round, ballot };
        let (top, mut paths) = merkle::top_and_paths(&[vote.leaf(self.network)]);
        let path = paths.pop().expect("one leaf has one path");
        let signature = self.secret.sign_batch(self.network, top);
        SignedVote { vote, signer: self.signer, signature: VoteSignature { signature, path } }
    }
}

impl Handler for Dishonest {
    fn handle(&self, requests: Vec<Incoming>) {
        for incoming in requests {
            match self.behaviour {
                Behaviour::Silent | Behaviour::Away => lock(&self.ignored).push(incoming),
                Behaviour::Equivocates => {
                    let answer = self.answer(&incoming.request);
                    incoming.reply.send(answer);
                }
            }
        }
    }

    fn subscribe(&self, _: Subscribe, _: Subscriber) -> Result<(), Refusal> {
        Err(Refusal::Busy)
    }
}
