//! The owner's side of a step: what a client writes down before it sends anything, so that a crash or a lost answer never
//! makes it pay twice. Proposing itself is a session's business.

use crate::{
    candidate::Candidate,
    cell::Lacking,
    layout::{BIRTHS, PENDING, REQUEST_AGES, REQUESTS},
    read,
    rows::{PendingRow, RequestId, RequestRow},
    stopped::Stopped,
    work::Work,
};
use myceline_execution::Oracle;
use myceline_state::Snapshot;
use myceline_types::{Blob, Block, BlockHash, BlockHeight, Body, CertifiedBlock, ChainDescription, ChainId, Refusal};
use std::{ops::Bound, sync::Arc};

/// Heights after which a request is forgotten: asked again, it would be carried out again.
pub const REQUESTS_KEPT: u64 = 1_024;
/// Old requests are looked for every so many heights.
const FORGET_EVERY: u64 = 64;
/// Old requests forgotten at once: twice as many as there are heights in between, since several may share a height.
const FORGOTTEN_MAX: usize = 128;

impl<S: Snapshot> Work<'_, S> {
    /// The chain.
    pub fn chain(&self) -> ChainId {
        self.chain
    }

    /// Executes a block on the tip, to learn its name and to have it at hand when it is certified. `Err` of the inner result
    /// says why it cannot be.
    pub fn examine(&mut self, body: &Body, blobs: &[Blob]) -> Result<Result<Arc<Candidate>, Refusal>, Lacking> {
        if let Some(known) = self.executed_before(body) {
            return Ok(Ok(known));
        }
        match self.run(body, blobs, Oracle::Recorded(&body.oracle)) {
            Ok(candidate) => Ok(Ok(candidate)),
            Err(Stopped::Lacking(lacking)) => Err(lacking),
            Err(Stopped::Answer(answer, _)) => Ok(Err(answer.refusal().cloned().unwrap_or(Refusal::Busy))),
        }
    }

    fn executed_before(&self, body: &Body) -> Option<Arc<Candidate>> {
        let is_it = |candidate: &&Arc<Candidate>| {
            candidate.block.proposed == body.proposed && candidate.block.outcome.oracle == body.oracle
        };
        self.standing.candidates.values().find(is_it).cloned()
    }

    /// A block of the next height that was executed here.
    pub fn candidate(&self, block: BlockHash) -> Option<&Arc<Candidate>> {
        self.standing.candidates.get(&block)
    }

    /// A block of the next height that was executed here, or the last one, with the blobs that it publishes.
    pub fn block(&self, block: BlockHash) -> Result<Option<(Block, Vec<Blob>)>, Lacking> {
        if let Some(candidate) = self.candidate(block) {
            return Ok(Some((candidate.block.clone(), candidate.blobs.clone())));
        }
        let tip = &self.standing.row.tip;
        let Some(last) = tip.next.previous().filter(|_| tip.block == Some(block)) else { return Ok(None) };
        let Some(certified) = self.certified(last)? else { return Ok(None) };
        let blobs = self.blobs_of(&certified.block)?;
        Ok(Some((certified.block, blobs)))
    }

    /// The blobs that a certified block publishes.
    pub fn blobs_of(&self, block: &Block) -> Result<Vec<Blob>, Lacking> {
        let published = block.outcome.blobs.iter();
        let found = published.map(|id| read::blob(&self.rows, *id)).collect::<Result<Vec<_>, _>>()?;
        Ok(found.into_iter().flatten().collect())
    }

    /// What a chain that another one opened started with, where this store has seen that.
    pub fn birth(&self, chain: ChainId) -> Result<Option<ChainDescription>, Lacking> {
        Ok(BIRTHS.get(&self.rows, &chain)?)
    }

    /// The certified block of a height below the next. The last one may not be in the store yet, but then it is in memory.
    pub fn certified(&self, height: BlockHeight) -> Result<Option<CertifiedBlock>, Lacking> {
        match self.standing.last_at(height) {
            Some(last) => Ok(Some(last)),
            None => Ok(read::certified(&self.rows, self.chain, height)?),
        }
    }

    /// What was signed for the next height and is not known to be final.
    pub fn pending(&self) -> Result<Option<PendingRow>, Lacking> {
        let row = PENDING.get(&self.rows, &self.chain)?;
        Ok(row.filter(|row| row.proposal.body.proposed.height == self.standing.row.tip.next))
    }

    /// Writes down what is about to be sent, in place of what was before.
    pub fn write_pending(&mut self, row: &PendingRow) {
        PENDING.insert(&mut self.rows, &self.chain, row);
    }

    /// Nothing is pending: honest validators have refused it.
    pub fn drop_pending(&mut self) {
        PENDING.remove(&mut self.rows, &self.chain);
    }

    /// What was made of a request.
    pub fn request(&self, id: RequestId) -> Result<Option<RequestRow>, Lacking> {
        Ok(REQUESTS.get(&self.rows, &(self.chain, id))?)
    }

    /// Remembers which block carries a request out, and forgets old requests now and then.
    pub fn write_request(&mut self, id: RequestId, row: RequestRow) -> Result<(), Lacking> {
        if row.height.0.is_multiple_of(FORGET_EVERY) {
            self.forget_requests(row.height)?;
        }
        REQUESTS.insert(&mut self.rows, &(self.chain, id), &row);
        REQUEST_AGES.insert(&mut self.rows, &(self.chain, row.height, id));
        Ok(())
    }

    fn forget_requests(&mut self, height: BlockHeight) -> Result<(), Lacking> {
        let Some(oldest_kept) = height.0.checked_sub(REQUESTS_KEPT) else { return Ok(()) };
        let start = (self.chain, BlockHeight::ZERO, RequestId([0; 16]));
        let page = REQUEST_AGES.page(&self.rows, Bound::Included(&start), FORGOTTEN_MAX)?;
        for age in page.into_iter().take_while(|(chain, height, _)| *chain == self.chain && height.0 < oldest_kept) {
            REQUEST_AGES.remove(&mut self.rows, &age);
            let (chain, height, id) = age;
            // A request that was tried again at a later height is still young.
            if REQUESTS.get(&self.rows, &(chain, id))?.is_some_and(|row| row.height == height) {
                REQUESTS.remove(&mut self.rows, &(chain, id));
            }
        }
        Ok(())
    }

    /// A block of the next height with the blobs that it publishes, where it was executed or voted for here.
    pub(crate) fn known_block(&self, block: BlockHash) -> Result<Option<(Body, Vec<Blob>)>, Lacking> {
        if let Some(candidate) = self.candidate(block) {
            return Ok(Some((candidate.block.body(), candidate.blobs.clone())));
        }
        Ok(self.stored(block)?.map(|row| (row.block.body(), row.blobs)))
    }
}
