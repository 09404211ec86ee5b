//! The ordered tables that the log fills: log-structured merge trees, one per appended table and one for all others.
//!
//! Rows that arrive in key order lie in trees of their own, where a flushed file never overlaps another and is not rewritten.

use super::{error::OpenError, files::sync_folder, tuning::Tuning};
use lsm_tree::{
    AbstractTree as _, AnyTree, Cache, Config, DescriptorTable, Guard as _, SeqNo, SequenceNumberCounter,
    compaction::Leveled, config::FilterPolicy,
};
use myceline_state::{Key, Value};
use std::{fs, ops::Bound, path::Path, sync::Arc};

/// Merging is behind when this many times more files overlap than start a merge.
const OVERLAPPING_FACTOR: usize = 3;

/// All tables of a store.
pub(super) struct Tables {
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
        let tables = Tables { scattered, appended, strategy, overlapping_max, sequence };
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

    /// Applies the rows of one batch. They are visible to views of later sequence numbers only.
    pub(super) fn apply(&self, sequence: SeqNo, rows: impl IntoIterator<Item = (Key, Option<Value>)>) {
        for (key, value) in rows {
            let tree = self.tree(&key);
            match value {
                Some(value) => tree.insert(key, value, sequence),
                None => tree.remove(key, sequence),
            };
        }
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
        self.apply(sequence, rows.filter(|(key, _)| !flushed.covers(key, sequence)));
    }

    /// The value under `key` as of `sequence`.
    pub(super) fn get(&self, key: &[u8], sequence: SeqNo) -> lsm_tree::Result<Option<Value>> {
        Ok(self.tree(key).get(key, sequence)?.map(|value| value.to_vec()))
    }

    /// At most `limit` rows as of `sequence` whose keys begin with `prefix` and are not below `start`.
    pub(super) fn scan(
        &self,
        prefix: &[u8],
        start: &[u8],
        limit: usize,
        sequence: SeqNo,
    ) -> lsm_tree::Result<Vec<(Key, Value)>> {
        let from = Bound::Included(start.max(prefix));
        let to = end_of(prefix);
        let to = to.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        if matches!((from, to), (Bound::Included(from), Bound::Excluded(to)) if from >= to) {
            return Ok(Vec::new());
        }
        let rows = self.tree(prefix).range::<&[u8], _>((from, to), sequence, None).take(limit);
        rows.map(|row| row.into_inner().map(|(key, value)| (key.to_vec(), value.to_vec()))).collect()
    }

    /// Sets the rows that were applied so far apart, to be flushed while later ones arrive.
    pub(super) fn seal(&self) {
        for tree in self.trees() {
            tree.rotate_memtable();
        }
    }

    /// Writes the sealed rows to files, durably. No view reads as of an earlier sequence number than `oldest`.
    pub(super) fn flush(&self, oldest: SeqNo) -> lsm_tree::Result<()> {
        for tree in self.trees() {
            tree.flush(&tree.get_flush_lock(), oldest)?;
        }
        Ok(())
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

/// The first key after all keys that begin with `prefix`, if there is one.
fn end_of(prefix: &[u8]) -> Option<Vec<u8>> {
    let last = prefix.iter().rposition(|byte| *byte != u8::MAX)?;
    let mut end = prefix[..=last].to_vec();
    end[last] += 1;
    Some(end)
}
