//! A step for a certificate: a validated block is confirmed, a final one is committed.

use crate::{
    candidate::Candidate,
    cell::{Lacking, Last, Role},
    facts::keep_facts,
    layout::{BIRTHS, BODIES, OWNERS, PUBLIC, inbox, of_chain, table},
    refuse::{final_refusal, from_reason},
    rows::{CommitRow, KeptBody},
    step::Answer,
    stopped::Stepping,
    work::Work,
};
use myceline_chain::Reconciled;
use myceline_consensus::{Machine, Verdict, finality};
use myceline_execution::Oracle;
use myceline_state::{Batch, Entries, Key, Snapshot};
use myceline_types::{
    Blob, Block, BlockHash, BlockHeight, Body, Certificate, CertificateKind, ChainId, Checked, Committee, Cursor,
    Leaders, Missing, Ownership, Refusal, Transaction,
    api::{CertificateRequest, Reason, Response},
};
use std::{cmp::Ordering, collections::BTreeMap, sync::Arc};

/// Anticipated bundles looked at in one step.
const RECONCILED_MAX: usize = 64;

impl<S: Snapshot> Work<'_, S> {
    /// Takes a certificate of the next height: commits its block if that is final, else votes to confirm it.
    pub fn certificate(&mut self, request: &CertificateRequest) -> Result<(), Lacking> {
        let answer = self.take_certificate(request.certificate.clone(), request.block.as_ref(), &request.blobs);
        self.settle(answer)
    }

    pub(crate) fn take_certificate(
        &mut self,
        certificate: Certificate,
        block: Option<&Block>,
        blobs: &[Blob],
    ) -> Stepping<Answer> {
        let next = self.standing.row.tip.next;
        if certificate.slot.height < next {
            return Ok(Response::Committed { next }.into());
        }
        self.check_height(certificate.slot.height)?;
        let authority = self.authority(certificate.slot.epoch)?;
        let certificate = authority.certificate(certificate)?;
        if let Some(candidate) = self.candidate(certificate.block).cloned() {
            return self.take_executed(&candidate, &certificate, authority.committee);
        }
        let (body, blobs) = self.body_at_hand(&certificate, block, blobs)?;
        if !may_be_final(&certificate, authority.committee) {
            return self.confirm(&certificate, &body, &blobs);
        }
        let candidate = self.executed(certificate.block, &body, &blobs, Oracle::Recorded(&body.oracle))?;
        if candidate.hash != certificate.block {
            return Err(self.not_what_was_certified(&candidate, &certificate, block).into());
        }
        self.take_executed(&candidate, &certificate, authority.committee)
    }

    /// Commits a certified block that was executed here, or votes to confirm it.
    fn take_executed(
        &mut self,
        candidate: &Arc<Candidate>,
        certificate: &Checked<Certificate>,
        committee: &Committee,
    ) -> Stepping<Answer> {
        if finality(certificate, committee, candidate.executed()).is_none() {
            return self.confirm(certificate, &candidate.block.body(), &candidate.blobs);
        }
        self.apply(candidate, certificate)?;
        Ok(Response::Committed { next: self.standing.row.tip.next }.into())
    }

    /// The certified block and its blobs: come with the certificate, or stored here. What comes must have the certified hash, since a confirmed block is stored without being executed.
    fn body_at_hand(
        &self,
        certificate: &Certificate,
        offered: Option<&Block>,
        blobs: &[Blob],
    ) -> Stepping<(Body, Vec<Blob>)> {
        let claimed = certificate.block;
        match offered {
            Some(block) if block.hash() == claimed => return Ok((block.body(), blobs.to_vec())),
            Some(block) => return Err(Refusal::Mismatch { here: Box::new(block.header()), claimed }.into()),
            None => (),
        }
        Ok(self.known_block(claimed)?.ok_or_else(|| lacks_body(claimed))?)
    }

    /// A body that was stored on the strength of a certificate may be another one than the certified: it came from a proposer
    /// and was not executed. Then the right one is asked for.
    fn not_what_was_certified(&self, here: &Candidate, certificate: &Certificate, offered: Option<&Block>) -> Refusal {
        match offered {
            None => lacks_body(certificate.block),
            Some(_) => Refusal::Mismatch { here: Box::new(here.header.clone()), claimed: certificate.block },
        }
    }

    /// R15: a validated block is confirmed without executing it, but never without its body.
    fn confirm(&mut self, certificate: &Checked<Certificate>, body: &Body, blobs: &[Blob]) -> Stepping<Answer> {
        let now = self.moment.now;
        match self.ask_machine(|machine, terms| machine.on_certificate(terms, now, certificate)) {
            Verdict::Sign(vote) => {
                let answer = self.vote(vote)?;
                self.keep_body(certificate.block, body, blobs);
                Ok(answer)
            }
            Verdict::Already(vote) => Ok(Answer::Vote(vote)),
            Verdict::Noted | Verdict::Execute(_) => Ok(self.round()),
            Verdict::Refused(reason) => from_reason(self, reason),
        }
    }

    /// Makes a final block the chain's last one: its changes, its bundles, its blobs, and a new height.
    fn apply(&mut self, candidate: &Arc<Candidate>, certificate: &Checked<Certificate>) -> Result<(), Lacking> {
        let before = self.standing.row.tip;
        self.keep_executed(candidate);
        self.consume_bundles(candidate)?;
        self.write_initial();
        write_all(&mut self.rows, &of_chain(table::STATE, self.chain), &candidate.changes);
        write_all(&mut self.rows, &[], &candidate.update.rows);
        keep_facts(&mut self.rows, &candidate.block, candidate.blobs.iter().chain(&candidate.created));
        self.send_bundles(candidate);
        self.open_chains(candidate);
        self.record_commit(candidate, certificate);
        self.advance(before, candidate, certificate);
        Ok(())
    }

    fn consume_bundles(&mut self, candidate: &Candidate) -> Result<(), Lacking> {
        if self.moment.role == Role::Client {
            return Ok(());
        }
        let inbox = inbox(self.chain);
        let snapshot = self.cursors_before(candidate)?;
        let cursors = |origin| Ok(snapshot.get(&origin).copied().flatten());
        self.standing.row.anticipated += inbox.consume(&mut self.rows, &candidate.block.proposed, cursors)?;
        self.reconcile()
    }

    /// The cursors before the block, of the origins that it skips bundles of.
    fn cursors_before(&self, candidate: &Candidate) -> Result<BTreeMap<ChainId, Option<Cursor>>, Lacking> {
        let mut cursors = BTreeMap::new();
        for transaction in &candidate.block.proposed.transactions {
            if let Transaction::Skip { origin, .. } = transaction {
                cursors.insert(*origin, self.received(*origin)?);
            }
        }
        Ok(cursors)
    }

    /// Compares what was consumed early with what has arrived since. A contradiction ends voting on this chain.
    pub fn reconcile(&mut self) -> Result<(), Lacking> {
        if self.standing.row.anticipated == 0 {
            return Ok(());
        }
        for outcome in inbox(self.chain).reconcile(&mut self.rows, RECONCILED_MAX)? {
            match outcome {
                Reconciled::Agrees => self.standing.row.anticipated -= 1,
                Reconciled::Contradicts => self.standing.row.halted = true,
            }
        }
        Ok(())
    }

    /// Delivery is a write: what the block sends is in its recipients' inboxes in the same commit.
    fn send_bundles(&mut self, candidate: &Candidate) {
        if self.moment.role == Role::Client || candidate.block.outcome.messages.is_empty() {
            return;
        }
        for of_recipient in candidate.block.bundles().chunk_by(|(one, _), (next, _)| one == next) {
            let bundles = of_recipient.iter().map(|(_, bundle)| bundle);
            inbox(of_recipient[0].0).arrive(&mut self.rows, self.chain, bundles);
            for (recipient, bundle) in of_recipient {
                self.notice(Reason::Incoming { chain: *recipient, origin: self.chain, cursor: bundle.cursor });
            }
        }
    }

    fn open_chains(&mut self, candidate: &Candidate) {
        for description in &candidate.opened {
            let chain = description.id();
            BIRTHS.insert(&mut self.rows, &chain, description);
            self.index_leaders(chain, &description.config.ownership);
        }
        if candidate.config.ownership != self.standing.config.ownership {
            self.index_leaders(self.chain, &candidate.config.ownership);
        }
    }

    /// A hint for owners, and for validators, who look for their chains; who left is not removed, and the asker verifies.
    fn index_leaders(&mut self, chain: ChainId, ownership: &Ownership) {
        if self.moment.role == Role::Client {
            return;
        }
        match &ownership.leaders {
            Leaders::Owners(_) => {
                for owner in ownership.all_owners() {
                    OWNERS.insert(&mut self.rows, &(owner, chain));
                }
            }
            Leaders::Validators => {
                PUBLIC.insert(&mut self.rows, &chain);
                self.public.push(chain);
            }
        }
    }

    /// Notes the commit, and drops the bodies of blocks that lost.
    fn record_commit(&mut self, candidate: &Candidate, certificate: &Certificate) {
        for KeptBody { key, .. } in std::mem::take(&mut self.standing.row.bodies) {
            if key.1 == candidate.hash {
                self.commit(CommitRow { certificate: certificate.clone(), voted: key.0 });
            } else {
                BODIES.remove(&mut self.rows, &key);
            }
        }
    }

    fn advance(&mut self, before: myceline_chain::Tip, candidate: &Arc<Candidate>, certificate: &Certificate) {
        let header = &candidate.header;
        let tip = before.after(candidate.hash, header.timestamp).expect("a chain has less than 2^64 blocks");
        self.notice(Reason::NewBlock { chain: self.chain, height: header.height, block: candidate.hash });
        let standing = &mut self.standing;
        standing.row.tip = tip;
        standing.config = candidate.config.clone();
        standing.tree = candidate.update.tree.clone();
        standing.candidates.clear();
        standing.last = Some(Arc::new(Last { candidate: candidate.clone(), certificate: certificate.clone() }));
        self.standing.row.machine = Machine::new(&self.terms());
    }

    /// What is about another height than the next is refused, with what repairs it.
    pub(crate) fn check_height(&self, height: BlockHeight) -> Stepping<()> {
        let next = self.standing.row.tip.next;
        match height.cmp(&next) {
            Ordering::Greater => Err(Refusal::Lagging { next }.into()),
            Ordering::Less => Err(final_refusal(self, height)?.into()),
            Ordering::Equal => Ok(()),
        }
    }
}

/// The block was certified, and what it does is not known here.
pub(crate) fn lacks_body(block: BlockHash) -> Refusal {
    Refusal::Missing(Missing { body: Some(block), ..Missing::default() })
}

/// Whether the weight and the round let a certificate be final, if its block is oracle-free (R8).
fn may_be_final(certificate: &Certificate, committee: &Committee) -> bool {
    match certificate.kind {
        CertificateKind::Confirmed => true,
        CertificateKind::Validated => {
            certificate.round.is_fast()
                && certificate.weight(committee).is_ok_and(|weight| weight >= committee.fast_quorum())
        }
    }
}

/// Writes all of `batch` with a prefix before its keys.
pub(crate) fn write_all(rows: &mut impl Entries, prefix: &[u8], batch: &Batch) {
    for (key, value) in batch.iter() {
        let key = if prefix.is_empty() { key.clone() } else { Key::fused(prefix, key) };
        match value {
            Some(value) => rows.put(key, value.clone()),
            None => rows.delete(key),
        }
    }
}
