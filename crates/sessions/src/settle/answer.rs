//! What a settlement learns from an answer: votes wherever they stand, certificates, bodies, and what has to be repaired.
//!
//! Nothing is believed unchecked: signatures here, bodies by executing them.

use super::{EXAMINED_MAX, Effect, Settlement, Standing};
use crate::Setting;
use myceline_types::{
    Ballot, BlockHash, Body, Certificate, CertifiedBlock, Evidence, Justification, Proposal, Refusal, Report,
    SignedVote, Slot, TimeoutAnswer, TimeoutCertificate, api::Response,
};

impl Settlement {
    /// Takes an answer to the request of an exchange, also a late one: its votes count all the same.
    pub(super) fn hear(
        &mut self,
        setting: &Setting<'_>,
        exchange: u32,
        validator: u8,
        response: Response,
        out: &mut Vec<Effect>,
    ) {
        self.planner.see_answer(validator);
        let standing = match response {
            Response::Vote(vote) => self.see_vote(setting, vote),
            Response::Timeout(answer) => self.see_timeout_answer(setting, *answer, out),
            Response::Round(_) | Response::Committed { .. } => Standing::Helps,
            Response::Refused(refusal) if is_repairable(&refusal) => {
                if exchange == self.exchange {
                    out.push(Effect::Repair { exchange, validator, refusal });
                }
                return;
            }
            Response::Refused(refusal) => self.see_refusal(setting, *refusal, out),
            // Not an answer to anything that was asked here.
            _ => Standing::Silent,
        };
        self.note(exchange, validator, standing);
    }

    /// R27, R28. A refusal that repairs the owner helps as much as a vote.
    fn see_refusal(&mut self, setting: &Setting<'_>, refusal: Refusal, out: &mut Vec<Effect>) -> Standing {
        match refusal {
            Refusal::Final(certified) => self.see_final(setting, *certified),
            Refusal::Round { evidence, .. } => {
                if let Some(evidence) = evidence {
                    self.see_evidence(setting, evidence, out);
                }
                Standing::Helps
            }
            Refusal::Voted { vote, body } => {
                self.see_body(setting, voted_block(&vote), body, out);
                self.see_vote(setting, vote)
            }
            Refusal::Locked { certificate, body } => {
                self.see_body(setting, Some(certificate.block), body, out);
                self.see_certificate(setting, certificate)
            }
            Refusal::Closed(answer) => self.see_timeout_answer(setting, *answer, out),
            Refusal::TooEarly | Refusal::Unjustified(_) => Standing::Helps,
            // It says nothing about the block.
            Refusal::Busy | Refusal::Halted => Standing::Silent,
            objection => Standing::Objects(Box::new(objection)),
        }
    }

    /// What an owner who begins again has shown before.
    pub(super) fn see_justification(&mut self, setting: &Setting<'_>, proposal: Option<&Proposal>) {
        match proposal.and_then(|proposal| proposal.justification.clone()) {
            Some(Justification::Timeout(timeout)) => self.see_timeout(setting, timeout),
            Some(Justification::Certificate(certificate)) => {
                self.see_certificate(setting, certificate);
            }
            None => (),
        }
    }

    fn see_vote(&mut self, setting: &Setting<'_>, vote: SignedVote) -> Standing {
        let Ok(vote) = setting.authority().vote_like(&mut self.last_leaf, vote) else { return Standing::Silent };
        self.planner.see_vote(&vote);
        Standing::Helps
    }

    fn see_certificate(&mut self, setting: &Setting<'_>, certificate: Certificate) -> Standing {
        let Ok(certificate) = setting.authority().certificate(certificate) else { return Standing::Silent };
        self.planner.see_certificate(&setting.terms, setting.now, &certificate);
        Standing::Helps
    }

    fn see_timeout(&mut self, setting: &Setting<'_>, timeout: TimeoutCertificate) {
        if let Ok(timeout) = setting.authority().timeout(timeout) {
            self.planner.see_timeout(&setting.terms, setting.now, &timeout);
        }
    }

    /// The height is decided: its header says whether by the fast quorum.
    fn see_final(&mut self, setting: &Setting<'_>, certified: CertifiedBlock) -> Standing {
        let CertifiedBlock { block, certificate } = certified;
        if certificate.slot != setting.terms.slot || block.hash() != certificate.block {
            return Standing::Silent;
        }
        self.see_block(&block);
        self.see_certificate(setting, certificate)
    }

    fn see_evidence(&mut self, setting: &Setting<'_>, evidence: Evidence, out: &mut Vec<Effect>) {
        match evidence {
            Evidence::Timeout(timeout) => self.see_timeout(setting, timeout),
            Evidence::Certificate(certificate) => {
                self.see_certificate(setting, certificate);
            }
            Evidence::Proposal(proposal) => self.see_opening(setting, *proposal, out),
        }
    }

    fn see_opening(&mut self, setting: &Setting<'_>, proposal: Proposal, out: &mut Vec<Effect>) {
        let Ok(proposal) = setting.authority().proposal(proposal) else { return };
        self.planner.see_opening(&setting.terms, setting.now, &proposal);
        let Proposal { body, block, .. } = proposal.into_inner();
        self.see_body(setting, Some(block), Some(Box::new(body)), out);
    }

    fn see_timeout_answer(&mut self, setting: &Setting<'_>, answer: TimeoutAnswer, out: &mut Vec<Effect>) -> Standing {
        let TimeoutAnswer { vote, certificate, body } = answer;
        let reported = voted_block(&vote);
        if let Some(certificate) = certificate {
            self.see_certificate(setting, certificate);
        }
        self.see_body(setting, reported, body, out);
        self.see_vote(setting, vote)
    }

    /// A body is nothing until it was executed, since whoever shows it may show any.
    fn see_body(
        &mut self,
        setting: &Setting<'_>,
        block: Option<BlockHash>,
        body: Option<Box<Body>>,
        out: &mut Vec<Effect>,
    ) {
        let (Some(block), Some(body)) = (block, body) else { return };
        let proposed = &body.proposed;
        let is_here =
            Slot { chain: proposed.chain, height: proposed.height, epoch: proposed.epoch } == setting.terms.slot;
        if is_here && !self.has_body(block) && self.examined < EXAMINED_MAX {
            self.examined += 1;
            out.push(Effect::Examine(body));
        }
    }
}

/// The block that a vote is for, or that it reports.
fn voted_block(signed: &SignedVote) -> Option<BlockHash> {
    match signed.vote.ballot {
        Ballot::Validate(block) | Ballot::Confirm(block) => Some(block),
        Ballot::Timeout(Report::Fast(block) | Report::Certificate(_, block)) => Some(block),
        Ballot::Timeout(Report::Nothing) => None,
    }
}

/// What the validator lacks can be brought to it.
fn is_repairable(refusal: &Refusal) -> bool {
    matches!(refusal, Refusal::Missing(_) | Refusal::Lagging { .. } | Refusal::UnknownChain(_))
}
