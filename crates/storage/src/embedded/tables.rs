//! The ordered tables that the log fills: log-structured merge trees, one per appended table and one for all others, and before
//! them the rows that no file has yet.
//!
//! Rows that arrive in key order lie in trees of their own, where a flushed file never overlaps another and is not rewritten.
//! The trees' own memory stays empty: a flush gives them the rows of a layer as they are written.

use super::{
    error::OpenError,
    files::sync_folder,
    fresh::{Fresh, Page, Sealed},
    tuning::Tuning,
};
use lsm_tree::{
    AbstractTree as _, AnyTree, Cache, Config, DescriptorTable, Guard as _, InternalValue, SeqNo,
    SequenceNumberCounter, ValueType, compaction::Leveled, config::FilterPolicy,
};
use myceline_state::{Key, Value};
use std::{collections::BTreeMap, fs, ops::Bound, path::Path, ptr, sync::Arc};

/// No view is as old as this.
pub(super) const NO_VIEW: SeqNo = SeqNo::MAX;

/// Merging is behind when this many times more files overlap than start a merge.
const OVERLAPPING_FACTOR: usize = 3;

/// All tables of a store.
pub(super) struct Tables {
    /// Rows that may not be in files yet.
    fresh: Fresh,
    /// Rows in no particular order of arrival.
    scattered: AnyTree,
    /// Tables whose rows arrive in key order, by their byte.
    appended: Vec<(u8, AnyTree)>,
    strategy: Arc<Leveled>,
    overlapping_max: usize,
    /// Orders batches and the trees' own changes. Shared by all trees.
    sequence: SequenceNumberCounter,
}

/// What the files hold, by the first byte of a key. Replaying asks this for every row, so it is found out once.
pub(super) struct Flushed {
    tables: [Option<SeqNo>; 256],
}

impl Flushed {
    fn covers(&self, key: &[u8], sequence: SeqNo) -> bool {
        let table = key.first().copied().unwrap_or_default();
        self.tables[usize::from(table)].is_some_and(|flushed| sequence <= flushed)
    }
}

impl Tables {
    /// Opens or creates the tables in `folder`.
    pub(super) fn open(folder: &Path, appended: &[u8], tuning: &Tuning) -> Result<Tables, OpenError> {
        let sequence = SequenceNumberCounter::default();
        let cache = Arc::new(Cache::with_capacity_bytes(tuning.cache_bytes));
        let files = Arc::new(DescriptorTable::new(tuning.open_files));
        let open = |name: &str, tune: fn(Config) -> Config| {
            let path = folder.join(name);
            let failed = |source| OpenError::Tables { path: path.clone(), source };
            fs::create_dir_all(&path).map_err(|why| failed(why.into()))?;
            // What a killed process renamed must not be undone by a power cut after we have read it.
            sync_folder(&path).map_err(|why| failed(why.into()))?;
            // The trees' own counter of visible changes goes unused: a view reads up to the last whole commit.
            let config = Config::new(&path, sequence.clone(), SequenceNumberCounter::default());
            let config = config.use_cache(cache.clone()).use_descriptor_table(Some(files.clone()));
            tune(config).open().map_err(|why| failed(why.into()))
        };
        let scattered = open("scattered", |config| config)?;
        // Of these files hardly two may hold the same key, so that a filter would save no read.
        let unfiltered = |config: Config| config.filter_policy(FilterPolicy::disabled());
        let open_appended = |table: &u8| open(&format!("appended-{table:02x}"), unfiltered);
        let appended = appended.iter().map(|table| Ok((*table, open_appended(table)?)));
        let appended = appended.collect::<Result<_, OpenError>>()?;
        sync_folder(folder).map_err(|why| OpenError::io("sync", folder, why))?;
        let strategy = Leveled::default().with_table_target_size(tuning.table_bytes);
        let strategy = Arc::new(strategy.with_l0_threshold(tuning.overlapping_files));
        let overlapping_max = OVERLAPPING_FACTOR * usize::from(tuning.overlapping_files);
        let tables = Tables { fresh: Fresh::default(), scattered, appended, strategy, overlapping_max, sequence };
        tables.continue_after(tables.trees().filter_map(AnyTree::get_highest_persisted_seqno).max());
        Ok(tables)
    }

    /// Makes later sequence numbers larger than `used`.
    pub(super) fn continue_after(&self, used: Option<SeqNo>) {
        self.sequence.fetch_max(used.map_or(0, |used| used + 1));
    }

    /// A sequence number for the next batch.
    pub(super) fn next_sequence(&self) -> SeqNo {
        self.sequence.next()
    }

    /// Applies the rows of one batch. They are visible to views of later sequence numbers only. No view reads as of an earlier
    /// one than `oldest`.
    pub(super) fn apply(&self, sequence: SeqNo, rows: impl IntoIterator<Item = (Key, Option<Value>)>, oldest: SeqNo) {
        self.fresh.apply(sequence, rows, oldest);
    }

    /// Up to which sequence number the rows of each table byte are in files.
    pub(super) fn flushed(&self) -> Flushed {
        let scattered = self.scattered.get_highest_persisted_seqno();
        let mut tables = [scattered; 256];
        for (table, tree) in &self.appended {
            tables[usize::from(*table)] = tree.get_highest_persisted_seqno();
        }
        Flushed { tables }
    }

    /// Applies those rows of a replayed batch that are not in files yet.
    pub(super) fn replay(&self, flushed: &Flushed, sequence: SeqNo, rows: impl Iterator<Item = (Key, Option<Value>)>) {
        self.continue_after(Some(sequence));
        self.apply(sequence, rows.filter(|(key, _)| !flushed.covers(key, sequence)), NO_VIEW);
    }

