//! The inbox of a chain: bundles that wait, and bundles that were consumed before they arrived.
//!
//! Senders only ever add arrivals; only the recipient consumes, and only the recipient deletes. Which bundle comes next
//! is not known here: cursors are state that execution keeps.

use myceline_state::{Absent, Entries, Key, Map, Snapshot, collections::Collection};
use myceline_types::{
    BlockHeight, BundleHash, ChainId, Cursor, InboxEntry, IncomingBundle, ProposedBlock, Transaction,
};
use std::ops::Bound;

/// Where in an inbox a bundle is.
type Place = (ChainId, Cursor);

/// The rows of one chain's inbox.
pub struct Inbox {
    waiting: Map<Place, InboxEntry>,
    anticipated: Map<Place, BundleHash>,
}

/// The most bundles that one skip may pass over: each of them is looked at by every voter.
pub const SKIP_MAX: usize = 10_000;

/// Why a block cannot be voted on for the bundles that it consumes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unfit {
    /// Bundles that have not arrived here.
    Missing(Vec<(ChainId, Cursor)>),
    /// A bundle that is not what its origin sent.
    Forged(ChainId, Cursor),
    /// A bundle that may not be discarded unread, or too many at once.
    NotSkippable(ChainId, Cursor),
    /// A bundle that the chain has consumed already.
    Consumed(ChainId, Cursor),
}

/// What became of a bundle that was consumed before it arrived.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reconciled {
    /// It arrived and is what was consumed.
    Agrees,
    /// It arrived and is not: somebody certified a lie. Voting on this chain must stop.
    Contradicts,
}

impl Inbox {
    /// The inbox whose waiting entries and whose anticipations are under these prefixes.
    pub fn new(waiting: Key, anticipated: Key) -> Inbox {
        Inbox { waiting: Map::at(waiting), anticipated: Map::at(anticipated) }
    }

    /// A bundle arrives: written blindly, with the block that sent it.
    pub fn arrive<E: Entries>(&self, rows: &mut E, origin: ChainId, cursor: Cursor, entry: &InboxEntry) {
        self.waiting.insert(rows, &(origin, cursor), entry);
    }

    /// Whether every bundle that a block consumes is here and is what its origin sent. Asked before voting only.
    pub fn check<S: Snapshot>(
        &self,
        rows: &S,
        block: &ProposedBlock,
        cursors: impl Cursors,
    ) -> Result<Result<(), Unfit>, Absent> {
        let mut missing = Vec::new();
        for transaction in &block.transactions {
            let found = match transaction {
                Transaction::Receive(incoming) => self.check_bundle(rows, incoming, &cursors)?,
                Transaction::Skip { origin, up_to } => {
                    self.check_skip(rows, *origin, cursors.received(*origin)?, *up_to)?
                }
                Transaction::Execute(_) => Ok(()),
            };
            match found {
                Ok(()) => (),
                Err(Unfit::Missing(more)) => missing.extend(more),
                Err(unfit) => return Ok(Err(unfit)),
            }
        }
        Ok(if missing.is_empty() { Ok(()) } else { Err(Unfit::Missing(missing)) })
    }

    fn check_bundle<S: Snapshot>(
        &self,
        rows: &S,
        incoming: &IncomingBundle,
        cursors: &impl Cursors,
    ) -> Result<Result<(), Unfit>, Absent> {
        let (origin, cursor) = (incoming.origin, incoming.bundle.cursor);
        Ok(match self.waiting.get(rows, &(origin, cursor))? {
            None if cursors.received(origin)? >= Some(cursor) => Err(Unfit::Consumed(origin, cursor)),
            None => Err(Unfit::Missing(vec![(origin, cursor)])),
            Some(entry) if entry == InboxEntry::from(&incoming.bundle) => Ok(()),
            Some(_) => Err(Unfit::Forged(origin, cursor)),
        })
    }

    /// All bundles after `last` up to `up_to` must be here, without a gap, and skippable.
    fn check_skip<S: Snapshot>(
        &self,
        rows: &S,
        origin: ChainId,
        mut last: Option<Cursor>,
        up_to: Cursor,
    ) -> Result<Result<(), Unfit>, Absent> {
        if last >= Some(up_to) {
            return Ok(Err(Unfit::Consumed(origin, up_to)));
        }
        for (at, entry) in self.page_of(rows, origin, last, SKIP_MAX)? {
            if entry.previous != last || at > up_to {
                break;
            }
            if !entry.skippable {
                return Ok(Err(Unfit::NotSkippable(origin, at)));
            }
            last = Some(at);
            if at == up_to {
                return Ok(Ok(()));
            }
        }
        Ok(Err(Unfit::Missing(vec![(origin, up_to)])))
    }

