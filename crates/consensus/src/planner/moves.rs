//! The moves of a client, in the order in which they are considered: confirm, propose, leave.

use super::{CONTENTION_MAX, Exchange, Move, Planner, RETRY_PART, fast_grace};
use crate::{RoundKind, Terms, permits};
use myceline_types::{
    BlockHash, Certificate, CertificateKind, Justification, Phase, Round, TimeDelta, TimeoutCertificate, Timestamp,
};
use std::collections::BTreeSet;

impl Planner {
    /// R29 (2), R30. A block that was validated in the current round is sent for `Confirm`, once, and in round 0 not before
    /// late votes had their chance to make it final at once.
    pub(super) fn confirmation(&mut self, terms: &Terms<'_>, now: Timestamp, exchange: Exchange) -> Option<Move> {
        let certificate = self.highest.clone().filter(|certificate| certificate.round == self.round)?;
        if self.has_reached(Phase::Confirm) || !self.can_be_confirmed(terms) {
            return None;
        }
        if let Some(until) = self.grace_end(terms, exchange, &certificate).filter(|until| now < *until) {
            return Some(Move::Wait { until });
        }
        self.note(now, Phase::Confirm);
        Some(Move::SendForConfirm(certificate))
    }

    /// Whether those who answer and have not left the current round weigh a quorum.
    fn can_be_confirmed(&self, terms: &Terms<'_>) -> bool {
        let silent: u64 = self.silent.iter().map(|signer| terms.committee.weight(*signer)).sum();
        let left = self.tally.weight_leaving(terms.committee, self.round);
        terms.committee.total() >= terms.committee.quorum() + silent + left
    }

    /// R30. Until when late votes of round 0 are waited for: not at all unless they could still make up the fast quorum.
    fn grace_end(&self, terms: &Terms<'_>, exchange: Exchange, certificate: &Certificate) -> Option<Timestamp> {
        let sent = self.sent.filter(|_| exchange == Exchange::Open && certificate.round.is_fast())?;
        let quorum_at = self.quorum_at?;
        let possible = self.possible_fast_weight(terms, certificate.block);
        let could_be_fast = self.oracle_free.contains(&certificate.block) && possible >= terms.committee.fast_quorum();
        could_be_fast.then(|| quorum_at.after(fast_grace(quorum_at.since(sent.at))))
    }

    /// What votes of round 0 for `block` may still come to weigh: those not lost to silence or to another block.
    fn possible_fast_weight(&self, terms: &Terms<'_>, block: BlockHash) -> u64 {
        let voted = self.tally.voters(Round::FAST, CertificateKind::Validated).collect::<BTreeSet<_>>();
        let is_awaited = |signer: &u8| !voted.contains(signer) && !self.silent.contains(signer);
        let members = (0..=u8::MAX).take(terms.committee.validators().len());
        let awaited: u64 = members.filter(is_awaited).map(|signer| terms.committee.weight(signer)).sum();
        awaited + self.tally.weight(terms.committee, Round::FAST, CertificateKind::Validated, block)
    }

    /// R29 (3). A proposal in the current round if nobody has taken it, or else in the next multi-leader round.
    pub(super) fn next_proposal(&mut self, terms: &Terms<'_>, now: Timestamp) -> Option<Move> {
        if !self.has_tried(self.round)
            && let Some((block, justification)) = self.offer(terms, self.round)
            && !self.tally.is_spoilt(self.round, block)
        {
            self.note(now, Phase::Validate);
            return Some(Move::Propose { round: self.round, block, justification });
        }
        let round = self.next_multi_leader_round(terms)?;
        let (block, justification) = self.offer(terms, round)?;
        self.lost_rounds += 1;
        self.enter(now, round);
        self.note(now, Phase::Validate);
        Some(Move::Propose { round, block, justification })
    }

