//! Rounds of the producer, page by page through all public chains: they find what waits though no bell was heard, after a start,
//! and where there are more chains than bells.

use super::bells::of_genesis;
use myceline_node::{Network, read};
use myceline_state::{Absent, Snapshot};
use myceline_types::ChainId;
use std::time::Duration;
use tokio::time::{Interval, MissedTickBehavior, interval};

/// Chains of one page.
const PAGE: usize = 256;
/// Between two pages.
const PAUSE: Duration = Duration::from_secs(1);

/// Where the producer is on its rounds.
pub(super) struct Rounds {
    genesis: Vec<ChainId>,
    /// The last chain of the page before; `None` where a round begins.
    after: Option<ChainId>,
    pages: Interval,
}

/// What a page shows.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Found {
    /// The chains of the page. Who was public once may be something else now.
    pub(super) chains: Vec<ChainId>,
    /// Those of them where something waits.
    pub(super) waiting: Vec<ChainId>,
}

impl Rounds {
    pub(super) fn of(network: &Network) -> Rounds {
        let mut pages = interval(PAUSE);
        pages.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Rounds { genesis: of_genesis(network), after: None, pages }
    }

    /// Ends when it is time for a page; the first time at once.
    pub(super) async fn pause(&mut self) {
        self.pages.tick().await;
    }

    /// The next page. Each round begins with the chains of genesis.
    pub(super) fn next(&mut self, view: &impl Snapshot) -> Result<Found, Absent> {
        let page = read::public_chains(view, self.after, PAGE)?;
        let mut chains = if self.after.is_none() { self.genesis.clone() } else { Vec::new() };
        chains.extend(&page);
        let mut waiting = Vec::new();
        for chain in &chains {
            if !read::waiting(view, *chain, None, 1)?.is_empty() {
                waiting.push(*chain);
            }
        }
        self.after = page.last().copied().filter(|_| page.len() == PAGE);
        Ok(Found { chains, waiting })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_node::layout::{PUBLIC, inbox};
    use myceline_state::{MemorySnapshot, Overlay};
    use myceline_types::{
        Amount, BlockHeight, Bundle, ChainConfig, Committee, Cursor, Epoch, Genesis, Hash, Ownership, Permissions,
        Policy, Resilience, Timestamp, Validator, crypto::ValidatorSecret,
    };

    /// A network with one public chain.
    fn network() -> Network {
        let secret = ValidatorSecret::from_seed([1; 32]);
        let member =
            Validator { key: secret.public(), account: secret.address(), weight: 1, address: "http://[::1]:1".into() };
        let public =
            ChainConfig { ownership: Ownership::public(), permissions: Permissions::default(), balance: Amount::ZERO };
        let genesis = Genesis {
            name: "test".into(),
            protocol: 1,
            timestamp: Timestamp(1),
            committee: Committee::new(vec![member], Resilience::Classic).unwrap(),
            policy: Policy::default(),
            chains: vec![public],
            salt: Hash::ZERO,
        };
        Network::new(genesis).unwrap()
    }

    fn chain(number: usize) -> ChainId {
        let mut id = [0; 32];
        id[..8].copy_from_slice(&number.to_be_bytes());
        ChainId(Hash(id))
    }

    #[tokio::test]
    async fn a_round_shows_all_public_chains_and_where_something_waits() {
        let network = network();
        let genesis = of_genesis(&network)[0];
        let mut store = MemorySnapshot::new();
        let mut rows = Overlay::new(&store, []);
        (0..PAGE + 2).for_each(|number| PUBLIC.insert(&mut rows, &chain(number)));
        let cursor = Cursor { height: BlockHeight(0), transaction: 0 };
        let (epoch, timestamp) = (Epoch::ZERO, Timestamp(1));
        let bundle = Bundle { cursor, previous: None, epoch, timestamp, messages: Vec::new() };
        for recipient in [genesis, chain(7), chain(PAGE)] {
            inbox(recipient).arrive(&mut rows, chain(9), [&bundle].into_iter());
        }
        let rows = rows.into_changes();
        store.apply(rows);
        let mut rounds = Rounds::of(&network);
        for _ in 0..2 {
            let first = rounds.next(&store).unwrap();
            assert_eq!((first.chains.len(), first.waiting), (1 + PAGE, vec![genesis, chain(7)]));
            let second = rounds.next(&store).unwrap();
            assert_eq!(second, Found { chains: vec![chain(PAGE), chain(PAGE + 1)], waiting: vec![chain(PAGE)] });
        }
    }
}
