//! The system's part of a chain's state: where each value lives under the state root.
//!
//! Only what every honest validator agrees on at a height is here: cursors are, waiting inbox entries are not.

use myceline_state::{Absent, Entries, Key, Map, OrderedKey as _, Register, Snapshot};
use myceline_types::{
    Amount, ApplicationId, BlockHeight, ChainConfig, ChainDescription, ChainId, Cursor, Epoch, Holder, Opaque, Owner,
    Ownership, Permissions, StreamId,
};
use serde::{Deserialize, Serialize};

/// What seldom changes about a chain.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Config {
    /// Whose committee certifies its blocks.
    pub epoch: Epoch,
    /// Who proposes them.
    pub ownership: Ownership,
    /// Which applications may act.
    pub permissions: Permissions,
    /// Whether it is closed: it then only rejects bundles.
    pub closed: bool,
}

// Where each value stands. Proofs of entries name these keys, so they are part of the protocol.
const CONFIG: Register<Config> = Register::new(b"c");
const BALANCE: Register<Amount> = Register::new(b"b");
const FEES: Register<Amount> = Register::new(b"f");
const BALANCES: Map<Owner, Amount> = Map::new(b"o");
const ALLOWANCES: Map<(Owner, Owner), Amount> = Map::new(b"a");
const RECEIVED: Map<ChainId, Cursor> = Map::new(b"r");
const SENT: Map<ChainId, Cursor> = Map::new(b"s");
const EMITTED: Map<Stream, Emitted> = Map::new(b"e");
const SUBSCRIPTIONS: Map<(ApplicationId, ChainId, Stream), u32> = Map::new(b"u");
const APPLICATIONS: &[u8] = b"x";

/// A stream as a key.
type Stream = (ApplicationId, Vec<u8>);

/// How much was emitted on a stream.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Emitted {
    /// How many events.
    pub count: u32,
    /// The last block that emitted.
    pub last: Option<BlockHeight>,
}

/// A stream that an application follows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Subscription {
    /// Who follows.
    pub application: ApplicationId,
    /// The chain that emits.
    pub chain: ChainId,
    /// The stream.
    pub stream: StreamId,
    /// The first index that has not been looked at.
    pub next: u32,
}

/// What the keys of an application's entries begin with.
pub fn application_entries(application: ApplicationId) -> Key {
    application.encode_under(APPLICATIONS)
}

/// Where the entries of the applications after this one begin; nowhere after the last one.
fn behind(application: ApplicationId) -> Option<Key> {
    let mut key = application.bytes_under(APPLICATIONS);
    let last = key.iter().rposition(|byte| *byte != u8::MAX).filter(|last| *last >= APPLICATIONS.len())?;
    key[last] += 1;
    Some(Key::new(&key[..=last]))
}

fn stream_key(stream: &StreamId) -> Stream {
    (stream.application, stream.name.0.clone())
}

/// The entry of the state in which an account's balance is, as the canonical bytes of an [`Amount`]; absent where it never
/// held anything.
pub fn balance_entry(holder: &Holder) -> Key {
    match holder {
        Holder::Chain => BALANCE.entry(),
        Holder::Owner(owner) => BALANCES.entry_of(owner),
    }
}

/// The entry of the state that says how much was emitted on a stream, as the canonical bytes of an [`Emitted`]; absent where
/// nothing was.
pub fn emitted_entry(stream: &StreamId) -> Key {
    EMITTED.entry_of(&stream_key(stream))
}

/// Reads and writes the system's entries of one chain.
pub struct System<E>(pub E);

impl<E: Snapshot> System<E> {
    /// The chain's configuration; `None` where the chain has no state yet.
    pub fn config(&self) -> Result<Option<Config>, Absent> {
        CONFIG.get(&self.0)
    }

    /// What is in an account.
    pub fn balance(&self, holder: &Holder) -> Result<Amount, Absent> {
        match holder {
            Holder::Chain => BALANCE.get_or_default(&self.0),
            Holder::Owner(owner) => BALANCES.get_or_default(&self.0, owner),
        }
    }

