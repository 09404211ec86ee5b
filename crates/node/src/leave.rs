//! Steps about rounds and standing: a round is to be left, a round was left, where does the chain stand, what is in its state.

use crate::{
    cell::Lacking,
    layout::{of_chain, table},
    refuse::{certified_at, from_reason, timeout_parts},
    step::Answer,
    work::Work,
};
use myceline_consensus::{Machine, Terms, Verdict};
use myceline_state::{Overlay, Snapshot};
use myceline_types::{
    BlockProblem, Checked, Opaque, Refusal, SignedVote, TimeoutCertificate, Vote,
    api::{Info, LeaveRoundRequest, Response, StateProofAnswer},
    encoding,
};

impl<S: Snapshot> Work<'_, S> {
    /// Votes to leave a round, if it may be left (R16).
    pub fn leave_round(&mut self, request: &LeaveRoundRequest) -> Result<(), Lacking> {
        let LeaveRoundRequest { request, votes } = request;
        if self.refuse_other_height(request.slot.height)? {
            return Ok(());
        }
        let Some(authority) = self.authority(request.slot.epoch) else {
            self.refuse(Refusal::Epoch { chain: self.standing.config.epoch, asked: request.slot.epoch });
            return Ok(());
        };
        let request = match authority.timeout_request(request.clone()) {
            Ok(request) => request,
            Err(why) => {
                self.refuse(why.into());
                return Ok(());
            }
        };
        let votes: Vec<Checked<SignedVote>> = votes.iter().filter_map(|vote| authority.vote(vote.clone()).ok()).collect();
        let now = self.moment.now;
        match self.ask_machine(|machine, terms| machine.on_timeout_request(terms, now, &request, &votes)) {
            Verdict::Sign(_) if self.standing.row.halted => self.refuse(Refusal::Halted),
            Verdict::Sign(vote) | Verdict::Already(vote) => {
                let parts = timeout_parts(self, vote)?;
                self.say(Answer::Timeout(parts));
            }
            Verdict::Refused(reason) => {
                let answer = from_reason(self, reason)?;
                self.say(answer);
            }
            Verdict::Noted | Verdict::Execute(_) => self.say_round(),
        }
        Ok(())
    }

    /// Learns that a round was left (R19).
    pub fn timeout_certificate(&mut self, timeout: &TimeoutCertificate) -> Result<(), Lacking> {
        if self.refuse_other_height(timeout.slot.height)? {
            return Ok(());
        }
        let Some(authority) = self.authority(timeout.slot.epoch) else {
            self.refuse(Refusal::Epoch { chain: self.standing.config.epoch, asked: timeout.slot.epoch });
            return Ok(());
        };
        let timeout = match authority.timeout(timeout.clone()) {
            Ok(timeout) => timeout,
            Err(why) => {
                self.refuse(why.into());
                return Ok(());
            }
        };
        let now = self.moment.now;
        match self.ask_machine(|machine, terms| machine.on_timeout_certificate(terms, now, &timeout)) {
            Verdict::Refused(reason) => {
                let answer = from_reason(self, reason)?;
                self.say(answer);
            }
            _ => self.say_round(),
        }
        Ok(())
    }

    /// Says where the chain stands, to be signed with the asker's nonce.
    pub fn info(&mut self, nonce: u64) {
        let row = &self.standing.row;
        let machine = &row.machine;
        let slot = self.terms().slot;
        let vote = machine.ballots().last().map(|ballot| Vote { slot, round: machine.round(), ballot: *ballot });
        let info = Info { chain: self.chain, nonce, next: row.tip.next, tip: row.tip.block, round: machine.round(), vote };
        self.say(Answer::Info(info));
    }

    /// Proves what is under a key of the state after the last block, or that nothing is.
    pub fn state_proof(&mut self, key: &[u8]) -> Result<(), Lacking> {
        let Some(height) = self.standing.row.tip.next.previous() else {
            self.refuse(Refusal::Block(BlockProblem::Empty));
            return Ok(());
        };
        let Some(last) = certified_at(self, height)? else {
            self.refuse(Refusal::Busy);
            return Ok(());
        };
        let proof = self.standing.tree.prove(&self.rows, key)?;
        let value = Overlay::new(&self.rows, of_chain(table::STATE, self.chain)).get(key)?;
        let answer = StateProofAnswer {
            header: last.block.header(),
            certificate: last.certificate,
            value: value.map(Opaque),
            proof: Opaque(encoding::to_bytes(&proof)),
        };
        self.say(Response::StateProof(Box::new(answer)));
        Ok(())
    }

    fn say_round(&mut self) {
        self.say(Response::Round(self.standing.row.machine.round()));
    }

    /// Steps the round machine under the terms of the height.
    pub(crate) fn ask_machine(&mut self, ask: impl FnOnce(&mut Machine, &Terms<'_>) -> Verdict) -> Verdict {
        let mut machine = self.standing.row.machine.clone();
        let verdict = ask(&mut machine, &self.terms());
        self.standing.row.machine = machine;
        verdict
    }
}