    /// R29. The next multi-leader round, or after repeated contention the last one.
    fn next_multi_leader_round(&self, terms: &Terms<'_>) -> Option<Round> {
        let next = self.round.next()?.max(Round(1));
        let last = terms.last_multi_leader_round();
        let round = if self.lost_rounds < CONTENTION_MAX { next } else { next.max(last) };
        (terms.kind(round) == Some(RoundKind::MultiLeader)).then_some(round)
    }

    /// R21 to R24. What this client can propose in `round` with what it knows: the block, and why it may be proposed.
    fn offer(&self, terms: &Terms<'_>, round: Round) -> Option<(BlockHash, Option<Justification>)> {
        if !terms.may_propose(&self.me, round) {
            return None;
        }
        match terms.kind(round)? {
            _ if round == terms.first_round() => self.own.map(|own| (own, None)),
            RoundKind::Fast => None,
            RoundKind::SingleLeader => self.offer_by_timeout(terms, self.timeout_before(round)?),
            RoundKind::MultiLeader => self.offer_multi(terms),
        }
    }

    /// R29 (3). The certified block if its certificate is newer than any timeout certificate, or else what that permits, or
    /// else the client's own block where it needs no reason.
    fn offer_multi(&self, terms: &Terms<'_>) -> Option<(BlockHash, Option<Justification>)> {
        let is_newest = |certificate: &&Certificate| self.timeout.as_ref().is_none_or(|t| certificate.round > t.round);
        if let Some(certificate) = self.highest.as_ref().filter(is_newest) {
            return Some((certificate.block, Some(Justification::Certificate(certificate.clone()))));
        }
        match &self.timeout {
            Some(timeout) => self.offer_by_timeout(terms, timeout),
            None if terms.ownership.has_fast_round() => None,
            None => self.own.map(|own| (own, None)),
        }
    }

    fn offer_by_timeout(
        &self,
        terms: &Terms<'_>,
        timeout: &TimeoutCertificate,
    ) -> Option<(BlockHash, Option<Justification>)> {
        let block = permits(timeout, terms.committee).only().or(self.own)?;
        Some((block, Some(Justification::Timeout(timeout.clone()))))
    }

    /// R22. The timeout certificate that a single-leader round needs.
    fn timeout_before(&self, round: Round) -> Option<&TimeoutCertificate> {
        self.timeout.as_ref().filter(|timeout| timeout.round.next() == Some(round))
    }

    /// R16, R29 (4). Asks to leave the current round as soon as validators may agree.
    pub(super) fn leave(&mut self, terms: &Terms<'_>, now: Timestamp) -> Move {
        if self.has_nothing_to_finish(terms) {
            return Move::Done;
        }
        let until = self.may_ask_at(terms);
        if now < until {
            return Move::Wait { until };
        }
        self.note(now, Phase::Timeout);
        Move::AskTimeout { round: self.round, entry: self.entry().map(Box::new), left: self.tally.leaving(self.round) }
    }

    /// R16, R17. When asking to leave makes sense: at once if the time of the round does not matter, or if nothing was sent in
    /// it yet, since time runs only where the round was entered; or else when its time is over, and again some time after
    /// having asked in vain.
    fn may_ask_at(&self, terms: &Terms<'_>) -> Timestamp {
        let duration = terms.duration(self.round);
        let is_free = terms.sole_proposer(self.round) == Some(self.me)
            || self.tally.weight_leaving(terms.committee, self.round) > terms.committee.faulty();
        let ends = if is_free || !self.has_tried(self.round) { Timestamp::ZERO } else { self.since.after(duration) };
        match self.sent.filter(|_| self.has_reached(Phase::Timeout)) {
            Some(sent) => ends.max(sent.at.after(TimeDelta(duration.0 / RETRY_PART))),
            None => ends,
        }
    }

    /// Whether the client has no block of its own, and nobody else's can have become final.
    fn has_nothing_to_finish(&self, terms: &Terms<'_>) -> bool {
        let imposed = self.timeout.as_ref().and_then(|timeout| permits(timeout, terms.committee).only());
        let is_untouched = self.tally.is_empty() || self.timeout.is_some();
        self.own.is_none() && self.highest.is_none() && imposed.is_none() && is_untouched
    }
}
