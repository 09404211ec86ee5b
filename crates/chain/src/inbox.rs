//! The inbox of a chain: bundles that wait, and bundles that were consumed before they arrived.
//!
//! Senders only ever add arrivals; only the recipient consumes, and only the recipient deletes. Which bundle comes next
//! is not known here: cursors are state that execution keeps.

mod row;

use myceline_state::{Absent, Entries, Key, Map, Snapshot, collections::Collection};
use myceline_types::{
    BlockHeight, Bundle, BundleHash, ChainId, Cursor, InboxEntry, IncomingBundle, ProposedBlock, Transaction,
};
use row::{Place, Row, place_of};
use std::{iter, ops::Bound};

/// The rows of one chain's inbox.
pub struct Inbox {
    waiting: Map<Place, Row>,
    anticipated: Map<(ChainId, Cursor), BundleHash>,
}

/// Rows of waiting bundles that are read at once. In each are up to 128 bundles.
const ROWS_READ_MAX: usize = 64;

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

    /// Bundles of one block arrive, in the order of their transactions: written blindly, with the block that sent them.
    pub fn arrive<'a, E: Entries>(
        &self,
        rows: &mut E,
        origin: ChainId,
        bundles: impl Iterator<Item = &'a Bundle> + Clone,
    ) {
        let hashes = Bundle::hash_each(bundles.clone());
        let bundles: Vec<(&Bundle, BundleHash)> = bundles.zip(hashes).collect();
        let place = |(bundle, _): &(&Bundle, BundleHash)| place_of(origin, bundle.cursor);
        for together in bundles.chunk_by(|one, next| place(one) == place(next)) {
            if let Some(row) = Row::of(together) {
                self.waiting.insert(rows, &place(&together[0]), &row);
            }
        }
    }

    /// Whether every bundle that a block consumes is here and is what its origin sent. Asked before voting only.
    pub fn check<S: Snapshot>(
        &self,
        rows: &S,
        block: &ProposedBlock,
        cursors: impl Cursors,
    ) -> Result<Result<(), Unfit>, Absent> {
        let mut missing = Vec::new();
        for together in block.transactions.chunk_by(are_in_one_row) {
            let row = place(&together[0]).map(|place| self.waiting.get(rows, &place)).transpose()?.flatten();
            for transaction in together {
                match self.check_transaction(rows, row.as_ref(), transaction, cursors)? {
                    Ok(()) => (),
                    Err(Unfit::Missing(more)) => missing.extend(more),
                    Err(unfit) => return Ok(Err(unfit)),
                }
            }
        }
        Ok(if missing.is_empty() { Ok(()) } else { Err(Unfit::Missing(missing)) })
    }

    /// Whether what one transaction consumes is here. `row` is the one that its bundle would be in.
    fn check_transaction<S: Snapshot>(
        &self,
        rows: &S,
        row: Option<&Row>,
        transaction: &Transaction,
        cursors: impl Cursors,
    ) -> Result<Result<(), Unfit>, Absent> {
        match transaction {
            Transaction::Receive(incoming) => check_bundle(row, incoming, cursors),
            Transaction::Skip { origin, up_to } => self.check_skip(rows, *origin, cursors.received(*origin)?, *up_to),
            Transaction::Execute(_) => Ok(Ok(())),
        }
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
        let from = after.map_or((origin, BlockHeight(0), 0), |after| place_of(origin, after));
        let is_after = |_, cursor| Some(cursor) > after;
        let page = self.page_while(rows, Bound::Included(from), limit, |place| place.0 == origin, is_after)?;
        Ok(page.into_iter().map(|(_, cursor, entry)| (cursor, entry)).collect())
    }

    /// At most `limit` waiting bundles in the order of origins and cursors, after a place.
    pub fn page<S: Snapshot>(
        &self,
        rows: &S,
        after: Option<(ChainId, Cursor)>,
        limit: usize,
    ) -> Result<Vec<(ChainId, Cursor, InboxEntry)>, Absent> {
        let from = after.map_or(Bound::Unbounded, |(origin, after)| Bound::Included(place_of(origin, after)));
        self.page_while(rows, from, limit, |_| true, |origin, cursor| Some((origin, cursor)) > after)
    }

    /// Waiting bundles in rows from a place on: as long as the rows are ours, those that come after some.
    fn page_while<S: Snapshot>(
        &self,
        rows: &S,
        mut from: Bound<Place>,
        limit: usize,
        is_ours: impl Fn(&Place) -> bool,
        is_after: impl Fn(ChainId, Cursor) -> bool,
    ) -> Result<Vec<(ChainId, Cursor, InboxEntry)>, Absent> {
        let mut found = Vec::new();
        while found.len() < limit {
            let wanted = ROWS_READ_MAX.min(limit - found.len());
            let page = self.waiting.page(rows, from.as_ref(), wanted)?;
            for (place, row) in page.iter().take_while(|(place, _)| is_ours(place)) {
                let entries = row.entries(*place).map(|(cursor, entry)| (place.0, cursor, entry));
                found.extend(entries.filter(|(origin, cursor, _)| is_after(*origin, *cursor)));
            }
            match page.last() {
                Some((last, _)) if page.len() == wanted && is_ours(last) => from = Bound::Excluded(*last),
                _ => break,
            }
        }
        found.truncate(limit);
        Ok(found)
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
        for together in block.transactions.chunk_by(are_in_one_row) {
            match &together[0] {
                Transaction::Receive(first) => {
                    let bundles = together.iter().filter_map(incoming).map(|incoming| &incoming.bundle);
                    anticipated += self.consume_bundles(rows, first.origin, bundles)?;
                }
                Transaction::Skip { origin, up_to } => {
                    self.discard(rows, *origin, cursors.received(*origin)?, *up_to)?
                }
                Transaction::Execute(_) => (),
            }
        }
        Ok(anticipated)
    }

    /// Consumes bundles of one row.
    fn consume_bundles<'a, E: Entries>(
        &self,
        rows: &mut E,
        origin: ChainId,
        bundles: impl Iterator<Item = &'a Bundle> + Clone,
    ) -> Result<u32, Absent> {
        let cursors = bundles.clone().map(|bundle| bundle.cursor);
        let are_here = self.take(rows, origin, cursors)?;
        let mut anticipated = 0;
        for (bundle, _) in bundles.zip(are_here).filter(|(_, is_here)| !is_here) {
            self.anticipated.insert(rows, &(origin, bundle.cursor), &bundle.hash());
            anticipated += 1;
        }
        Ok(anticipated)
    }

    /// Takes bundles of one row out of it, and tells which of them waited there.
    fn take<E: Entries>(
        &self,
        rows: &mut E,
        origin: ChainId,
        cursors: impl Iterator<Item = Cursor> + Clone,
    ) -> Result<Vec<bool>, Absent> {
        let Some(place) = cursors.clone().next().map(|first| place_of(origin, first)) else { return Ok(Vec::new()) };
        let Some(mut row) = self.waiting.get(rows, &place)? else { return Ok(cursors.map(|_| false).collect()) };
        let are_here = cursors.map(|cursor| row.take(cursor)).collect();
        match row.is_empty() {
            true => self.waiting.remove(rows, &place),
            false => self.waiting.insert(rows, &place, &row),
        }
        Ok(are_here)
    }

    fn discard<E: Entries>(
        &self,
        rows: &mut E,
        origin: ChainId,
        last: Option<Cursor>,
        up_to: Cursor,
    ) -> Result<(), Absent> {
        let page = self.page_of(rows, origin, last, SKIP_MAX)?;
        let skipped: Vec<Cursor> = page.into_iter().map(|(at, _)| at).filter(|at| *at <= up_to).collect();
        for together in skipped.chunk_by(|one, next| place_of(origin, *one) == place_of(origin, *next)) {
            self.take(rows, origin, together.iter().copied())?;
        }
        Ok(())
    }

    /// Compares anticipated bundles with those that have arrived since. Answers what became of those that have.
    pub fn reconcile<E: Entries>(&self, rows: &mut E, limit: usize) -> Result<Vec<Reconciled>, Absent> {
        let mut outcomes = Vec::new();
        for ((origin, cursor), expected) in self.anticipated.page(rows, Bound::Unbounded, limit)? {
            let row = self.waiting.get(rows, &place_of(origin, cursor))?;
            let Some(entry) = row.and_then(|row| row.entry(cursor)) else { continue };
            if entry.hash != expected {
                outcomes.push(Reconciled::Contradicts);
                continue;
            }
            self.take(rows, origin, iter::once(cursor))?;
            self.anticipated.remove(rows, &(origin, cursor));
            outcomes.push(Reconciled::Agrees);
        }
        Ok(outcomes)
    }
}

