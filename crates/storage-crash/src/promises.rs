//! What a validator has said to its clients, as far as it must still be true after a crash: its votes, and the blocks that it
//! acknowledged.

use crate::votes::Votes;
use myceline_types::{
    BlockHash, BlockHeight, Certificate, CertificateKind, CertifiedBlock, ChainId, Committee, Refusal,
    api::{Request, Response},
};
use std::collections::BTreeMap;

/// Everything that one validator was heard to say.
#[derive(Debug, Clone, Default)]
pub struct Promises {
    votes: Votes,
    /// The blocks that certificates made final, of those that the validator was shown.
    finals: BTreeMap<(ChainId, BlockHeight), BlockHash>,
    /// The blocks below these heights were said to be there.
    heights: BTreeMap<ChainId, BlockHeight>,
}

impl Promises {
    /// Takes note of an answer. Fails where it contradicts an earlier one.
    pub fn note(&mut self, committee: &Committee, asked: &Request, answer: &Response) -> Result<(), String> {
        self.votes.note_all(answer).map_err(|why| why.to_string())?;
        for certificate in shown(asked).filter(|certificate| is_final(committee, certificate)) {
            let slot = certificate.slot;
            let known = *self.finals.entry((slot.chain, slot.height)).or_insert(certificate.block);
            if known != certificate.block {
                return Err(format!("two blocks are final at {slot:?}"));
            }
        }
        if let Some((chain, next)) = said_next(asked, answer) {
            let known = self.heights.entry(chain).or_insert(next);
            *known = next.max(*known);
        }
        Ok(())
    }

    /// The votes that it gave, and those of others that it showed.
    pub fn votes(&self) -> &Votes {
        &self.votes
    }

    /// How many blocks it acknowledged.
    pub fn blocks(&self) -> u64 {
        self.heights.values().map(|next| next.0).sum()
    }

    /// Whether every acknowledged block is there, with a certificate of the block that is final at its height. `read` reads a
    /// block from what is left.
    pub fn check_blocks(
        &self,
        read: impl Fn(ChainId, BlockHeight) -> Result<Option<CertifiedBlock>, String>,
    ) -> Result<(), String> {
        for (chain, next) in &self.heights {
            for height in (0..next.0).map(BlockHeight) {
                let lost = || format!("block {height} of {chain} was acknowledged and is lost");
                self.check_block(&read(*chain, height)?.ok_or_else(lost)?)?;
            }
        }
        Ok(())
    }

    fn check_block(&self, certified: &CertifiedBlock) -> Result<(), String> {
        let Certificate { slot, block, .. } = certified.certificate;
        let expected = self.finals.get(&(slot.chain, slot.height));
        if certified.block.hash() != block || expected.is_some_and(|expected| *expected != block) {
            return Err(format!("the block at {slot:?} is another than the one that was certified"));
        }
        Ok(())
    }
}

/// Whether a certificate makes its block final, if that asks no oracle (R8).
pub fn is_final(committee: &Committee, certificate: &Certificate) -> bool {
    match certificate.kind {
        CertificateKind::Confirmed => true,
        CertificateKind::Validated => {
            certificate.round.is_fast()
                && certificate.weight(committee).is_ok_and(|weight| weight >= committee.fast_quorum())
        }
    }
}

/// The certificates in a question.
fn shown(asked: &Request) -> impl Iterator<Item = &Certificate> {
    let certificate = match asked {
        Request::Certificate(request) => Some(&request.certificate),
        Request::Propose(request) => request.parent.as_ref(),
        _ => None,
    };
    certificate.into_iter()
}

/// The height below which an answer says that all blocks of a chain are durable.
fn said_next(asked: &Request, answer: &Response) -> Option<(ChainId, BlockHeight)> {
    let vote = match (asked, answer) {
        (_, Response::Vote(vote)) => vote.vote,
        (_, Response::Timeout(answer)) => answer.vote.vote,
        (_, Response::Info(info)) => return Some((info.info.chain, info.info.next)),
        (Request::Certificate(request), Response::Committed { next }) => {
            return Some((request.certificate.slot.chain, *next));
        }
        (Request::Propose(request), Response::Refused(refusal)) => {
            let slot = request.proposal.slot();
            return match **refusal {
                Refusal::Lagging { next } => Some((slot.chain, next)),
                Refusal::Final(_) => Some((slot.chain, slot.height.next()?)),
                _ => None,
            };
        }
        _ => return None,
    };
    Some((vote.slot.chain, vote.slot.height))
}
