//! Two wallets of one owner make blocks at the same moment, again and again: every height ends with one block, both wallets
//! agree, and every payment is made once.

use crate::kit::*;
use myceline_client::RequestId;
use myceline_storage::Memory;
use myceline_types::{Account, Amount, BlockHeight, ChainId, Holder, Operation, Transaction};
use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

/// Races unless `MYCELINE_RACES` says otherwise, as `cargo xtask race` does.
const RACES: u64 = 50;

fn races() -> u64 {
    std::env::var("MYCELINE_RACES").ok().and_then(|races| races.parse().ok()).unwrap_or(RACES)
}

/// A wallet, and the ways to the validators that it uses.
struct Device {
    wallet: TestClient,
    wires: Vec<Wire>,
}

impl Device {
    fn new(net: &Net) -> Device {
        let wires = net.wires();
        Device { wallet: net.client_over(Memory::new(), wires.clone(), &["ann"]), wires }
    }

    /// Makes payment `number`, which no other one is like, and says how many exchanges that took.
    async fn pay(&self, from: ChainId, to: ChainId, number: u64) -> u64 {
        let before = self.exchanges();
        let (to, amount) = (Account::of_chain(to), Amount(number.into()));
        let transfer = Transaction::Execute(Operation::Transfer { from: Holder::Chain, to, amount });
        let id = RequestId(u128::from(number).to_be_bytes());
        let submission = self.wallet.submit(from, id, vec![transfer], Vec::new()).await.unwrap();
        submission.finality().await.unwrap();
        self.exchanges() - before
    }

    fn exchanges(&self) -> u64 {
        self.wires.iter().map(Wire::exchanges).max().unwrap_or_default()
    }

    /// The payments of each height, as this wallet has seen them.
    async fn payments(&self, chain: ChainId, blocks: u64) -> BTreeMap<u64, Vec<Transaction>> {
        let mut payments = BTreeMap::new();
        for height in 0..blocks {
            let certified = self.wallet.block(chain, BlockHeight(height)).await.unwrap().unwrap();
            payments.insert(height, certified.block.proposed.transactions);
        }
        payments
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_wallets_of_one_owner_race() {
    let (net, races) = (Net::start(&["ann", "bob"]), races());
    let (phone, laptop, chain, bob) = (Device::new(&net), Device::new(&net), net.chain(0), net.chain(1));
    let (mut took, mut exchanges) = (Vec::new(), Vec::new());
    for race in 0..races {
        let begun = Instant::now();
        let (one, other) = tokio::join!(phone.pay(chain, bob, 2 * race + 1), laptop.pay(chain, bob, 2 * race + 2));
        took.push(begun.elapsed());
        exchanges.push(one.max(other));
    }
    let blocks = 2 * races;
    for device in [&phone, &laptop] {
        in_time(async { while device.wallet.sync(chain).await.unwrap().next < BlockHeight(blocks) {} }).await;
        assert_eq!(device.wallet.next_height(chain).await.unwrap(), BlockHeight(blocks));
    }
    let seen = phone.payments(chain, blocks).await;
    assert_eq!(seen, laptop.payments(chain, blocks).await, "both wallets have the same blocks");
    assert_eq!(amounts(&seen), (1..=u128::from(blocks)).collect::<Vec<_>>(), "each payment is made once");
    report(&mut took, &mut exchanges);
}

/// What was paid, in ascending order.
fn amounts(payments: &BTreeMap<u64, Vec<Transaction>>) -> Vec<u128> {
    let amount = |transaction: &Transaction| match transaction {
        Transaction::Execute(Operation::Transfer { amount, .. }) => Some(amount.0),
        _ => None,
    };
    let mut amounts: Vec<u128> = payments.values().flatten().filter_map(amount).collect();
    amounts.sort_unstable();
    amounts
}

/// Both blocks of a race, from the first proposal until both wallets know that theirs is final.
fn report(took: &mut [Duration], exchanges: &mut [u64]) {
    took.sort_unstable();
    exchanges.sort_unstable();
    let at = |part: usize| (took.len() * part / 100).min(took.len() - 1);
    println!(
        "{} races, two blocks each: p50 {:?}, p99 {:?}, at most {:?}; exchanges of the later wallet p50 {}, p99 {}, at most {}",
        took.len(),
        took[at(50)],
        took[at(99)],
        took[took.len() - 1],
        exchanges[at(50)],
        exchanges[at(99)],
        exchanges[exchanges.len() - 1],
    );
}
