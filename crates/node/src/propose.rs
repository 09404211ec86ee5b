//! A step for a proposal: does it follow, may it be voted for, what does it do, and the vote.

use crate::{
    candidate::Candidate,
    cell::Lacking,
    refuse::from_reason,
    step::{Answer, Retry},
    work::Work,
};
use myceline_chain::{Fit, Fitness, Unfit};
use myceline_consensus::{Executed, Manner, Verdict};
use myceline_state::Snapshot;
use myceline_types::{
    Blob, BlobId, BlockProblem, Checked, Missing, Operation, Proposal, Refusal, Transaction,
    api::ProposeRequest,
};
use std::{collections::BTreeSet, sync::Arc};

impl<S: Snapshot> Work<'_, S> {
    /// Votes for a block if the rules let it, after making the block before it final if the proposer shows that it is.
    pub fn propose(&mut self, request: &ProposeRequest) -> Result<(), Lacking> {
        let next = self.standing.row.tip.next;
        if let Some(certificate) = request.parent.as_ref().filter(|parent| parent.slot.height == next) {
            self.take_certificate(certificate.clone(), None, &[])?;
            if self.has_refused() {
                return Ok(());
            }
        }
        self.consider(request.proposal.clone(), &request.blobs)
    }

    fn consider(&mut self, proposal: Proposal, blobs: &[Blob]) -> Result<(), Lacking> {
        if self.refuse_other_height(proposal.body.proposed.height)? {
            return Ok(());
        }
        let Some(authority) = self.authority(proposal.slot().epoch) else {
            let asked = proposal.slot().epoch;
            self.refuse(Refusal::Epoch { chain: self.standing.config.epoch, asked });
            return Ok(());
        };
        match authority.proposal(proposal) {
            Ok(proposal) => self.vote_on(&proposal, blobs),
            Err(why) => {
                self.refuse(why.into());
                Ok(())
            }
        }
    }

    fn vote_on(&mut self, proposal: &Checked<Proposal>, blobs: &[Blob]) -> Result<(), Lacking> {
        let now = self.moment.now;
        match self.ask_machine(|machine, terms| machine.on_proposal(terms, now, proposal)) {
            Verdict::Execute(manner) => self.execute(proposal, blobs, manner),
            verdict => self.act_on(verdict, proposal, blobs),
        }
    }

    fn execute(&mut self, proposal: &Checked<Proposal>, blobs: &[Blob], manner: Manner) -> Result<(), Lacking> {
        if manner == Manner::New && !self.is_fit(proposal)? {
            return Ok(());
        }
        let blobs = published(proposal, blobs);
        let candidate = match self.standing.candidates.get(&proposal.block) {
            Some(candidate) => candidate.clone(),
            None => match self.run(&proposal.body, &blobs)? {
                Ok(candidate) => candidate,
                Err(refusal) => {
                    self.refuse(refusal);
                    return Ok(());
                }
            },
        };
        let executed = Executed { block: candidate.hash, oracle_free: candidate.header.is_oracle_free() };
        let now = self.moment.now;
        match self.ask_machine(|machine, terms| machine.on_executed(terms, now, proposal, executed)) {
            Verdict::Refused(myceline_consensus::Reason::Mismatch(_)) => {
                self.refuse(mismatch(&candidate, proposal));
                Ok(())
            }
            verdict => self.act_on(verdict, proposal, &blobs),
        }
    }

    /// Whether a new block follows the tip and consumes only what has arrived. Refuses it otherwise.
    fn is_fit(&mut self, proposal: &Checked<Proposal>) -> Result<bool, Lacking> {
        let proposed = &proposal.body.proposed;
        let policy = self.network.policy(self.standing.config.epoch).expect("a chain is loaded under a known policy");
        let config = &self.standing.config;
        let fit = Fit { epoch: config.epoch, closed: config.closed, limits: &policy.limits, now: self.moment.now };
        match self.standing.row.tip.check(proposed, fit) {
            Ok(Fitness::Fits) => (),
            Ok(Fitness::At(time)) => {
                self.refuse_for_now(Refusal::Block(BlockProblem::TimestampTooNew), Retry::At(time));
                return Ok(false);
            }
            Err(refusal) => {
                self.refuse(refusal);
                return Ok(false);
            }
        }
        let cursors = |origin| self.received(origin);
        let unfit = crate::layout::inbox(self.chain).check(&self.rows, proposed, cursors)?;
        let Err(unfit) = unfit else { return Ok(true) };
        self.refuse_unfit(unfit);
        Ok(false)
    }

    fn refuse_unfit(&mut self, unfit: Unfit) {
        match unfit {
            Unfit::Missing(bundles) => {
                self.refuse_for_now(Refusal::Missing(Missing { bundles, ..Missing::default() }), Retry::OnArrival);
            }
            Unfit::Forged(origin, cursor) => self.refuse(Refusal::Block(BlockProblem::BundleContent { origin, cursor })),
            Unfit::NotSkippable(origin, cursor) => self.refuse(Refusal::Block(BlockProblem::NotSkippable { origin, cursor })),
        }
    }

    /// Does what the machine says about a proposal.
    fn act_on(&mut self, verdict: Verdict, proposal: &Checked<Proposal>, blobs: &[Blob]) -> Result<(), Lacking> {
        match verdict {
            Verdict::Sign(vote) if self.standing.row.halted => {
                debug_assert_eq!(vote.slot.chain, self.chain);
                self.refuse(Refusal::Halted);
            }
            Verdict::Sign(vote) => {
                self.keep_body(proposal.block, &proposal.body, blobs);
                self.say(Answer::Vote(vote));
            }
            Verdict::Already(vote) => self.say(Answer::Vote(vote)),
            Verdict::Refused(reason) => {
                let answer = from_reason(self, reason)?;
                self.say(answer);
            }
            Verdict::Noted | Verdict::Execute(_) => unreachable!("a proposal is voted for or refused once it was executed"),
        }
        Ok(())
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
            Transaction::Execute(Operation::PublishBlob(blob)) => Some(*blob),
            _ => None,
        })
        .collect();
    if wanted.is_empty() { Vec::new() } else { blobs.iter().filter(|blob| wanted.contains(&blob.id())).cloned().collect() }
}

fn mismatch(candidate: &Arc<Candidate>, proposal: &Proposal) -> Refusal {
    Refusal::Mismatch { here: Box::new(candidate.header.clone()), claimed: proposal.block }
}
