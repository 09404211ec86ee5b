//! How the machine judges an event and changes its state: the rules in their order, then one change, then one answer.

use super::{Executed, FastVote, Lock, Machine};
use crate::{
    Opening, Reason, RoundKind, Terms, Verdict,
    rules::{self, Basis},
};
use myceline_types::{
    Ballot, Certificate, CertificateKind, Checked, Justification, Mutation, Proposal, Report, Round, SignedVote, Slot,
    TimeoutCertificate, TimeoutRequest, Timestamp, Vote,
};

impl Machine {
    /// R14. Asks all rules about a proposal: what a vote for it would rest on, or what to answer instead.
    pub(super) fn consider(
        &mut self,
        terms: &Terms<'_>,
        now: Timestamp,
        proposal: &Proposal,
    ) -> Result<Basis, Verdict> {
        self.is_about(terms, proposal.slot()).map_err(Verdict::Refused)?;
        let keeps_what_it_refuses = !terms.committee.drops(Mutation::RefusedCertificateForgotten);
        if keeps_what_it_refuses {
            self.see_justification(terms, now, proposal.justification.as_ref());
        }
        self.is_undecided().map_err(Verdict::Refused)?;
        if let Some(vote) = self.given(terms, proposal.round, Ballot::Validate(proposal.block)) {
            return Err(Verdict::Already(vote));
        }
        let basis = self.permit(terms, now, proposal).map_err(Verdict::Refused)?;
        if !keeps_what_it_refuses {
            self.see_justification(terms, now, proposal.justification.as_ref());
        }
        Ok(basis)
    }

    /// The rules about a proposal of an undecided height, in their order. On the way the proposal may open its round.
    fn permit(&mut self, terms: &Terms<'_>, now: Timestamp, proposal: &Proposal) -> Result<Basis, Reason> {
        self.is_reachable(terms, proposal)?;
        if !terms.may_propose(&proposal.proposer, proposal.round) {
            return Err(Reason::NotProposer(proposal.round));
        }
        if !rules::is_justified(terms, proposal) {
            return Err(Reason::Unjustified(proposal.round));
        }
        self.open_round(now, proposal);
        let basis = rules::basis(terms, self.lock.as_ref(), proposal);
        if !rules::has_right_author(basis, proposal) {
            return Err(Reason::Author);
        }
        self.timer.get_or_insert(now);
        self.is_free_to_validate(terms, proposal.round)?;
        if !rules::lock_permits(terms, self.lock.as_ref(), proposal) {
            return Err(self.locked(terms, proposal.round));
        }
        Ok(basis)
    }

    /// R16. Asks all rules about a request to leave a round.
    pub(super) fn consider_leaving(
        &mut self,
        terms: &Terms<'_>,
        now: Timestamp,
        request: &TimeoutRequest,
        votes: &[Checked<SignedVote>],
    ) -> Result<(), Verdict> {
        self.is_open_to(terms, request.slot).map_err(Verdict::Refused)?;
        if !terms.may_ask_for_timeout(&request.requester) {
            return Err(Verdict::Refused(Reason::NotProposer(request.round)));
        }
        if request.round != self.round {
            return Err(Verdict::Refused(self.elsewhere()));
        }
        if let Some(ballot @ Ballot::Timeout(_)) = self.ballots.last() {
            return Err(Verdict::Already(self.vote(terms, *ballot)));
        }
        let since = *self.timer.get_or_insert(now);
        let over = since.after(terms.duration(self.round));
        if !rules::may_leave(terms, now, over, request, votes) {
            return Err(Verdict::Refused(Reason::TooEarly(over)));
        }
        Ok(())
    }

    /// R14. Validates the block of a proposal that passed all rules. Round 0 is never without execution, so its vote knows
    /// whether the block is oracle-free.
    pub(super) fn validate(&mut self, terms: &Terms<'_>, proposal: &Proposal, executed: Option<Executed>) -> Verdict {
        if proposal.round.is_fast() {
            let oracle_free = executed.is_some_and(|executed| executed.oracle_free);
            self.fast_vote = Some(FastVote { block: proposal.block, oracle_free });
        }
        self.give(terms, proposal.round, Ballot::Validate(proposal.block))
    }

