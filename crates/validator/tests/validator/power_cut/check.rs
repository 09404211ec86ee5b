//! What must be true of a folder that a cut has left, whatever it was that the cut destroyed.

use super::{audit::Audit, line::Line, load};
use crate::kit::{self, TOKENS};
use myceline_node::{Network, layout::VOTES, read};
use myceline_state::{Overlay, Snapshot};
use myceline_storage::{Embedded, Store};
use myceline_storage_crash::votes::Votes;
use myceline_types::{
    Amount, BlockHash, BlockHeight, Certificate, CertificateKind, CertifiedBlock, ChainId, Cursor, Epoch, Holder,
    Message, MessageContent, Refusal, SystemMessage, Transaction,
    api::{Request, Response},
};
use myceline_validator::Validator;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

/// Blocks read at once.
const PAGE: usize = 1_000;

/// What was said before the cut, as far as it must still be true.
#[derive(Debug, Default)]
pub struct Promises {
    /// The votes that were shown.
    pub votes: Votes,
    /// The blocks that certificates made final, of those that the validator was shown.
    finals: BTreeMap<(ChainId, BlockHeight), BlockHash>,
    /// The blocks below these heights were said to be there.
    heights: BTreeMap<ChainId, BlockHeight>,
}

/// Whether a validator that starts on what is left keeps all that was said, twice in a row.
pub fn survives(folder: &Path, said: &[String]) -> Result<(), String> {
    let network = kit::network(load::CHAINS);
    let lines = Line::read_all(said);
    let mut promises = Promises::read(&network, &lines)?;
    let asked: Vec<&Request> = lines.iter().filter_map(Line::question).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|why| why.to_string())?;
    for life in ["the first", "the second"] {
        let store = open(folder, &network)?;
        promises.check_blocks(&store.view()).map_err(|why| format!("in {life} life: {why}"))?;
        let outcome = runtime.block_on(async {
            let validator = kit::validator(&network, 0, store);
            check_value(&network, &validator).await?;
            Audit::new(&network, &validator, &mut promises).put_again(&asked).await?;
            check_value(&network, &validator).await
        });
        outcome.map_err(|why| format!("in {life} life: {why}"))?;
    }
    promises.check_blocks(&open(folder, &network)?.view())
}

fn open(folder: &Path, network: &Network) -> Result<Embedded, String> {
    Embedded::open(folder, &load::options(network))
        .map_err(|why| format!("{why}: {:?}", std::error::Error::source(&why)))
}

/// Makes the validator in `folder` forget what it has signed.
pub fn forget_votes(folder: &Path) {
    let network = kit::network(load::CHAINS);
    let store = open(folder, &network).unwrap();
    let mut rows = Overlay::new(store.view(), []);
    for chain in kit::chains(&network) {
        VOTES.remove(&mut rows, &chain);
    }
    store.commit_blocking(rows.into_changes()).unwrap();
}

impl Line {
    fn question(&self) -> Option<&Request> {
        match self {
            Line::Asked(_, request) => Some(request),
            Line::Answered(..) => None,
        }
    }
}

impl Promises {
    fn read(network: &Network, lines: &[Line]) -> Result<Promises, String> {
        let mut promises = Promises::default();
        let mut open = BTreeMap::new();
        for line in lines {
            match line {
                Line::Asked(number, request) => drop(open.insert(number, request)),
                Line::Answered(number, response) => promises.note(network, open[number], response)?,
            }
        }
        Ok(promises)
    }

    /// Takes note of an answer.
    pub fn note(&mut self, network: &Network, asked: &Request, answer: &Response) -> Result<(), String> {
        self.votes.note_all(answer).map_err(|why| why.to_string())?;
        for certificate in shown(asked).filter(|certificate| is_final(network, certificate)) {
            let slot = certificate.slot;
            let known = *self.finals.entry((slot.chain, slot.height)).or_insert(certificate.block);
            if known != certificate.block {
                return Err(format!("two blocks are final at {slot:?}"));
            }
        }
        if let Some((chain, next)) = said_next(asked, answer) {
            let known = self.heights.entry(chain).or_insert(next);
            *known = next.max(*known);
        }
        Ok(())
    }

    /// No acknowledged block is lost, and each has the certificate that makes it final.
    fn check_blocks(&self, rows: &impl Snapshot) -> Result<(), String> {
        for (chain, next) in &self.heights {
            for height in (0..next.0).map(BlockHeight) {
                let certified = read::certified(rows, *chain, height).map_err(|absent| format!("{absent:?}"))?;
                let certified =
                    certified.ok_or_else(|| format!("block {height} of {chain} was acknowledged and is lost"))?;
                self.check_block(*chain, height, &certified)?;
            }
        }
        Ok(())
    }

    fn check_block(&self, chain: ChainId, height: BlockHeight, certified: &CertifiedBlock) -> Result<(), String> {
        let block = certified.certificate.block;
        let expected = self.finals.get(&(chain, height));
        if certified.block.hash() != block || expected.is_some_and(|expected| *expected != block) {
            return Err(format!("block {height} of {chain} is another than the one that was certified"));
        }
        Ok(())
    }
}

/// The certificates in a question.
fn shown(asked: &Request) -> impl Iterator<Item = &Certificate> {
    match asked {
        Request::Certificate(request) => Some(&request.certificate),
        Request::Propose(request) => request.parent.as_ref(),
        _ => None,
    }
    .into_iter()
}

/// Whether a certificate makes a block of the load final: none of them asks an oracle (R8).
pub fn is_final(network: &Network, certificate: &Certificate) -> bool {
    let committee = network.committee(Epoch::ZERO).expect("genesis has one");
    match certificate.kind {
        CertificateKind::Confirmed => true,
        CertificateKind::Validated => {
            certificate.round.is_fast()
                && certificate.weight(committee).is_ok_and(|weight| weight >= committee.fast_quorum())
        }
    }
}

/// The height below which an answer says that all blocks of a chain are durable.
fn said_next(asked: &Request, answer: &Response) -> Option<(ChainId, BlockHeight)> {
    match (asked, answer) {
        (_, Response::Vote(vote)) => Some((vote.vote.slot.chain, vote.vote.slot.height)),
        (_, Response::Timeout(answer)) => Some((answer.vote.vote.slot.chain, answer.vote.vote.slot.height)),
        (_, Response::Info(info)) => Some((info.info.chain, info.info.next)),
        (Request::Certificate(request), Response::Committed { next }) => Some((request.certificate.slot.chain, *next)),
        (Request::Propose(request), Response::Refused(refusal)) => {
            let slot = request.proposal.slot();
            match &**refusal {
                Refusal::Lagging { next } => Some((slot.chain, *next)),
                Refusal::Final(_) => Some((slot.chain, slot.height.next()?)),
                _ => None,
            }
        }
        _ => None,
    }
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
    let credit = |message: &Message| match &message.content {
        MessageContent::System(SystemMessage::Credit { amount, .. }) => amount.0,
        _ => 0,
    };
    messages.iter().map(credit).sum()
}
