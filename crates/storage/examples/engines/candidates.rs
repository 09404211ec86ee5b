//! The engines behind one small trait, each with the settings that fit the budget of a validator's memory.

use crate::workload::{APPENDED, Row};
use fjall::{KeyspaceCreateOptions, PersistMode};
use myceline_state::{Batch, Snapshot as _};
use myceline_storage::{Embedded, Store as _, embedded::Options};
use myceline_types::Hash;
use redb::{ReadableDatabase as _, TableDefinition};
use std::{fs, path::Path, sync::Arc};

pub const NAMES: [&str; 3] = ["embedded", "fjall", "redb"];

/// The memory that an engine may take for rows and for its cache, where it lets one say so.
const ROWS_BYTES: u64 = 4 << 20;
const CACHE_BYTES: usize = 4 << 20;

pub trait Candidate {
    /// Stores rows atomically and durably.
    fn commit(&self, rows: Vec<Row>);
    fn get(&self, key: &[u8]) -> Option<Vec<u8>>;
    /// Reads a table in order and counts its rows.
    fn scan(&self, table: u8, limit: usize) -> usize;
    /// Makes the files as small as they get.
    fn compact(&mut self);
}

pub fn open(name: &str, folder: &Path) -> Box<dyn Candidate> {
    match name {
        "embedded" => Box::new(Embedded::open(folder, &Options::new(Hash::ZERO, APPENDED)).unwrap()),
        "fjall" => Box::new(Fjall::open(folder)),
        "redb" => Box::new(Redb::open(folder)),
        _ => panic!("no engine is called {name}"),
    }
}

impl Candidate for Embedded {
    fn commit(&self, rows: Vec<Row>) {
        let mut batch = Batch::new();
        for (key, value) in rows {
            match value {
                Some(value) => batch.put(key, value),
                None => batch.delete(key),
            }
        }
        self.commit_blocking(vec![batch]).unwrap();
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.view().get(key).unwrap().map(|value| value.to_vec())
    }

    fn scan(&self, table: u8, limit: usize) -> usize {
        self.view().scan(&[table], &[table], limit).unwrap().len()
    }

    fn compact(&mut self) {
        self.compact_fully().unwrap();
    }
}

/// One keyspace per appended table and one for all others, as our engine does.
struct Fjall {
    database: fjall::Database,
    scattered: fjall::Keyspace,
    appended: Vec<(u8, fjall::Keyspace)>,
}

impl Fjall {
    fn open(folder: &Path) -> Fjall {
        let builder = fjall::Database::builder(folder).cache_size(CACHE_BYTES as u64).worker_threads(2);
        let database = builder.max_journaling_size(64 << 20).open().unwrap();
        let options = || KeyspaceCreateOptions::default().max_memtable_size(ROWS_BYTES / 2);
        let appended = APPENDED.iter().map(|table| (*table, database.keyspace(&format!("{table}"), options).unwrap()));
        Fjall { scattered: database.keyspace("scattered", options).unwrap(), appended: appended.collect(), database }
    }

    fn keyspace(&self, key: &[u8]) -> &fjall::Keyspace {
        let own = self.appended.iter().find(|(table, _)| key[0] == *table);
        own.map_or(&self.scattered, |(_, keyspace)| keyspace)
    }
}

impl Candidate for Fjall {
    fn commit(&self, rows: Vec<Row>) {
        let mut batch = self.database.batch().durability(Some(PersistMode::SyncData));
        for (key, value) in rows {
            let keyspace = self.keyspace(&key);
            match value {
                Some(value) => batch.insert(keyspace, key, value),
                None => batch.remove(keyspace, key),
            }
        }
        batch.commit().unwrap();
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.keyspace(key).get(key).unwrap().map(|value| value.to_vec())
    }

    fn scan(&self, table: u8, limit: usize) -> usize {
        let rows = self.keyspace(&[table]).prefix([table]).take(limit);
        let rows = rows.map(|row| row.into_inner().map(|(key, value)| (key.to_vec(), value.to_vec())).unwrap());
        rows.collect::<Vec<_>>().len()
    }

    fn compact(&mut self) {
        for keyspace in self.appended.iter().map(|(_, keyspace)| keyspace).chain([&self.scattered]) {
            keyspace.major_compact().unwrap();
        }
    }
}

const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");

struct Redb(Arc<redb::Database>);

impl Redb {
    fn open(folder: &Path) -> Redb {
        fs::create_dir_all(folder).unwrap();
        let database = redb::Builder::new().set_cache_size(CACHE_BYTES).create(folder.join("rows.redb")).unwrap();
        let write = database.begin_write().unwrap();
        write.open_table(ROWS).unwrap();
        write.commit().unwrap();
        Redb(Arc::new(database))
    }
}

impl Candidate for Redb {
    fn commit(&self, rows: Vec<Row>) {
        let write = self.0.begin_write().unwrap();
        let mut table = write.open_table(ROWS).unwrap();
        for (key, value) in &rows {
            match value {
                Some(value) => table.insert(key.as_slice(), value.as_slice()).unwrap(),
                None => table.remove(key.as_slice()).unwrap(),
            };
        }
        drop(table);
        write.commit().unwrap();
    }

    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        let read = self.0.begin_read().unwrap().open_table(ROWS).unwrap();
        read.get(key).unwrap().map(|value| value.value().to_vec())
    }

    fn scan(&self, table: u8, limit: usize) -> usize {
        let read = self.0.begin_read().unwrap().open_table(ROWS).unwrap();
        let rows = read.range::<&[u8]>(&[table][..]..&[table + 1][..]).unwrap().take(limit);
        let rows = rows.map(|row| row.map(|(key, value)| (key.value().to_vec(), value.value().to_vec())).unwrap());
        rows.collect::<Vec<_>>().len()
    }

    fn compact(&mut self) {
        let database = Arc::get_mut(&mut self.0).unwrap();
        while database.compact().unwrap() {}
    }
}
