//! An application's own entries on this chain. They are under the state root, behind the application's id.

use super::{Reply, reply};
use crate::{
    problem::{Problem, Stop},
    run::Run,
    session::Session,
    system::application_entries,
};
use myceline_state::{Entries, Key, Snapshot, Value};
use myceline_types::{
    Opaque,
    guest::{Get, KEY_BYTES_MAX, KeyRange, Put, Scan},
};

impl<S: Snapshot> Run<'_, S> {
    pub(super) fn get(&mut self, session: &Session, key: Opaque) -> Result<Reply, Stop> {
        let value = self.entries.get(&entry(session, &key)?)?;
        self.count_read(value.as_ref().map_or(0, Value::len))?;
        reply::<Get>(value.map(|value| Opaque(value.to_vec())))
    }

    pub(super) fn scan(&mut self, session: &Session, range: KeyRange) -> Result<Reply, Stop> {
        let (prefix, start) = (entry(session, &range.prefix)?, entry(session, &range.start)?);
        let own = application_entries(session.top().application).len();
        let found = self.entries.scan(&prefix, &start, range.limit as usize)?;
        self.count_read(found.iter().map(|(key, value)| key.len() - own + value.len()).sum())?;
        let shown = |(key, value): (Key, Value)| (Opaque(key[own..].to_vec()), Opaque(value.to_vec()));
        reply::<Scan>(found.into_iter().map(shown).collect())
    }

    pub(super) fn put(&mut self, session: &Session, key: Opaque, value: Option<Opaque>) -> Result<Reply, Stop> {
        self.meter.writes += 1;
        self.meter.written_bytes += (key.0.len() + value.as_ref().map_or(0, |value| value.0.len())) as u64;
        self.meter.check(&self.environment.policy.limits)?;
        let key = entry(session, &key)?;
        match value {
            Some(value) => self.entries.put(key, value.0.into()),
            None => self.entries.delete(key),
        }
        reply::<Put>(())
    }

    fn count_read(&mut self, bytes: usize) -> Result<(), Problem> {
        self.meter.reads += 1;
        self.meter.read_bytes += bytes as u64;
        self.meter.check(&self.environment.policy.limits)
    }
}

/// Where an entry of the running application stands in the state of the chain.
fn entry(session: &Session, key: &Opaque) -> Result<Key, Problem> {
    if key.0.len() > KEY_BYTES_MAX {
        return Err(Problem::Limit { what: "bytes in a key", limit: KEY_BYTES_MAX as u64 });
    }
    Ok(Key::fused(&application_entries(session.top().application), &key.0))
}
