//! What must be true of a folder that a cut has left, whatever it was that the cut destroyed.

use super::{audit::Audit, line::Line, load};
use crate::kit::{self, TOKENS};
use myceline_node::{Network, layout::VOTES, read};
use myceline_state::{Overlay, Snapshot};
use myceline_storage::{Embedded, Store, embedded::OpenError};
use myceline_storage_crash::promises::Promises;
use myceline_types::{Amount, CertifiedBlock, ChainId, Committee, Cursor, Holder, Message, Transaction, api::Request};
use myceline_validator::Validator;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

/// How long the threads of a life may take to end.
const ENDING_TIME: Duration = Duration::from_secs(10);
/// Blocks read at once.
const PAGE: usize = 1_000;

/// Whether a validator that starts on what is left keeps all that was said, twice in a row.
pub fn survives(folder: &Path, said: &[String]) -> Result<(), String> {
    let network = kit::network(load::CHAINS);
    let lines = Line::read_all(said);
    let mut promises = read_promises(&network.genesis().committee, &lines)?;
    let asked: Vec<&Request> = lines.iter().filter_map(Line::question).collect();
    for life in ["first", "second"] {
        live(folder, &network, &mut promises, &asked).map_err(|why| format!("in its {life} life: {why}"))?;
    }
    check_blocks(&promises, &open(folder, &network)?.view())
}

/// One life of a validator: what it finds, what it says when all is put to it again, and what it leaves.
fn live(folder: &Path, network: &Arc<Network>, promises: &mut Promises, asked: &[&Request]) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|why| why.to_string())?;
    let store = open(folder, network)?;
    check_blocks(promises, &store.view())?;
    runtime.block_on(async {
        let validator = kit::validator(network, 0, store);
        check_value(network, &validator).await?;
        Audit::new(network, &validator, promises).put_again(asked).await?;
        check_value(network, &validator).await
    })
}

/// Opens the store. Threads of the life before may still be ending: whoever is answered need not wait for them.
fn open(folder: &Path, network: &Network) -> Result<Embedded, String> {
    let until = Instant::now() + ENDING_TIME;
    loop {
        match Embedded::open(folder, &load::options(network)) {
            Err(OpenError::Locked { .. }) if Instant::now() < until => std::thread::yield_now(),
            opened => return opened.map_err(|why| format!("{why}: {:?}", std::error::Error::source(&why))),
        }
    }
}

/// Makes the validator in `folder` forget what it has signed.
pub fn forget_votes(folder: &Path) {
    let network = kit::network(load::CHAINS);
    let store = open(folder, &network).unwrap();
    let mut rows = Overlay::new(store.view(), []);
    for chain in kit::chains(&network) {
        VOTES.remove(&mut rows, &chain);
    }
    store.commit_blocking(vec![rows.into_changes()]).unwrap();
}

impl Line {
    fn question(&self) -> Option<&Request> {
        match self {
            Line::Asked(_, request) => Some(request),
            Line::Answered(..) => None,
        }
    }
}

/// What was said before the cut.
fn read_promises(committee: &Committee, lines: &[Line]) -> Result<Promises, String> {
    let mut promises = Promises::default();
    let mut open = BTreeMap::new();
    for line in lines {
        match line {
            Line::Asked(number, request) => drop(open.insert(number, request)),
            Line::Answered(number, response) => promises.note(committee, open[number], response)?,
        }
    }
    Ok(promises)
}

/// No acknowledged block is lost.
fn check_blocks(promises: &Promises, rows: &impl Snapshot) -> Result<(), String> {
    promises.check_blocks(|chain, height| read::certified(rows, chain, height).map_err(|absent| format!("{absent:?}")))
}

/// Value is conserved over what is committed, and what was sent is received or waits.
async fn check_value(network: &Arc<Network>, validator: &Validator<Embedded>) -> Result<(), String> {
    let mut books = Books::default();
    let view = validator.local().view();
    let (commits, _) = read::commits(&view, 0, PAGE).map_err(|absent| format!("{absent:?}"))?;
    commits.iter().for_each(|(certified, _)| books.enter(certified));
    for chain in kit::chains(network) {
        let balance = validator.local().act(chain, |work| Ok(work.balance(&Holder::Chain)?)).durable().await;
        books.balances += balance.map_err(|why| why.to_string())?.0;
        let waiting = read::waiting(&view, chain, None, PAGE).map_err(|absent| format!("{absent:?}"))?;
        books.waiting.extend(waiting.into_iter().map(|(origin, cursor, _)| (chain, origin, cursor)));
    }
    books.balance(Amount::from_tokens(TOKENS).0 * u128::from(load::CHAINS))
}

/// What the committed blocks say of value, in the smallest unit.
#[derive(Default)]
struct Books {
    balances: u128,
    sent: u128,
    received: u128,
    bundles: BTreeSet<(ChainId, ChainId, Cursor)>,
    consumed: BTreeSet<(ChainId, ChainId, Cursor)>,
    waiting: BTreeSet<(ChainId, ChainId, Cursor)>,
}

impl Books {
    fn enter(&mut self, certified: &CertifiedBlock) {
        let own = certified.block.proposed.chain;
        for (recipient, bundle) in certified.block.bundles() {
            self.sent += credits(&bundle.messages);
            self.bundles.insert((recipient, own, bundle.cursor));
        }
        for transaction in &certified.block.proposed.transactions {
            if let Transaction::Receive(incoming) = transaction {
                self.received += credits(&incoming.bundle.messages);
                self.consumed.insert((own, incoming.origin, incoming.bundle.cursor));
            }
        }
    }

    fn balance(&self, supply: u128) -> Result<(), String> {
        if self.balances + self.sent != supply + self.received {
            let Books { balances, sent, received, .. } = self;
            return Err(format!("of {supply}, {balances} is there with {sent} sent and {received} received"));
        }
        let expected: BTreeSet<_> = self.bundles.difference(&self.consumed).copied().collect();
        if expected == self.waiting {
            Ok(())
        } else {
            Err(format!("{expected:?} should wait, and {:?} does", self.waiting))
        }
    }
}

fn credits(messages: &[Message]) -> u128 {
    messages.iter().map(|message| message.value().0).sum()
}
