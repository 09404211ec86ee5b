//! Reading what is durable: certified blocks, commits, inboxes, blobs. Bounded pages, no chain is loaded.

use crate::{
    layout::{BLOBS, BODIES, COMMITS, HEIGHTS, NEXT_COMMIT, OWNERS, PUBLIC, inbox},
    rows::{CommitRow, StoredBlock},
};
use myceline_state::{Absent, Snapshot, key::Canonical};
use myceline_types::{Blob, BlobId, BlockHeight, CertifiedBlock, ChainId, Cursor, InboxEntry, Owner, encoding};
use std::ops::Bound;

/// Bytes of blocks in one answer: well below what a message may have.
const PAGE_BYTES_MAX: usize = 8 << 20;

/// The certified block of a chain at a height, where it is here.
pub fn certified<S: Snapshot>(rows: &S, chain: ChainId, height: BlockHeight) -> Result<Option<CertifiedBlock>, Absent> {
    let Some(place) = HEIGHTS.get(rows, &(chain, height))? else { return Ok(None) };
    let Some(commit) = COMMITS.get(rows, &place)? else { return Ok(None) };
    Ok(read_commit(rows, &commit)?.map(|(certified, _)| certified))
}

/// The certified blocks of a chain from a height on.
pub fn blocks<S: Snapshot>(
    rows: &S,
    chain: ChainId,
    from: BlockHeight,
    limit: usize,
) -> Result<Vec<CertifiedBlock>, Absent> {
    let mut page = Page::new(limit);
    let mut height = Some(from);
    while let Some(next) = height.filter(|_| page.has_room()) {
        let Some(certified) = certified(rows, chain, next)? else { break };
        page.add(certified);
        height = next.next();
    }
    Ok(page.entries)
}

/// Certified blocks with the blobs that they publish, and the place after the last one.
pub type Commits = (Vec<(CertifiedBlock, Vec<Blob>)>, u64);

/// The certified blocks in the order of commits.
pub fn commits<S: Snapshot>(rows: &S, from: u64, limit: usize) -> Result<Commits, Absent> {
    let mut page = Page::new(limit);
    let mut next = from;
    for (place, commit) in COMMITS.page(rows, Bound::Included(&from), limit)? {
        let Some(entry) = read_commit(rows, &commit)?.filter(|_| page.has_room()) else { break };
        page.add(entry);
        next = place + 1;
    }
    Ok((page.entries, next))
}

/// Which blocks were committed, in that order, and the place after the last one.
pub fn commit_index<S: Snapshot>(
    rows: &S,
    from: u64,
    limit: usize,
) -> Result<(Vec<(ChainId, BlockHeight)>, u64), Absent> {
    let page = COMMITS.page_of_beginnings(rows, Bound::Included(&from), limit, CommitRow::PLACE_BYTES)?;
    let next = page.last().map_or(from, |(place, _)| place + 1);
    Ok((page.into_iter().map(|(_, of)| of).collect(), next))
}

/// Whether a block of a chain is committed here at a height.
pub fn has_block<S: Snapshot>(rows: &S, chain: ChainId, height: BlockHeight) -> Result<bool, Absent> {
    HEIGHTS.contains(rows, &(chain, height))
}

/// The place that the next commit will have.
pub fn next_commit<S: Snapshot>(rows: &S) -> Result<u64, Absent> {
    NEXT_COMMIT.get_or_default(rows)
}

/// The bundles that wait for a chain, in the order of origins and cursors.
pub fn waiting<S: Snapshot>(
    rows: &S,
    chain: ChainId,
    after: Option<(ChainId, Cursor)>,
    limit: usize,
) -> Result<Vec<(ChainId, Cursor, InboxEntry)>, Absent> {
    inbox(chain).page(rows, after, limit)
}

/// The content of a certified blob.
pub fn blob<S: Snapshot>(rows: &S, id: BlobId) -> Result<Option<Blob>, Absent> {
    BLOBS.get(rows, &Canonical(id))
}

/// The chains that an owner was ever made an owner of.
pub fn chains_of<S: Snapshot>(
    rows: &S,
    owner: Owner,
    after: Option<ChainId>,
    limit: usize,
) -> Result<Vec<ChainId>, Absent> {
    let start = (owner, after.unwrap_or(ChainId(myceline_types::Hash::ZERO)));
    let from = if after.is_some() { Bound::Excluded(&start) } else { Bound::Included(&start) };
    let page = OWNERS.page(rows, from, limit)?;
    Ok(page.into_iter().take_while(|(of, _)| *of == owner).map(|(_, chain)| chain).collect())
}

/// The chains that blocks gave to the validators, in the order of their ids. Those of genesis are not among them.
pub fn public_chains<S: Snapshot>(rows: &S, after: Option<ChainId>, limit: usize) -> Result<Vec<ChainId>, Absent> {
    let from = after.as_ref().map_or(Bound::Unbounded, Bound::Excluded);
    PUBLIC.page(rows, from, limit)
}

fn read_commit<S: Snapshot>(rows: &S, commit: &CommitRow) -> Result<Option<(CertifiedBlock, Vec<Blob>)>, Absent> {
    let Some(row) = BODIES.get(rows, &commit.body())? else { return Ok(None) };
    let StoredBlock::Executed(block) = row.block else { return Ok(None) };
    Ok(Some((CertifiedBlock { block, certificate: commit.certificate.clone() }, row.blobs)))
}

/// Entries of one answer, bounded in number and bytes; one entry always fits.
struct Page<T> {
    entries: Vec<T>,
    bytes: usize,
    limit: usize,
}

impl<T: serde::Serialize> Page<T> {
    fn new(limit: usize) -> Page<T> {
        Page { entries: Vec::new(), bytes: 0, limit }
    }

    fn has_room(&self) -> bool {
        self.entries.len() < self.limit && self.bytes < PAGE_BYTES_MAX
    }

    fn add(&mut self, entry: T) {
        self.bytes += encoding::size_of(&entry);
        self.entries.push(entry);
    }
}
