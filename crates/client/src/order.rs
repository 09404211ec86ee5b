//! What is to be done on a chain, and how it begins: in one step of the local node, which knows what was done before.

use crate::{error::SubmitError, settle::Height, signer::Signer};
use myceline_node::{Candidate, Cost, Draft, Lacking, Staged, Work, rows::RequestId};
use myceline_state::Snapshot;
use myceline_types::{
    ApplicationId, Blob, Block, BlockHash, CertifiedBlock, ChainId, Fact, Leaders, Owner, Ownership, Proposal, Slot,
    Transaction,
};
use std::{collections::BTreeSet, sync::Arc};

/// What is to be done on a chain.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    pub(crate) chain: ChainId,
    /// Done once under this name.
    pub(crate) request: Option<RequestId>,
    /// Bundles to take in if that works.
    pub(crate) incoming: Vec<Transaction>,
    /// What must work.
    pub(crate) wanted: Vec<Transaction>,
    pub(crate) blobs: Vec<Blob>,
    /// Facts that nobody shows.
    pub(crate) absent: BTreeSet<Fact>,
    /// Applications whose bundles are not rejected.
    pub(crate) unrejected: BTreeSet<ApplicationId>,
}

/// How it begins.
pub(crate) enum Begun {
    /// It was done before.
    Done(Arc<CertifiedBlock>),
    /// This block is to be settled: for the order, or because it was begun before.
    Job(Box<Job>),
}

/// A block on its way to be settled.
pub(crate) struct Job {
    pub(crate) height: Height,
    pub(crate) me: Owner,
    pub(crate) candidate: Arc<Candidate>,
    pub(crate) blobs: Vec<Blob>,
    /// The proposal that was written down before.
    pub(crate) proposal: Option<Proposal>,
    pub(crate) request: Option<RequestId>,
    /// Whether it carries out the order; otherwise it has to be finished first.
    pub(crate) is_ordered: bool,
}

/// A block that this client has executed or read.
#[derive(Clone, Debug)]
pub(crate) enum Made {
    Here(Arc<Candidate>),
    Read(Arc<CertifiedBlock>),
}

impl Made {
    pub(crate) fn block(&self) -> &Block {
        match self {
            Made::Here(candidate) => &candidate.block,
            Made::Read(certified) => &certified.block,
        }
    }

    pub(crate) fn cost(&self) -> Option<Cost> {
        match self {
            Made::Here(candidate) => Some(candidate.cost),
            Made::Read(_) => None,
        }
    }

    pub(crate) fn hash(&self) -> BlockHash {
        match self {
            Made::Here(candidate) => candidate.hash,
            Made::Read(certified) => certified.certificate.block,
        }
    }
}

impl Order {
    /// Nothing is to be done on a chain yet.
    pub(crate) fn on(chain: ChainId) -> Order {
        Order {
            chain,
            request: None,
            incoming: Vec::new(),
            wanted: Vec::new(),
            blobs: Vec::new(),
            absent: BTreeSet::new(),
            unrejected: BTreeSet::new(),
        }
    }

    /// Finds out whether it was done, what has to be finished first, or else makes a block of it.
    pub(crate) fn begin<S: Snapshot>(
        &self,
        signer: &impl Signer,
        work: &mut Work<'_, S>,
    ) -> Result<Result<Begun, SubmitError>, Lacking> {
        if let Some(job) = unfinished(self.request, work)? {
            return Ok(Ok(Begun::Job(Box::new(job))));
        }
        if let Some(known) = self.look_back(work)? {
            return Ok(known);
        }
        let Some(me) = proposer(&work.config().ownership, signer) else {
            return Ok(Err(SubmitError::NotOwner(self.chain)));
        };
        self.stage(me, work)
    }

    /// What became of the request's block, if there was one.
    fn look_back<S: Snapshot>(&self, work: &mut Work<'_, S>) -> Result<Option<Result<Begun, SubmitError>>, Lacking> {
        let Some(id) = self.request else { return Ok(None) };
        let Some(row) = work.request(id)? else { return Ok(None) };
        if row.height >= work.tip().next {
            return Ok(Some(Err(SubmitError::RejectedBefore)));
        }
        let certified = work.certified(row.height)?.filter(|certified| certified.certificate.block == row.block);
        // Where another block took its height, the request's cannot come back: it is safe to try again.
        Ok(certified.map(|certified| Ok(Begun::Done(Arc::new(certified)))))
    }

    fn stage<S: Snapshot>(&self, me: Owner, work: &mut Work<'_, S>) -> Result<Result<Begun, SubmitError>, Lacking> {
        let Order { incoming, wanted, blobs, absent, unrejected, .. } = self.clone();
        let height = height_of(work);
        Ok(match work.stage(Draft { author: Some(me), incoming, wanted, blobs, absent, unrejected })? {
            Staged::Block(candidate) => Ok(Begun::Job(Box::new(Job {
                height,
                me,
                candidate,
                blobs: self.blobs.clone(),
                proposal: None,
                request: self.request,
                is_ordered: true,
            }))),
            Staged::Nothing => Err(SubmitError::Nothing),
            Staged::Fails { index, problem } => Err(SubmitError::Fails { index, problem }),
            Staged::Lacks(fact) => Err(SubmitError::Lacks(fact)),
            Staged::Fault(why) => Err(SubmitError::Fault(why)),
        })
    }
}

/// What was signed before and is not known to be final. `request` is what is asked for now.
pub(crate) fn unfinished<S: Snapshot>(
    request: Option<RequestId>,
    work: &mut Work<'_, S>,
) -> Result<Option<Job>, Lacking> {
    let Some(row) = work.pending()? else { return Ok(None) };
    let examined = work.examine(&row.proposal.body, &row.blobs)?;
    // A block that this store does not execute any more is of no use: whatever is final instead will be adopted.
    let Ok(candidate) = examined else { return Ok(None) };
    Ok(Some(Job {
        height: height_of(work),
        me: row.proposal.proposer,
        candidate,
        blobs: row.blobs,
        is_ordered: row.request.is_some() && row.request == request,
        request: row.request,
        proposal: Some(row.proposal),
    }))
}

fn height_of<S: Snapshot>(work: &Work<'_, S>) -> Height {
    let (tip, config) = (work.tip(), work.config());
    let slot = Slot { chain: work.chain(), height: tip.next, epoch: config.epoch };
    Height { slot, previous: tip.block, ownership: config.ownership.clone() }
}

/// Under whose key the client proposes: a fast owner's if it has one, or else any owner's; on a public chain a validator's.
fn proposer(ownership: &Ownership, signer: &impl Signer) -> Option<Owner> {
    let Leaders::Owners(owners) = &ownership.leaders else { return signer.validator() };
    let holds = |owner: &&Owner| signer.holds(owner);
    let owner = owners.fast.iter().find(holds).or_else(|| owners.regular.keys().find(holds)).copied();
    owner.or_else(|| signer.owners().first().copied().filter(|_| owners.open_multi_leader))
}