    /// At most `limit` waiting bundles of an origin after a cursor.
    pub fn page_of<S: Snapshot>(
        &self,
        rows: &S,
        origin: ChainId,
        after: Option<Cursor>,
        limit: usize,
    ) -> Result<Vec<(Cursor, InboxEntry)>, Absent> {
        let start = (origin, after.unwrap_or(Cursor { height: BlockHeight(0), transaction: 0 }));
        let from = if after.is_some() { Bound::Excluded(&start) } else { Bound::Included(&start) };
        let page = self.waiting.page(rows, from, limit)?;
        let of_origin = page.into_iter().take_while(|((from, _), _)| *from == origin);
        Ok(of_origin.map(|((_, at), entry)| (at, entry)).collect())
    }

    /// At most `limit` waiting bundles in the order of origins and cursors, after a place.
    pub fn page<S: Snapshot>(
        &self,
        rows: &S,
        after: Option<(ChainId, Cursor)>,
        limit: usize,
    ) -> Result<Vec<(ChainId, Cursor, InboxEntry)>, Absent> {
        let page = self.waiting.page(rows, after.as_ref().map_or(Bound::Unbounded, Bound::Excluded), limit)?;
        Ok(page.into_iter().map(|((origin, cursor), entry)| (origin, cursor, entry)).collect())
    }

    /// A certified block consumes its bundles: what waits is deleted, what has not arrived is anticipated. Answers how
    /// many are anticipated.
    pub fn consume<E: Entries>(
        &self,
        rows: &mut E,
        block: &ProposedBlock,
        cursors: impl Cursors,
    ) -> Result<u32, Absent> {
        let mut anticipated = 0;
        for transaction in &block.transactions {
            match transaction {
                Transaction::Receive(incoming) => anticipated += self.consume_bundle(rows, incoming)?,
                Transaction::Skip { origin, up_to } => {
                    self.discard(rows, *origin, cursors.received(*origin)?, *up_to)?
                }
                Transaction::Execute(_) => (),
            }
        }
        Ok(anticipated)
    }

    fn consume_bundle<E: Entries>(&self, rows: &mut E, incoming: &IncomingBundle) -> Result<u32, Absent> {
        let place = (incoming.origin, incoming.bundle.cursor);
        if self.waiting.contains(rows, &place)? {
            self.waiting.remove(rows, &place);
            return Ok(0);
        }
        self.anticipated.insert(rows, &place, &incoming.bundle.hash());
        Ok(1)
    }

    fn discard<E: Entries>(
        &self,
        rows: &mut E,
        origin: ChainId,
        last: Option<Cursor>,
        up_to: Cursor,
    ) -> Result<(), Absent> {
        for (at, _) in self.page_of(rows, origin, last, SKIP_MAX)? {
            if at <= up_to {
                self.waiting.remove(rows, &(origin, at));
            }
        }
        Ok(())
    }

    /// Compares anticipated bundles with those that have arrived since. Answers what became of those that have.
    pub fn reconcile<E: Entries>(&self, rows: &mut E, limit: usize) -> Result<Vec<Reconciled>, Absent> {
        let mut outcomes = Vec::new();
        for (place, expected) in self.anticipated.page(rows, Bound::Unbounded, limit)? {
            let Some(entry) = self.waiting.get(rows, &place)? else { continue };
            if entry.hash != expected {
                outcomes.push(Reconciled::Contradicts);
                continue;
            }
            self.waiting.remove(rows, &place);
            self.anticipated.remove(rows, &place);
            outcomes.push(Reconciled::Agrees);
        }
        Ok(outcomes)
    }
}

/// The last bundle that the chain consumed from each origin, before the block in question.
pub trait Cursors: Copy {
    /// From this origin.
    fn received(&self, origin: ChainId) -> Result<Option<Cursor>, Absent>;
}

impl<F: Fn(ChainId) -> Result<Option<Cursor>, Absent> + Copy> Cursors for F {
    fn received(&self, origin: ChainId) -> Result<Option<Cursor>, Absent> {
        self(origin)
    }
}