    /// R15. Confirms a block that was validated in the current round, and is locked on it from then on.
    pub(super) fn confirm(&mut self, terms: &Terms<'_>, certificate: &Certificate) -> Verdict {
        let ballot = Ballot::Confirm(certificate.block);
        if let Some(vote) = self.given(terms, certificate.round, ballot) {
            return Verdict::Already(vote);
        }
        if let Err(why) = self.is_free_to_confirm(terms, certificate) {
            return Verdict::Refused(why);
        }
        if !terms.committee.drops(Mutation::NothingKeptOfConfirm) {
            self.lock = Some(Lock { round: certificate.round, block: certificate.block });
        }
        let round =
            if terms.committee.drops(Mutation::ConfirmWithLowerCertificate) { self.round } else { certificate.round };
        self.give(terms, round, ballot)
    }

    /// R6. What a timeout vote of this validator reports, in every round.
    pub(super) fn report(&self, terms: &Terms<'_>) -> Report {
        match (&self.highest, &self.fast_vote) {
            (Some(highest), _) if !terms.committee.drops(Mutation::NoCertificateReports) => {
                Report::Certificate(highest.round, highest.block)
            }
            (_, Some(vote)) if self.reports_fast_votes(terms, vote) => Report::Fast(vote.block),
            _ => Report::Nothing,
        }
    }

    /// R5, R6. Only oracle-free blocks: others are never final by the fast quorum, and could not be finished for certain.
    fn reports_fast_votes(&self, terms: &Terms<'_>, vote: &FastVote) -> bool {
        let drops = |rule| terms.committee.drops(rule);
        let is_left_out = drops(Mutation::NoFastReports)
            || drops(Mutation::FastReportsOnlyInRoundZero) && !self.round.is_fast()
            || drops(Mutation::NoFastReportsInMultiLeader) && terms.kind(self.round) == Some(RoundKind::MultiLeader);
        (vote.oracle_free || drops(Mutation::OracleBlocksReported)) && !is_left_out
    }

    /// Refuses what comes to the wrong place or too late.
    pub(super) fn is_open_to(&self, terms: &Terms<'_>, slot: Slot) -> Result<(), Reason> {
        self.is_about(terms, slot)?;
        self.is_undecided()
    }

    /// Refuses what is about another chain, height or epoch.
    fn is_about(&self, terms: &Terms<'_>, slot: Slot) -> Result<(), Reason> {
        if slot == terms.slot { Ok(()) } else { Err(Reason::Slot(terms.slot)) }
    }

    /// R18. After a final certificate everything is answered with it.
    fn is_undecided(&self) -> Result<(), Reason> {
        match &self.decided {
            Some(certificate) => Err(Reason::Final(Box::new(certificate.clone()))),
            None => Ok(()),
        }
    }

    /// R12, R19. A proposal must be of the current round, or of a later multi-leader round.
    fn is_reachable(&self, terms: &Terms<'_>, proposal: &Proposal) -> Result<(), Reason> {
        let opens = terms.kind(proposal.round) == Some(RoundKind::MultiLeader) && proposal.round > self.round;
        if proposal.round == self.round || opens || self.goes_back(terms, proposal.round) {
            return Ok(());
        }
        Err(self.elsewhere())
    }

    /// R12. Never: votes in rounds that were left are what the order of positions rules out.
    fn goes_back(&self, terms: &Terms<'_>, round: Round) -> bool {
        let drops = |rule| terms.committee.drops(rule);
        let is_left = round < self.round || self.is_closed();
        is_left && drops(Mutation::ValidateInLeftRound)
            || is_left && round.is_fast() && self.fast_vote.is_none() && drops(Mutation::ValidateZeroAfterLeaving)
    }

    /// R12. A new `Validate` stands after every vote of the round, so it is the first one.
    fn is_free_to_validate(&self, terms: &Terms<'_>, round: Round) -> Result<(), Reason> {
        match self.ballots.last() {
            _ if self.goes_back(terms, round) => Ok(()),
            None => Ok(()),
            Some(Ballot::Validate(_)) if terms.committee.drops(Mutation::TwoValidates) => Ok(()),
            Some(ballot @ Ballot::Timeout(_)) => Err(Reason::Closed(self.vote(terms, *ballot))),
            Some(ballot) => Err(Reason::Voted(self.vote(terms, *ballot))),
        }
    }

