//! The round machine of a validator: one chain, one height, stepped by hand.
//!
//! It holds only what must be durable (R11), and of each block only the hash. Whoever steps it writes it down together
//! with the bodies of [`Machine::blocks`] before any answer leaves.

mod steps;

use crate::{Entry, Final, Manner, Opening, Reason, Terms, Verdict, entry::entry, rules::Basis};
use myceline_types::{
    Ballot, BlockHash, Certificate, CertificateKind, Checked, Header, Mutation, Proposal, Round, SignedVote,
    TimeoutCertificate, TimeoutRequest, Timestamp,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What one validator has signed, seen and entered at one height.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Machine {
    round: Round,
    timer: Option<Timestamp>,
    /// The votes given in this round, in order. Those of rounds that were left can never be asked for again.
    ballots: Vec<Ballot>,
    fast_vote: Option<FastVote>,
    lock: Option<Lock>,
    highest: Option<Certificate>,
    timeout: Option<TimeoutCertificate>,
    opening: Option<Box<Opening>>,
    decided: Option<Certificate>,
}

/// The vote given in round 0: later timeout votes report it (R6).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct FastVote {
    /// The block voted for.
    pub block: BlockHash,
    /// Whether its header says that no oracle was asked; only then it is reported.
    pub oracle_free: bool,
}

/// The last `Confirm` vote (R25).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Lock {
    /// The round of the vote.
    pub round: Round,
    /// The block confirmed.
    pub block: BlockHash,
}

/// What execution made of a proposal, or a header says. There is nothing to tell the machine of a proposal that could not
/// be executed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Executed {
    /// The hash of the header that came out.
    pub block: BlockHash,
    /// Whether that header says that no oracle was asked (R5).
    pub oracle_free: bool,
}

impl From<&Header> for Executed {
    fn from(header: &Header) -> Executed {
        Executed { block: header.hash(), oracle_free: header.is_oracle_free() }
    }
}

impl Machine {
    /// A machine for the height of `terms`, in its first round, that has seen nothing.
    pub fn new(terms: &Terms<'_>) -> Machine {
        Machine {
            round: terms.first_round(),
            timer: None,
            ballots: Vec::new(),
            fast_vote: None,
            lock: None,
            highest: None,
            timeout: None,
            opening: None,
            decided: None,
        }
    }

    /// Somebody proposes a block. The proposal carries its justification, which counts whatever becomes of it (R13).
    pub fn on_proposal(&mut self, terms: &Terms<'_>, now: Timestamp, proposal: &Checked<Proposal>) -> Verdict {
        match self.consider(terms, now, proposal) {
            Ok(Basis::New) => Verdict::Execute(Manner::New),
            Ok(Basis::Imposed) => Verdict::Execute(Manner::Imposed),
            Ok(Basis::Certified) => self.validate(terms, proposal, None),
            Err(verdict) => verdict,
        }
    }

    /// The block of a proposal was executed as asked. Everything may have changed since, so all rules are asked again (R14).
    pub fn on_executed(
        &mut self,
        terms: &Terms<'_>,
        now: Timestamp,
        proposal: &Checked<Proposal>,
        executed: Executed,
    ) -> Verdict {
        match self.consider(terms, now, proposal) {
            _ if terms.committee.drops(Mutation::RulesNotAskedAgain) => self.validate(terms, proposal, Some(executed)),
            Ok(Basis::New | Basis::Imposed) if executed.block != proposal.block => {
                Verdict::Refused(Reason::Mismatch(executed.block))
            }
            Ok(_) => self.validate(terms, proposal, Some(executed)),
            Err(verdict) => verdict,
        }
    }

