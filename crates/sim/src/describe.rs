//! Requests and answers in a few words, for the trace. Numbers that the operating system chose are left out.

use crate::world::World;
use myceline_types::{
    Ballot, BlockHash, Refusal, Report, Vote,
    api::{Request, Response},
};

impl World {
    /// A request in a few words.
    pub fn request(&self, request: &Request) -> String {
        match request {
            Request::Propose(request) => {
                let (slot, round) = (request.proposal.slot(), request.proposal.round);
                let block = short(request.proposal.block);
                format!("propose {block} {}:{} round {round}", self.name(slot.chain), slot.height)
            }
            Request::Certificate(request) => {
                let certificate = &request.certificate;
                let (slot, block) = (certificate.slot, short(certificate.block));
                let (kind, round) = (certificate.kind, certificate.round);
                format!("certificate {kind:?} {block} {}:{} round {round}", self.name(slot.chain), slot.height)
            }
            Request::TimeoutCertificate(timeout) => {
                format!(
                    "timeout certificate {}:{} round {}",
                    self.name(timeout.slot.chain),
                    timeout.slot.height,
                    timeout.round
                )
            }
            Request::LeaveRound(request) => {
                let request = &request.request;
                format!("leave {}:{} round {}", self.name(request.slot.chain), request.slot.height, request.round)
            }
            Request::Info { chain, .. } => format!("info {}", self.name(*chain)),
            Request::Inbox { chain, .. } => format!("inbox {}", self.name(*chain)),
            Request::Blocks { chain, from, limit } => format!("blocks {}:{from} at most {limit}", self.name(*chain)),
            Request::Commits { from, limit } => format!("commits {from} at most {limit}"),
            Request::CommitIndex { from, .. } => format!("commit index {from}"),
            Request::Blob(id) => format!("blob {id}"),
            Request::ChainsOf { owner, .. } => format!("chains of {owner}"),
            Request::Description(chain) => format!("description {}", self.name(*chain)),
            Request::StateProof { chain, .. } => format!("state proof {}", self.name(*chain)),
            Request::Genesis => "genesis".into(),
            Request::Where(fact) => format!("where is {fact}"),
        }
    }
}

/// An answer in a few words.
pub fn response(response: &Response) -> String {
    match response {
        Response::Vote(vote) => ballot(&vote.vote),
        Response::Timeout(answer) => ballot(&answer.vote.vote),
        Response::Round(round) => format!("in round {round}"),
        Response::Committed { next } => format!("committed, next {next}"),
        Response::Info(info) => format!("next {} round {}", info.info.next, info.info.round),
        Response::Inbox(entries) => format!("{} bundles", entries.len()),
        Response::Blocks(blocks) => format!("{} blocks", blocks.len()),
        Response::Commits { commits, next } => format!("{} commits, next {next}", commits.len()),
        Response::CommitIndex { entries, next } => format!("{} places, next {next}", entries.len()),
        Response::Blob(blob) => format!("blob {}", blob.is_some()),
        Response::Chains(chains) => format!("{} chains", chains.len()),
        Response::Description(description) => format!("description {}", description.is_some()),
        Response::StateProof(_) => "state proof".into(),
        Response::Genesis(_) => "genesis".into(),
        Response::Where(Some((_, height))) => format!("in block {height}"),
        Response::Where(None) => "nowhere".into(),
        Response::Refused(refusal) => refused(refusal),
    }
}

fn refused(refusal: &Refusal) -> String {
    match refusal {
        Refusal::Voted { vote, .. } => format!("no: voted {}", ballot(&vote.vote)),
        Refusal::Locked { certificate, .. } => {
            format!("no: locked on {} of round {}", short(certificate.block), certificate.round)
        }
        Refusal::Closed(answer) => format!("no: closed by {}", ballot(&answer.vote.vote)),
        Refusal::Final(certified) => format!("no: {} is final", short(certified.certificate.block)),
        refusal => format!("no: {refusal}"),
    }
}

fn ballot(vote: &Vote) -> String {
    let round = vote.round;
    match vote.ballot {
        Ballot::Validate(block) => format!("validate {} in round {round}", short(block)),
        Ballot::Confirm(block) => format!("confirm {} in round {round}", short(block)),
        Ballot::Timeout(Report::Nothing) => format!("leave round {round}"),
        Ballot::Timeout(Report::Fast(block)) => format!("leave round {round}, fast {}", short(block)),
        Ballot::Timeout(Report::Certificate(of, block)) => {
            format!("leave round {round}, certificate {} of round {of}", short(block))
        }
    }
}

/// The first digits of a block's name.
pub fn short(block: BlockHash) -> String {
    block.to_string().chars().take(6).collect()
}