    /// R12, R15. `Confirm` is for the current round, open, and once.
    fn is_free_to_confirm(&self, terms: &Terms<'_>, certificate: &Certificate) -> Result<(), Reason> {
        let drops = |rule| terms.committee.drops(rule);
        let is_lower = certificate.round < self.round;
        match self.ballots.last() {
            _ if is_lower && drops(Mutation::ConfirmInLeftRound) => Ok(()),
            _ if is_lower && !drops(Mutation::ConfirmWithLowerCertificate) => Err(self.elsewhere()),
            Some(ballot @ Ballot::Timeout(_)) if !drops(Mutation::ConfirmAfterTimeout) => {
                Err(Reason::Closed(self.vote(terms, *ballot)))
            }
            Some(ballot @ Ballot::Confirm(block)) if *block != certificate.block && !drops(Mutation::TwoConfirms) => {
                Err(Reason::Voted(self.vote(terms, *ballot)))
            }
            _ => Ok(()),
        }
    }

    /// R25, R27. A refusal because of a lock shows the certificate that passes it.
    fn locked(&self, terms: &Terms<'_>, round: Round) -> Reason {
        match &self.highest {
            Some(highest) if !terms.committee.drops(Mutation::LockNotShown) => {
                Reason::Locked(Box::new(highest.clone()))
            }
            _ => Reason::Unjustified(round),
        }
    }

    fn elsewhere(&self) -> Reason {
        Reason::Round(self.round, self.entry().map(Box::new))
    }

    /// R13. What a proposal shows is taken in first.
    fn see_justification(&mut self, terms: &Terms<'_>, now: Timestamp, shown: Option<&Justification>) {
        match shown {
            Some(Justification::Certificate(certificate)) => self.see_certificate(terms, now, certificate),
            Some(Justification::Timeout(timeout)) => self.see_timeout(terms, now, timeout),
            None => (),
        }
    }

    /// R13, R15, R19. Keeps the highest validated certificate, and enters its round.
    pub(super) fn see_certificate(&mut self, terms: &Terms<'_>, now: Timestamp, certificate: &Certificate) {
        if certificate.kind == CertificateKind::Confirmed {
            self.decided.get_or_insert_with(|| certificate.clone());
            return;
        }
        if self.is_worth_keeping(terms, certificate) {
            self.highest = Some(certificate.clone());
        }
        if certificate.round > self.round {
            self.enter(now, certificate.round);
        }
    }

    fn is_worth_keeping(&self, terms: &Terms<'_>, certificate: &Certificate) -> bool {
        match &self.highest {
            _ if terms.committee.drops(Mutation::NothingKeptOfConfirm) => false,
            Some(_) if terms.committee.drops(Mutation::FirstCertificateReported) => false,
            Some(highest) => certificate.round > highest.round,
            None => true,
        }
    }

    /// R13, R19. Keeps the newest timeout certificate, and enters the round after the one that was left.
    pub(super) fn see_timeout(&mut self, terms: &Terms<'_>, now: Timestamp, timeout: &TimeoutCertificate) {
        if let Some(attached) = &timeout.attached {
            self.see_certificate(terms, now, attached);
        }
        let Some(next) = timeout.round.next() else { return };
        if self.timeout.as_ref().is_none_or(|newest| timeout.round > newest.round) {
            self.timeout = Some(timeout.clone());
        }
        if next > self.round {
            self.enter(now, next);
        }
    }

    /// R19 (c). A justified proposal opens its multi-leader round, also if the lock or execution then refuses it.
    fn open_round(&mut self, now: Timestamp, proposal: &Proposal) {
        if proposal.round > self.round {
            self.enter(now, proposal.round);
            self.opening = Some(Box::new(Opening::of(proposal)));
        }
    }

    /// R17, R19. Rounds in between are abandoned, and the new one's timer starts.
    fn enter(&mut self, now: Timestamp, round: Round) {
        self.round = round;
        self.timer = Some(now);
        self.ballots.clear();
        self.opening = None;
    }

    /// R12. The vote, if just this one was given in the current round.
    fn given(&self, terms: &Terms<'_>, round: Round, ballot: Ballot) -> Option<Vote> {
        let is_given = round == self.round && self.ballots.contains(&ballot);
        is_given.then(|| self.vote(terms, ballot))
    }

    fn vote(&self, terms: &Terms<'_>, ballot: Ballot) -> Vote {
        Vote { slot: terms.slot, round: self.round, ballot }
    }

    /// R11, R12. Records a vote, which makes it the newest, and has it signed.
    pub(super) fn give(&mut self, terms: &Terms<'_>, round: Round, ballot: Ballot) -> Verdict {
        if round == self.round {
            self.ballots.push(ballot);
        }
        Verdict::Sign(Vote { slot: terms.slot, round, ballot })
    }
}