    /// A certificate arrives, to be confirmed if it validates a block (R15), or as proof that the height is decided (R8).
    /// Whether one of round 0 is final by the fast quorum only its header says: ask [`crate::finality`] first.
    pub fn on_certificate(&mut self, terms: &Terms<'_>, now: Timestamp, certificate: &Checked<Certificate>) -> Verdict {
        if let Err(why) = self.is_open_to(terms, certificate.slot) {
            return Verdict::Refused(why);
        }
        self.see_certificate(terms, now, certificate);
        match certificate.kind {
            CertificateKind::Confirmed => Verdict::Noted,
            CertificateKind::Validated => self.confirm(terms, certificate),
        }
    }

    /// A round was left by enough weight (R19).
    pub fn on_timeout_certificate(
        &mut self,
        terms: &Terms<'_>,
        now: Timestamp,
        timeout: &Checked<TimeoutCertificate>,
    ) -> Verdict {
        if let Err(why) = self.is_open_to(terms, timeout.slot) {
            return Verdict::Refused(why);
        }
        self.see_timeout(terms, now, timeout);
        Verdict::Noted
    }

    /// Somebody asks to leave a round, perhaps showing that others left it (R16).
    pub fn on_timeout_request(
        &mut self,
        terms: &Terms<'_>,
        now: Timestamp,
        request: &Checked<TimeoutRequest>,
        votes: &[Checked<SignedVote>],
    ) -> Verdict {
        match self.consider_leaving(terms, now, request, votes) {
            Ok(()) => self.give(terms, self.round, Ballot::Timeout(self.report(terms))),
            Err(verdict) => verdict,
        }
    }

    /// The height is decided: nothing more is signed (R18).
    pub fn on_final(&mut self, decided: Final<'_>) {
        self.decided.get_or_insert_with(|| decided.certificate().clone());
    }

    /// The current round.
    pub fn round(&self) -> Round {
        self.round
    }

    /// Whether the current round was left (R12).
    pub fn is_closed(&self) -> bool {
        matches!(self.ballots.last(), Some(Ballot::Timeout(_)))
    }

    /// The votes given in the current round, in order.
    pub fn ballots(&self) -> &[Ballot] {
        &self.ballots
    }

    /// The vote given in round 0.
    pub fn fast_vote(&self) -> Option<&FastVote> {
        self.fast_vote.as_ref()
    }

    /// The last confirmed block.
    pub fn lock(&self) -> Option<&Lock> {
        self.lock.as_ref()
    }

    /// The highest validated certificate seen, never below the lock.
    pub fn highest(&self) -> Option<&Certificate> {
        self.highest.as_ref()
    }

    /// The newest timeout certificate seen.
    pub fn newest_timeout(&self) -> Option<&TimeoutCertificate> {
        self.timeout.as_ref()
    }

    /// What decided the height (R18).
    pub fn decided(&self) -> Option<&Certificate> {
        self.decided.as_ref()
    }

    /// When the current round has lasted long enough to be left on request (R16, R17); `None` while no time runs.
    pub fn deadline(&self, terms: &Terms<'_>) -> Option<Timestamp> {
        self.timer.map(|since| since.after(terms.duration(self.round)))
    }

    /// R19. What made this validator enter its round; `None` in the first round.
    pub fn entry(&self) -> Option<Entry> {
        entry(self.round, self.timeout.as_ref(), self.highest.as_ref(), self.opening.as_deref())
    }

    /// The blocks whose bodies are kept until the height is final, as far as they came (R11).
    pub fn blocks(&self) -> BTreeSet<BlockHash> {
        let voted = self.ballots.iter().filter_map(|ballot| match ballot {
            Ballot::Validate(block) | Ballot::Confirm(block) => Some(*block),
            Ballot::Timeout(_) => None,
        });
        let fast = self.fast_vote.iter().map(|vote| vote.block);
        let lock = self.lock.iter().map(|lock| lock.block);
        let certified = self.highest.iter().chain(&self.decided).map(|certificate| certificate.block);
        let opening = self.opening.iter().map(|opening| opening.block);
        voted.chain(fast).chain(lock).chain(certified).chain(opening).collect()
    }
}
