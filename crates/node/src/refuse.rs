//! From what the round machine refuses to what crosses the wire: bodies and certificates are added here (R27).

use crate::{
    cell::Lacking,
    certify::lacks_body,
    step::{Answer, TimeoutParts},
    stopped::Stepping,
    work::Work,
};
use myceline_consensus::{Entry, Opening, Reason};
use myceline_state::Snapshot;
use myceline_types::{
    Ballot, BlockHeight, BlockProblem, Body, Certificate, Evidence, Proposal, Refusal, Report, Round, Vote,
};

/// The answer that tells the asker of a reason, with whatever repairs it.
pub(crate) fn from_reason<S: Snapshot>(work: &Work<'_, S>, reason: Reason) -> Stepping<Answer> {
    let refusal = match reason {
        Reason::Slot(slot) => Refusal::Slot(slot),
        // The certificate came without the block, or it would be committed: with the block it will be.
        Reason::Final(certificate) => lacks_body(certificate.block),
        Reason::Round(round, entry) => Refusal::Round { round, evidence: evidence(work, round, entry)? },
        Reason::Voted(vote) => return Ok(voted(work, vote)?),
        Reason::Locked(certificate) => locked(work, *certificate)?,
        Reason::Closed(vote) => return Ok(Answer::Closed(timeout_parts(work, vote)?)),
        Reason::Unjustified(round) => Refusal::Unjustified(round),
        Reason::NotProposer(round) => Refusal::NotProposer(round),
        Reason::Author => Refusal::Block(BlockProblem::Author),
        Reason::TooEarly(_) => Refusal::TooEarly,
        Reason::Mismatch(_) => {
            unreachable!("only an executed block differs, and that is answered where it was executed")
        }
    };
    Ok(refusal.into())
}

fn voted<S: Snapshot>(work: &Work<'_, S>, vote: Vote) -> Result<Answer, Lacking> {
    let body = match vote.ballot {
        Ballot::Validate(block) | Ballot::Confirm(block) => work.body_of(block)?,
        Ballot::Timeout(_) => None,
    };
    Ok(Answer::Voted(vote, body.map(Box::new)))
}

fn locked<S: Snapshot>(work: &Work<'_, S>, certificate: Certificate) -> Result<Refusal, Lacking> {
    let body = work.body_of(certificate.block)?.map(Box::new);
    Ok(Refusal::Locked { certificate, body })
}

/// A timeout vote with the certificate or the block that it reports, body included.
pub(crate) fn timeout_parts<S: Snapshot>(work: &Work<'_, S>, vote: Vote) -> Result<TimeoutParts, Lacking> {
    let (certificate, block) = match vote.ballot {
        Ballot::Timeout(Report::Certificate(_, block)) => (work.standing.row.machine.highest().cloned(), Some(block)),
        Ballot::Timeout(Report::Fast(block)) => (None, Some(block)),
        Ballot::Timeout(Report::Nothing) | Ballot::Validate(_) | Ballot::Confirm(_) => (None, None),
    };
    let body = block.map(|block| work.body_of(block)).transpose()?.flatten().map(Box::new);
    Ok(TimeoutParts { vote, certificate, body })
}

fn evidence<S: Snapshot>(
    work: &Work<'_, S>,
    round: Round,
    entry: Option<Box<Entry>>,
) -> Result<Option<Evidence>, Lacking> {
    Ok(match entry.map(|entry| *entry) {
        None => None,
        Some(Entry::Timeout(timeout)) => Some(Evidence::Timeout(timeout)),
        Some(Entry::Certificate(certificate)) => Some(Evidence::Certificate(certificate)),
        Some(Entry::Proposal(opening)) => {
            let body = work.body_of(opening.block)?;
            body.map(|body| Evidence::Proposal(Box::new(proposal(opening, round, body))))
        }
    })
}

fn proposal(opening: Opening, round: Round, body: Body) -> Proposal {
    let Opening { block, justification, proposer, signature } = opening;
    Proposal { body, block, round, justification, proposer, signature }
}

/// The height is decided, and this is how.
pub(crate) fn final_refusal<S: Snapshot>(work: &Work<'_, S>, height: BlockHeight) -> Result<Refusal, Lacking> {
    Ok(work.certified(height)?.map_or(Refusal::Busy, |certified| Refusal::Final(Box::new(certified))))
}