/// Whether a bundle that is consumed is here and is what its origin sent. `row` is the one that it would be in.
fn check_bundle(
    row: Option<&Row>,
    incoming: &IncomingBundle,
    cursors: impl Cursors,
) -> Result<Result<(), Unfit>, Absent> {
    let (origin, cursor) = (incoming.origin, incoming.bundle.cursor);
    Ok(match row.and_then(|row| row.entry(cursor)) {
        None if cursors.received(origin)? >= Some(cursor) => Err(Unfit::Consumed(origin, cursor)),
        None => Err(Unfit::Missing(vec![(origin, cursor)])),
        Some(entry) if entry == InboxEntry::from(&incoming.bundle) => Ok(()),
        Some(_) => Err(Unfit::Forged(origin, cursor)),
    })
}

fn incoming(transaction: &Transaction) -> Option<&IncomingBundle> {
    match transaction {
        Transaction::Receive(incoming) => Some(incoming),
        Transaction::Skip { .. } | Transaction::Execute(_) => None,
    }
}

/// The row of the bundle that a transaction consumes.
fn place(transaction: &Transaction) -> Option<Place> {
    incoming(transaction).map(|incoming| place_of(incoming.origin, incoming.bundle.cursor))
}

/// Whether two transactions consume bundles of one row. Then it is read and written once for both.
fn are_in_one_row(one: &Transaction, next: &Transaction) -> bool {
    place(one).is_some_and(|row| place(next) == Some(row))
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