    /// At most `limit` owners' accounts with what is in them, in the order of their keys, after `after`.
    pub fn balances(&self, after: Option<Owner>, limit: usize) -> Result<Vec<(Owner, Amount)>, Absent> {
        let from = after.as_ref().map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        BALANCES.page(&self.0, from, limit)
    }

    /// What `owner` lets `spender` spend.
    pub fn allowance(&self, owner: Owner, spender: Owner) -> Result<Amount, Absent> {
        ALLOWANCES.get_or_default(&self.0, &(owner, spender))
    }

    /// The fees that this chain's blocks have paid in all.
    pub fn fees(&self) -> Result<Amount, Absent> {
        FEES.get_or_default(&self.0)
    }

    /// The last bundle consumed from `origin`.
    pub fn received(&self, origin: ChainId) -> Result<Option<Cursor>, Absent> {
        RECEIVED.get(&self.0, &origin)
    }

    /// At most `limit` allowances that are above zero, after `after`.
    pub fn allowances(
        &self,
        after: Option<(Owner, Owner)>,
        limit: usize,
    ) -> Result<Vec<(Owner, Owner, Amount)>, Absent> {
        let from = after.as_ref().map_or(std::ops::Bound::Unbounded, std::ops::Bound::Excluded);
        let page = ALLOWANCES.page(&self.0, from, limit)?;
        Ok(page.into_iter().map(|((owner, spender), amount)| (owner, spender, amount)).collect())
    }

    /// How much was emitted on a stream.
    pub fn emitted(&self, stream: &StreamId) -> Result<Emitted, Absent> {
        EMITTED.get_or_default(&self.0, &stream_key(stream))
    }

    /// At most `limit` of the streams on which an application has emitted here, in the order of their names, after `after`.
    pub fn streams(
        &self,
        application: ApplicationId,
        after: Option<Opaque>,
        limit: usize,
    ) -> Result<Vec<(Opaque, Emitted)>, Absent> {
        let page = match after {
            Some(Opaque(name)) => EMITTED.page(&self.0, std::ops::Bound::Excluded(&(application, name)), limit)?,
            None => EMITTED.page(&self.0, std::ops::Bound::Included(&(application, Vec::new())), limit)?,
        };
        let own = page.into_iter().take_while(|((emitter, _), _)| *emitter == application);
        Ok(own.map(|((_, name), emitted)| (Opaque(name), emitted)).collect())
    }

    /// From which index on an application follows a stream, if it does.
    pub fn subscription(
        &self,
        application: ApplicationId,
        chain: ChainId,
        stream: &StreamId,
    ) -> Result<Option<u32>, Absent> {
        SUBSCRIPTIONS.get(&self.0, &(application, chain, stream_key(stream)))
    }

    /// At most `limit` of the streams that applications of this chain follow.
    pub fn subscriptions(&self, limit: usize) -> Result<Vec<Subscription>, Absent> {
        let page = SUBSCRIPTIONS.page(&self.0, std::ops::Bound::Unbounded, limit)?;
        let subscription = |((application, chain, stream), next): ((_, _, Stream), _)| Subscription {
            application,
            chain,
            stream: StreamId { application: stream.0, name: Opaque(stream.1) },
            next,
        };
        Ok(page.into_iter().map(subscription).collect())
    }

    /// At most `limit` of the applications that keep something here, in the order of their ids, after `after`. Each costs
    /// one look, however much it keeps.
    pub fn applications(&self, after: Option<ApplicationId>, limit: usize) -> Result<Vec<ApplicationId>, Absent> {
        let mut found = Vec::new();
        let mut start = after.map_or_else(|| Some(Key::new(APPLICATIONS)), behind);
        while let Some(from) = start.filter(|_| found.len() < limit) {
            let Some((key, _)) = self.0.scan(APPLICATIONS, &from, 1)?.pop() else { break };
            let Some(id) = ApplicationId::decode_from(&mut &key[APPLICATIONS.len()..]) else { break };
            found.push(id);
            start = behind(id);
        }
        Ok(found)
    }