    /// The value under `key` as of `sequence`.
    pub(super) fn get(&self, key: &[u8], sequence: SeqNo) -> lsm_tree::Result<Option<Value>> {
        match self.fresh.get(key, sequence) {
            Some(write) => Ok(write),
            None => Ok(self.tree(key).get(key, sequence)?.map(Value::from)),
        }
    }

    /// At most `limit` rows as of `sequence` whose keys begin with `prefix` and are not below `start`.
    pub(super) fn scan(
        &self,
        prefix: &[u8],
        start: &[u8],
        limit: usize,
        sequence: SeqNo,
    ) -> lsm_tree::Result<Vec<(Key, Value)>> {
        let (mut found, mut from) = (Vec::new(), Key::new(start.max(prefix)));
        while found.len() < limit {
            let wanted = limit - found.len();
            let Page { writes, end } = self.fresh.page(prefix, &from, wanted, sequence);
            // Each removal hides one row at most.
            let hidden = writes.iter().filter(|(_, value)| value.is_none()).count();
            let mut rows = self.in_files(prefix, &from, end.as_deref(), sequence, wanted.saturating_add(hidden))?;
            rows.extend(writes);
            found.extend(rows.into_iter().filter_map(|(key, value)| Some((key, value?))).take(wanted));
            match end {
                Some(end) => from = Key::fused(&end, &[0]),
                None => break,
            }
        }
        Ok(found)
    }

    /// At most `limit` rows that files have as of `sequence`, whose keys begin with `prefix` and are not below `from` nor above
    /// `last`.
    fn in_files(
        &self,
        prefix: &[u8],
        from: &[u8],
        last: Option<&[u8]>,
        sequence: SeqNo,
        limit: usize,
    ) -> lsm_tree::Result<BTreeMap<Key, Option<Value>>> {
        let behind = end_of(prefix);
        let to = last.map_or(behind.as_deref().map_or(Bound::Unbounded, Bound::Excluded), Bound::Included);
        if matches!(to, Bound::Excluded(to) if from >= to) {
            return Ok(BTreeMap::new());
        }
        let rows = self.tree(prefix).range::<&[u8], _>((Bound::Included(from), to), sequence, None).take(limit);
        rows.map(|row| row.into_inner().map(|(key, value)| (key.into(), Some(value.into())))).collect()
    }

    /// Sets the rows that were applied so far apart, to be flushed while later ones arrive.
    pub(super) fn seal(&self) {
        self.fresh.seal();
    }

    /// Writes the sealed rows to files, durably. No view reads as of an earlier sequence number than `oldest`.
    pub(super) fn flush(&self, oldest: SeqNo) -> lsm_tree::Result<()> {
        self.fresh.forget(oldest);
        for layer in self.fresh.unflushed() {
            for tree in self.trees() {
                self.flush_into(tree, &layer, oldest)?;
            }
            // Whoever reads as of an earlier moment is shown the trees as they were then.
            layer.is_flushed_at(self.next_sequence());
        }
        Ok(())
    }

    /// Writes the rows of a layer that belong into `tree`. Of each key the last is enough: who reads as of an earlier moment than
    /// the end of the layer reads the layer.
    fn flush_into(&self, tree: &AnyTree, layer: &Sealed, oldest: SeqNo) -> lsm_tree::Result<()> {
        let ours = layer.last_writes().filter(|(key, ..)| ptr::eq(self.tree(key), tree));
        let mut rows = ours.map(|(key, sequence, value)| Ok(row(key, sequence, value))).peekable();
        if rows.peek().is_none() {
            return Ok(());
        }
        let _only_flush = tree.get_flush_lock();
        match tree.flush_to_tables(rows)? {
            Some((files, _)) => tree.register_tables(&files, None, None, &[], oldest),
            None => Ok(()),
        }
    }

    /// Merges files where the shape of a tree asks for it.
    pub(super) fn compact(&self, oldest: SeqNo) -> lsm_tree::Result<()> {
        for tree in self.trees() {
            tree.compact(self.strategy.clone(), oldest)?;
        }
        Ok(())
    }

    /// Merges all files of every tree into as few as possible.
    pub(super) fn compact_fully(&self, oldest: SeqNo) -> lsm_tree::Result<()> {
        for tree in self.trees() {
            tree.major_compact(u64::MAX, oldest)?;
        }
        Ok(())
    }

    /// Whether any row was ever flushed.
    pub(super) fn has_files(&self) -> bool {
        self.trees().any(|tree| tree.table_count() > 0)
    }

    /// Whether merging has fallen so far behind that flushing should wait for it.
    pub(super) fn is_behind(&self) -> bool {
        self.trees().any(|tree| tree.l0_run_count() >= self.overlapping_max)
    }

    fn trees(&self) -> impl Iterator<Item = &AnyTree> {
        std::iter::once(&self.scattered).chain(self.appended.iter().map(|(_, tree)| tree))
    }

    /// The tree that holds the table of `key`.
    fn tree(&self, key: &[u8]) -> &AnyTree {
        let own = self.appended.iter().find(|(table, _)| key.first() == Some(table));
        own.map_or(&self.scattered, |(_, tree)| tree)
    }
}

/// A write as the trees have it.
fn row(key: &Key, sequence: SeqNo, value: Option<&Value>) -> InternalValue {
    match value {
        Some(value) => InternalValue::from_components(key.clone(), value.clone(), sequence, ValueType::Value),
        None => InternalValue::new_tombstone(key.clone(), sequence),
    }
}

/// The first key after all keys that begin with `prefix`, if there is one.
fn end_of(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}
