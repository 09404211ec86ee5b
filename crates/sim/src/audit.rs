//! What must always hold, checked whenever a machine's disk takes something, a validator says something, or a device is
//! told something. The first violation ends the run.

mod ledger;
mod promises;
mod rest;
mod votes;

use crate::trace::{Actor, lock};
use ledger::Ledger;
use myceline_client::FinalBlock;
use myceline_consensus::finality;
use myceline_node::{
    Network,
    layout::{CHAINS, table},
    read,
    rows::{CommitRow, VoteRow},
};
use myceline_state::{Batch, Snapshot};
use myceline_types::{
    Authority, Block, BlockHash, Certificate, ChainId, CryptoVerifier, Epoch,
    api::{Request, Response},
    encoding,
};
use promises::Promises;
use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex},
};
use tokio::sync::Notify;
use votes::Votes;

/// Why a run is no good: an invariant, and what breaks it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Violation {
    /// Which invariant.
    pub rule: Rule,
    /// What happened.
    pub what: String,
}

/// What must always hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rule {
    /// One final block per height, which everybody has, with a certificate that makes it final.
    OneBlock,
    /// No honest validator signs twice in a position, goes back, or shows a vote that is not durable.
    OneVote,
    /// Balances, fees and what is on its way add up to the supply, and a payment is made once.
    Value,
    /// What was acknowledged survives.
    Acknowledged,
    /// What is committed is in the inboxes of its recipients.
    Delivered,
    /// The same height has the same state everywhere, and the root of what is stored is the root in the header.
    State,
    /// Once the storm is over, everything that was wanted comes about and everything sent is received.
    Progress,
    /// Nothing panics.
    NoPanic,
}

/// Why a check failed.
pub(crate) type Found = Result<(), Violation>;

impl Rule {
    /// Broken by this.
    pub fn broken(self, what: impl fmt::Display) -> Violation {
        Violation { rule: self, what: what.to_string() }
    }

    pub(crate) fn holds(self, holds: bool, what: impl FnOnce() -> String) -> Found {
        if holds { Ok(()) } else { Err(self.broken(what())) }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}: {}", self.rule, self.what)
    }
}

/// The auditor of one run.
pub struct Audit {
    network: Arc<Network>,
    verifier: CryptoVerifier,
    dishonest: BTreeSet<u8>,
    books: Mutex<Books>,
    /// Told when something is violated.
    pub alarm: Notify,
}

struct Books {
    votes: Votes,
    promises: Promises,
    ledger: Ledger,
    violation: Option<Violation>,
}

impl Audit {
    /// An auditor of a network in which nothing has happened yet. What dishonest validators say is not looked at.
    pub fn new(network: Arc<Network>, dishonest: BTreeSet<u8>) -> Audit {
        let (votes, promises, ledger) = (Votes::default(), Promises::default(), Ledger::new(&network));
        let books = Mutex::new(Books { votes, promises, ledger, violation: None });
        Audit { network, verifier: CryptoVerifier::new(), dishonest, books, alarm: Notify::new() }
    }

    /// The first violation.
    pub fn violation(&self) -> Option<Violation> {
        lock(&self.books).violation.clone()
    }

    /// How many blocks are final.
    pub fn blocks(&self) -> usize {
        lock(&self.books).ledger.len()
    }

    /// Something is wrong.
    pub fn raise(&self, violation: Violation) {
        lock(&self.books).violation.get_or_insert(violation);
        self.alarm.notify_one();
    }

    fn note(&self, check: impl FnOnce(&mut Books) -> Found) {
        let found = check(&mut lock(&self.books));
        found.unwrap_or_else(|violation| self.raise(violation));
    }

    /// A machine's disk has taken a batch, and shows this now.
    pub fn committed(&self, who: Actor, batch: &Batch, view: &impl Snapshot) {
        self.note(|books| {
            for (key, value) in batch.iter() {
                match (key.first(), value, who) {
                    (Some(&table::VOTE), Some(row), Actor::Validator(place)) => {
                        let row: VoteRow = encoding::from_bytes(row).map_err(unreadable)?;
                        books.votes.durable(place, &row)?;
                    }
                    (Some(&table::COMMIT), Some(row), _) => {
                        let row: CommitRow = encoding::from_bytes(row).map_err(unreadable)?;
                        self.block_committed(books, who, &row, view)?;
                    }
                    _ => (),
                }
            }
            Ok(())
        });
    }

