//! The rules by which a validator judges a proposal or a request to leave a round, as questions about plain values.
//! They change nothing; the machine asks them in order.

use crate::{Lock, RoundKind, Terms, permits};
use myceline_types::{
    Ballot, BlockHash, Certificate, CertificateKind, Checked, Justification, Mutation, Proposal, Round, SignedVote,
    TimeoutCertificate, TimeoutRequest, Timestamp,
};
use std::collections::BTreeMap;

/// What a validator relies on when it validates a block (R14).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Basis {
    /// Its own execution of a new block.
    New,
    /// Its own execution of a block that round-0 reports impose.
    Imposed,
    /// A validated certificate: a quorum has executed it.
    Certified,
}

/// R21 to R26. Whether what a proposal shows permits its block in its round.
pub(crate) fn is_justified(terms: &Terms<'_>, proposal: &Proposal) -> bool {
    match terms.kind(proposal.round) {
        _ if proposal.round == terms.first_round() => proposal.justification.is_none(),
        Some(RoundKind::SingleLeader) => is_justified_single(terms, proposal),
        Some(RoundKind::MultiLeader) => is_justified_multi(terms, proposal),
        Some(RoundKind::Fast) | None => false,
    }
}

/// R22. A single-leader round needs the timeout certificate of the round before.
fn is_justified_single(terms: &Terms<'_>, proposal: &Proposal) -> bool {
    match &proposal.justification {
        _ if terms.committee.drops(Mutation::NoTimeoutInSingleLeader) => true,
        Some(Justification::Timeout(timeout)) => {
            let is_the_round_before = timeout.round.next() == Some(proposal.round);
            let is_older =
                timeout.round < proposal.round && terms.committee.drops(Mutation::OlderTimeoutInSingleLeader);
            (is_the_round_before || is_older) && permits(timeout, terms.committee).allows(proposal.block)
        }
        Some(Justification::Certificate(_)) | None => false,
    }
}

/// R23, R24, R26. A multi-leader round needs any earlier timeout certificate that permits the block, or an earlier
/// certificate for it, or nothing where no block can have become final in a round 0 before.
fn is_justified_multi(terms: &Terms<'_>, proposal: &Proposal) -> bool {
    match &proposal.justification {
        Some(Justification::Timeout(timeout)) => {
            timeout.round < proposal.round && permits(timeout, terms.committee).allows(proposal.block)
        }
        Some(Justification::Certificate(certificate)) => {
            certificate.round < proposal.round && validates(certificate, proposal.block)
        }
        None => !terms.ownership.has_fast_round() || terms.committee.drops(Mutation::FreshAfterRoundZero),
    }
}

/// R25. A validator locked on a block takes another one with a newer certificate for it, or with a timeout certificate not
/// older than the lock that permits it. Asked in all rounds, though in a single-leader round R22 leaves nothing to refuse.
pub(crate) fn lock_permits(terms: &Terms<'_>, lock: Option<&Lock>, proposal: &Proposal) -> bool {
    let Some(lock) = lock else { return true };
    let drops = |rule| terms.committee.drops(rule);
    match &proposal.justification {
        _ if proposal.block == lock.block || drops(Mutation::NoLock) => true,
        Some(Justification::Certificate(newer)) => newer.round > lock.round || drops(Mutation::AnyCertificateReleases),
        Some(Justification::Timeout(_)) if drops(Mutation::TimeoutDoesNotRelease) => false,
        Some(Justification::Timeout(_)) if drops(Mutation::OlderTimeoutInSingleLeader) => true,
        Some(Justification::Timeout(timeout)) => timeout.round >= lock.round || drops(Mutation::AnyTimeoutReleases),
        None => drops(Mutation::NoTimeoutInSingleLeader),
    }
}

/// R14. What the vote for a justified proposal would rest on.
pub(crate) fn basis(terms: &Terms<'_>, lock: Option<&Lock>, proposal: &Proposal) -> Basis {
    let is_locked = lock.is_some_and(|lock| lock.block == proposal.block);
    match &proposal.justification {
        _ if is_locked => Basis::Certified,
        Some(Justification::Certificate(_)) => Basis::Certified,
        Some(Justification::Timeout(timeout)) => basis_of_timeout(terms, timeout, proposal.block),
        None => Basis::New,
    }
}

fn basis_of_timeout(terms: &Terms<'_>, timeout: &TimeoutCertificate, block: BlockHash) -> Basis {
    match &timeout.attached {
        Some(certificate) if validates(certificate, block) => Basis::Certified,
        _ if permits(timeout, terms.committee).only() == Some(block) => Basis::Imposed,
        _ => Basis::New,
    }
}

fn validates(certificate: &Certificate, block: BlockHash) -> bool {
    certificate.kind == CertificateKind::Validated && certificate.block == block
}

/// R20. A new block is its proposer's own. That of an imposed block was checked by an honest validator before.
pub(crate) fn has_right_author(basis: Basis, proposal: &Proposal) -> bool {
    basis != Basis::New || proposal.body.proposed.author == Some(proposal.proposer)
}

/// R16. Whether a round may be left now: its time is over, or nobody else may propose in it, or so many leave it that an
/// honest validator is among them. `over` is when its time is over.
pub(crate) fn may_leave(
    terms: &Terms<'_>,
    now: Timestamp,
    over: Timestamp,
    request: &TimeoutRequest,
    votes: &[Checked<SignedVote>],
) -> bool {
    now >= over
        || terms.sole_proposer(request.round) == Some(request.requester)
        || weight_leaving(terms, request.round, votes) > terms.committee.faulty()
}

/// R16 (c). What those weigh who left `round`, each counted once.
fn weight_leaving(terms: &Terms<'_>, round: Round, votes: &[Checked<SignedVote>]) -> u64 {
    let leaves = |signed: &&Checked<SignedVote>| {
        signed.vote.slot == terms.slot && signed.vote.round == round && matches!(signed.vote.ballot, Ballot::Timeout(_))
    };
    let weights: BTreeMap<u8, u64> =
        votes.iter().filter(leaves).map(|signed| (signed.signer, terms.committee.weight(signed.signer))).collect();
    weights.values().sum()
}