    /// The last bundle sent to `recipient`.
    pub fn sent(&self, recipient: ChainId) -> Result<Option<Cursor>, Absent> {
        SENT.get(&self.0, &recipient)
    }
}

impl<E: Entries> System<E> {
    /// Replaces the chain's configuration.
    pub fn set_config(&mut self, config: &Config) {
        CONFIG.set(&mut self.0, config);
    }

    /// Replaces what is in an account. Empty accounts have no entry.
    pub fn set_balance(&mut self, holder: &Holder, amount: Amount) {
        match (holder, amount.is_zero()) {
            (Holder::Chain, _) => BALANCE.set(&mut self.0, &amount),
            (Holder::Owner(owner), false) => BALANCES.insert(&mut self.0, owner, &amount),
            (Holder::Owner(owner), true) => BALANCES.remove(&mut self.0, owner),
        }
    }

    /// Replaces what `owner` lets `spender` spend. Nothing has no entry.
    pub fn set_allowance(&mut self, owner: Owner, spender: Owner, amount: Amount) {
        let key = (owner, spender);
        if amount.is_zero() {
            ALLOWANCES.remove(&mut self.0, &key)
        } else {
            ALLOWANCES.insert(&mut self.0, &key, &amount)
        }
    }

    /// Replaces the fees paid in all.
    pub fn set_fees(&mut self, amount: Amount) {
        FEES.set(&mut self.0, &amount);
    }

    /// Remembers the last bundle consumed from `origin`.
    pub fn set_received(&mut self, origin: ChainId, cursor: Cursor) {
        RECEIVED.insert(&mut self.0, &origin, &cursor);
    }

    /// Remembers the last bundle sent to `recipient`.
    pub fn set_sent(&mut self, recipient: ChainId, cursor: Cursor) {
        SENT.insert(&mut self.0, &recipient, &cursor);
    }

    /// Replaces how much was emitted on a stream.
    pub fn set_emitted(&mut self, stream: &StreamId, count: u32, last: BlockHeight) {
        EMITTED.insert(&mut self.0, &stream_key(stream), &Emitted { count, last: Some(last) });
    }

    /// Lets an application follow a stream from an index on, or no longer.
    pub fn set_subscription(
        &mut self,
        application: ApplicationId,
        chain: ChainId,
        stream: &StreamId,
        next: Option<u32>,
    ) {
        let key = (application, chain, stream_key(stream));
        match next {
            Some(next) => SUBSCRIPTIONS.insert(&mut self.0, &key, &next),
            None => SUBSCRIPTIONS.remove(&mut self.0, &key),
        }
    }

    /// Writes the state that a chain has before its first block.
    pub fn initialise(&mut self, description: &ChainDescription) -> Config {
        let ChainConfig { ownership, permissions, balance } = description.config.clone();
        let config = Config { epoch: description.epoch, ownership, permissions, closed: false };
        self.set_config(&config);
        self.set_balance(&Holder::Chain, balance);
        config
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_state::{MemorySnapshot, Overlay};
    use myceline_types::Hash;

    #[test]
    fn applications_are_listed_once_each_and_page_by_page_whatever_their_ids() {
        let id = |bytes: [u8; 2]| ApplicationId(Hash([&bytes[..], &[u8::MAX; 30]].concat().try_into().unwrap()));
        let ids = [[0, 7], [0, u8::MAX], [1, 0], [u8::MAX, u8::MAX]].map(id);
        let mut system = System(Overlay::new(MemorySnapshot::new(), []));
        for id in ids {
            for key in [&[][..], &[0], &[u8::MAX; 9]] {
                system.0.put(Key::fused(&application_entries(id), key), [1].into());
            }
        }
        // What comes behind the applications' entries is none of them.
        system.0.put(b"y".into(), [1].into());
        assert_eq!(system.applications(None, 9).unwrap(), ids);
        assert_eq!(system.applications(None, 2).unwrap(), ids[..2]);
        assert_eq!(system.applications(Some(ids[1]), 9).unwrap(), ids[2..]);
        assert_eq!(system.applications(Some(ids[3]), 9).unwrap(), []);
    }
}