    fn block_committed(&self, books: &mut Books, who: Actor, row: &CommitRow, view: &impl Snapshot) -> Found {
        let (chain, height) = row.place();
        let certified = read::certified(view, chain, height).map_err(absent)?;
        let missing = || Rule::State.broken(format!("{who} commits {chain}:{height} without its body"));
        let block = certified.ok_or_else(missing)?.block;
        self.check_final(who, &row.certificate, &block)?;
        books.ledger.add(who, row.block(), &block)?;
        if let Actor::Validator(_) = who {
            rest::check_delivered(who, &block, view)?;
        }
        let next = CHAINS.get(view, &chain).map_err(absent)?.map(|chain| chain.tip.next);
        if next == height.next() {
            rest::check_state(who, chain, &self.network, &books.ledger, view)?;
        }
        Ok(())
    }

    /// A certificate must make its block final by the rules (R8), whoever believes it.
    fn check_final(&self, who: Actor, certificate: &Certificate, block: &Block) -> Found {
        let committee = self.network.committee(Epoch::ZERO).expect("genesis has a committee");
        let authority = Authority { network: self.network.id(), committee, verifier: &self.verifier };
        let header = block.header();
        let checked = authority.certificate(certificate.clone());
        let is_final = checked.as_ref().is_ok_and(|checked| finality(checked, committee, &header).is_some());
        Rule::OneBlock.holds(is_final, || format!("{who} takes {certificate:?} for final"))
    }

    /// A validator's answer leaves it.
    pub fn leaves(&self, place: u8, request: &Request, response: &Response) {
        if self.dishonest.contains(&place) {
            return;
        }
        self.note(|books| {
            for vote in votes::in_answer(response) {
                books.votes.shown(place, vote)?;
            }
            match (request, response) {
                (Request::Certificate(request), Response::Committed { next }) => {
                    books.promises.committed(place, request.certificate.slot.chain, *next);
                    Ok(())
                }
                (_, response) => votes::check_not_halted(place, response),
            }
        });
    }

    /// A device is told that a block is final.
    pub fn told(&self, who: Actor, done: &FinalBlock) {
        self.note(|books| {
            self.check_final(who, done.certificate(), done.block())?;
            books.ledger.told(who, done.hash(), done.block())
        });
    }

    /// A payment, by its tag, was acknowledged to its device.
    pub fn acknowledged(&self, tag: u128, block: BlockHash) {
        self.note(|books| {
            books.promises.paid(tag, block);
            Ok(())
        });
    }

    /// A validator starts again from what its disk shows.
    pub fn restarts(&self, place: u8, view: &impl Snapshot) {
        self.note(|books| {
            books.votes.kept(place, view)?;
            books.promises.kept(place, view)?;
            rest::check_chains(Actor::Validator(place), &self.network, &books.ledger, view)
        });
    }

    /// Whether everything is received and every honest validator has every block, and if not, what is open.
    pub fn unrest<S: Snapshot>(&self, validators: &[(u8, S)]) -> Option<Violation> {
        let books = lock(&self.books);
        rest::check_at_rest(&books.ledger, validators).err()
    }

    /// The last look, once everything is at rest.
    pub fn close<S: Snapshot>(&self, validators: &[(u8, S)]) {
        self.note(|books| {
            rest::check_at_rest(&books.ledger, validators)?;
            books.promises.check_paid(&books.ledger)?;
            for (place, view) in validators {
                rest::check_chains(Actor::Validator(*place), &self.network, &books.ledger, view)?;
                rest::check_from_scratch(*place, &books.ledger, view)?;
            }
            rest::check_same(&books.ledger, validators)
        });
    }

    /// The chains that exist.
    pub fn chains(&self) -> Vec<ChainId> {
        lock(&self.books).ledger.chains().collect()
    }
}

fn unreadable(why: encoding::DecodeError) -> Violation {
    Rule::State.broken(format!("a row cannot be read: {why}"))
}

pub(crate) fn absent(absent: impl fmt::Debug) -> Violation {
    Rule::State.broken(format!("a store in memory lacks {absent:?}"))
}
