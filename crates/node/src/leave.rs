//! Steps about rounds and standing: a round is to be left, a round was left, where does the chain stand, what is in its state.

use crate::{
    cell::Lacking,
    layout::{of_chain, table},
    refuse::{from_reason, timeout_parts},
    step::Answer,
    stopped::Stepping,
    work::Work,
};
use myceline_consensus::{Machine, Terms, Verdict};
use myceline_state::{Overlay, Snapshot};
use myceline_types::{
    Checked, Opaque, Refusal, SignedVote, TimeoutCertificate, Vote,
    api::{Info, LeaveRoundRequest, Response, StateProofAnswer},
    encoding,
};

impl<S: Snapshot> Work<'_, S> {
    /// Votes to leave a round, if it may be left (R16).
    pub fn leave_round(&mut self, request: &LeaveRoundRequest) -> Result<(), Lacking> {
        let answer = self.answer_leaving(request);
        self.settle(answer)
    }

    fn answer_leaving(&mut self, request: &LeaveRoundRequest) -> Stepping<Answer> {
        let LeaveRoundRequest { request, votes } = request;
        self.check_height(request.slot.height)?;
        let authority = self.authority(request.slot.epoch)?;
        let request = authority.timeout_request(request.clone())?;
        let votes: Vec<Checked<SignedVote>> =
            votes.iter().filter_map(|vote| authority.vote(vote.clone()).ok()).collect();
        let now = self.moment.now;
        match self.ask_machine(|machine, terms| machine.on_timeout_request(terms, now, &request, &votes)) {
            Verdict::Sign(_) if self.standing.row.halted => Err(Refusal::Halted.into()),
            Verdict::Sign(vote) | Verdict::Already(vote) => Ok(Answer::Timeout(timeout_parts(self, vote)?)),
            Verdict::Refused(reason) => from_reason(self, reason),
            Verdict::Noted | Verdict::Execute(_) => Ok(self.round()),
        }
    }

    /// Learns that a round was left (R19).
    pub fn timeout_certificate(&mut self, timeout: &TimeoutCertificate) -> Result<(), Lacking> {
        let answer = self.answer_timeout(timeout);
        self.settle(answer)
    }

    fn answer_timeout(&mut self, timeout: &TimeoutCertificate) -> Stepping<Answer> {
        self.check_height(timeout.slot.height)?;
        let timeout = self.authority(timeout.slot.epoch)?.timeout(timeout.clone())?;
        let now = self.moment.now;
        match self.ask_machine(|machine, terms| machine.on_timeout_certificate(terms, now, &timeout)) {
            Verdict::Refused(reason) => from_reason(self, reason),
            _ => Ok(self.round()),
        }
    }

    /// Says where the chain stands, to be signed with the asker's nonce.
    pub fn info(&mut self, nonce: u64) {
        let row = &self.standing.row;
        let machine = &row.machine;
        let slot = self.terms().slot;
        let vote = machine.ballots().last().map(|ballot| Vote { slot, round: machine.round(), ballot: *ballot });
        let info =
            Info { chain: self.chain, nonce, next: row.tip.next, tip: row.tip.block, round: machine.round(), vote };
        self.say(Answer::Info(info));
    }

    /// Proves what is under a key of the state after the last block, or that nothing is.
    pub fn state_proof(&mut self, key: &[u8]) -> Result<(), Lacking> {
        let answer = self.prove(key);
        self.settle(answer)
    }

    fn prove(&self, key: &[u8]) -> Stepping<Answer> {
        let next = self.standing.row.tip.next;
        // Without a block there is no header to prove anything against.
        let height = next.previous().ok_or(Refusal::Lagging { next })?;
        let last = self.certified(height)?.ok_or(Refusal::Busy)?;
        let proof = self.standing.tree.prove(&self.rows, key)?;
        let value = Overlay::new(&self.rows, of_chain(table::STATE, self.chain)).get(key)?;
        let answer = StateProofAnswer {
            header: last.block.header(),
            certificate: last.certificate,
            value: value.map(|value| Opaque(value.to_vec())),
            proof: Opaque(encoding::to_bytes(&proof)),
        };
        Ok(Response::StateProof(Box::new(answer)).into())
    }

    /// The round that the chain is in, as an answer.
    pub(crate) fn round(&self) -> Answer {
        Response::Round(self.standing.row.machine.round()).into()
    }

    /// Steps the round machine under the terms of the height.
    pub(crate) fn ask_machine(&mut self, ask: impl FnOnce(&mut Machine, &Terms<'_>) -> Verdict) -> Verdict {
        let mut machine = self.standing.row.machine.clone();
        let verdict = ask(&mut machine, &self.terms());
        self.standing.row.machine = machine;
        verdict
    }
}
