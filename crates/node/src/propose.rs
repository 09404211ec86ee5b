//! A step for a proposal: does it follow, may it be voted for, what does it do, and the vote.

use crate::{
    candidate::Candidate,
    cell::Lacking,
    refuse::from_reason,
    step::{Answer, Retry},
    stopped::{Stepping, Stopped},
    work::Work,
};
use myceline_chain::{Fit, Fitness, Unfit};
use myceline_consensus::{Manner, Reason, Verdict};
use myceline_execution::Oracle;
use myceline_state::Snapshot;
use myceline_types::{
    Blob, BlobId, BlockProblem, Checked, Missing, Proposal, Refusal, Transaction, Vote, api::ProposeRequest,
};
use std::{collections::BTreeSet, sync::Arc};

impl<S: Snapshot> Work<'_, S> {
    /// Votes for a block if the rules let it, after making the block before it final if the proposer shows that it is.
    pub fn propose(&mut self, request: &ProposeRequest) -> Result<(), Lacking> {
        let answer = self.answer_proposal(request);
        self.settle(answer)
    }

    fn answer_proposal(&mut self, request: &ProposeRequest) -> Stepping<Answer> {
        let next = self.standing.row.tip.next;
        if let Some(parent) = request.parent.as_ref().filter(|parent| parent.slot.height == next) {
            let answer = self.take_certificate(parent.clone(), None, &[])?;
            // One that validates and does not end the height is confirmed: the vote was recorded and has to be signed.
            if answer.new_vote().is_some() {
                return Ok(answer);
            }
        }
        self.check_height(request.proposal.body.proposed.height)?;
        let authority = self.authority(request.proposal.slot().epoch)?;
        let proposal = authority.proposal(request.proposal.clone())?;
        let now = self.moment.now;
        match self.ask_machine(|machine, terms| machine.on_proposal(terms, now, &proposal)) {
            Verdict::Execute(manner) => self.execute(&proposal, &request.blobs, manner),
            verdict => self.answer_verdict(verdict, &proposal, &request.blobs),
        }
    }

    fn execute(&mut self, proposal: &Checked<Proposal>, blobs: &[Blob], manner: Manner) -> Stepping<Answer> {
        if manner == Manner::New {
            self.check_fit(proposal)?;
        }
        let blobs = published(proposal, blobs);
        let oracle = match manner {
            Manner::New => self.own_oracle(Some(&proposal.body.oracle)),
            Manner::Imposed => Oracle::Recorded(&proposal.body.oracle),
        };
        let candidate = self.executed(proposal.block, &proposal.body, &blobs, oracle)?;
        let (executed, now) = (candidate.executed(), self.moment.now);
        match self.ask_machine(|machine, terms| machine.on_executed(terms, now, proposal, executed)) {
            Verdict::Refused(Reason::Mismatch(_)) => Err(mismatch(&candidate, proposal).into()),
            verdict => self.answer_verdict(verdict, proposal, &blobs),
        }
    }

    /// A new block follows the tip and consumes only what has arrived.
    fn check_fit(&self, proposal: &Checked<Proposal>) -> Stepping<()> {
        let proposed = &proposal.body.proposed;
        let config = &self.standing.config;
        let fit =
            Fit { epoch: config.epoch, closed: config.closed, limits: &self.policy().limits, now: self.moment.now };
        if let Fitness::At(time) = self.standing.row.tip.check(proposed, fit)? {
            return Err(Stopped::for_now(Refusal::Block(BlockProblem::TimestampTooNew), Retry::At(time)));
        }
        let cursors = |origin| self.received(origin);
        match crate::layout::inbox(self.chain).check(&self.rows, proposed, cursors)? {
            Ok(()) => Ok(()),
            Err(unfit) => Err(refuse_unfit(unfit)),
        }
    }

    /// Does what the machine says about a proposal.
    fn answer_verdict(&mut self, verdict: Verdict, proposal: &Checked<Proposal>, blobs: &[Blob]) -> Stepping<Answer> {
        match verdict {
            Verdict::Sign(vote) => {
                let answer = self.vote(vote)?;
                self.keep_body(proposal.block, &proposal.body, blobs);
                Ok(answer)
            }
            Verdict::Already(vote) => Ok(Answer::Vote(vote)),
            Verdict::Refused(reason) => from_reason(self, reason),
            Verdict::Noted | Verdict::Execute(_) => {
                unreachable!("a proposal is voted for or refused once it was executed")
            }
        }
    }

    /// A new vote, unless this chain was halted.
    pub(crate) fn vote(&self, vote: Vote) -> Stepping<Answer> {
        if self.standing.row.halted { Err(Refusal::Halted.into()) } else { Ok(Answer::Vote(vote)) }
    }
}

fn refuse_unfit(unfit: Unfit) -> Stopped {
    match unfit {
        Unfit::Missing(bundles) => {
            Stopped::for_now(Refusal::Missing(Missing { bundles, ..Missing::default() }), Retry::OnArrival)
        }
        Unfit::Forged(origin, cursor) => Refusal::Block(BlockProblem::BundleContent { origin, cursor }).into(),
        Unfit::Consumed(origin, cursor) => Refusal::Block(BlockProblem::BundleOrder { origin, cursor }).into(),
        Unfit::NotSkippable(origin, cursor) => Refusal::Block(BlockProblem::NotSkippable { origin, cursor }).into(),
    }
}

/// The blobs that the block publishes, of those that came with it.
fn published(proposal: &Proposal, blobs: &[Blob]) -> Vec<Blob> {
    let wanted: BTreeSet<BlobId> = proposal
        .body
        .proposed
        .transactions
        .iter()
        .filter_map(|transaction| match transaction {
            Transaction::Execute(operation) => Some(operation.published()),
            _ => None,
        })
        .flatten()
        .collect();
    if wanted.is_empty() {
        Vec::new()
    } else {
        blobs.iter().filter(|blob| wanted.contains(&blob.id())).cloned().collect()
    }
}

fn mismatch(candidate: &Arc<Candidate>, proposal: &Proposal) -> Refusal {
    Refusal::Mismatch { here: Box::new(candidate.header.clone()), claimed: proposal.block }
}
