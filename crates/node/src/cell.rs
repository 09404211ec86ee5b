//! One loaded chain: what is kept in memory between steps. A step is a function of it, tried on a copy.

use crate::{
    candidate::Candidate,
    known_blobs::KnownBlobs,
    layout::{BIRTHS, BODIES, CHAINS, entry_space, of_chain, table},
    network::Network,
    rows::ChainRow,
    step::Step,
    work::{IsTrial, Rows, Work},
};
use myceline_chain::Tip;
use myceline_consensus::{Machine, Terms};
use myceline_execution::{Answers, Config, Engine, System, initial_state};
use myceline_state::{
    Absent, Batch, Key, Layered, MemorySnapshot, Overlay, Snapshot,
    tree::{Known, Tree},
};
use myceline_types::{
    BlockHash, BlockHeight, Certificate, CertifiedBlock, ChainDescription, ChainId, Committee, Policy, Refusal,
    Timestamp, Verifier, guest::HttpRequest, vote::Slot,
};
use std::{collections::BTreeMap, mem, sync::Arc};

/// What a step lacks. The chain is as it was: get it and step again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Lacking {
    /// Rows that the view does not hold.
    Rows(Vec<Absent>),
    /// An answer of the web.
    Answer(Box<HttpRequest>),
    /// Time: it takes longer than others want to wait. Try it out elsewhere, and let the chain learn of what was executed.
    Time,
}

impl From<Absent> for Lacking {
    fn from(absent: Absent) -> Lacking {
        Lacking::Rows(vec![absent])
    }
}

impl From<Vec<Absent>> for Lacking {
    fn from(absent: Vec<Absent>) -> Lacking {
        Lacking::Rows(absent)
    }
}

/// How long a step may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Patience {
    /// So much fuel: others wait.
    Fuel(u64),
    /// As long as it takes.
    Endless,
}

/// Who keeps the chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// A validator: it delivers bundles to the inboxes of recipients and keeps indexes for others.
    Validator,
    /// A client: it reads the blocks of senders itself.
    Client,
}

/// What a step may look at besides the chain.
#[derive(Clone, Copy)]
pub struct Moment<'a, S> {
    /// The time.
    pub now: Timestamp,
    /// The store. It may be behind the chain by what has been stepped and not committed yet.
    pub view: &'a S,
    /// Knows signatures.
    pub verifier: &'a dyn Verifier,
    /// Knows small blobs of the store.
    pub known_blobs: &'a KnownBlobs,
    /// Who steps.
    pub role: Role,
    /// Runs applications.
    pub engine: &'a dyn Engine,
    /// What the web answered to questions of this step.
    pub web: &'a Answers,
    /// How long the step may take.
    pub patience: Patience,
}

/// What came of trying a step out.
#[derive(Debug)]
pub struct Trial {
    /// Where the chain stood.
    tip: Tip,
    /// The blocks that were executed.
    executed: Vec<Arc<Candidate>>,
    /// Why the step would be refused, if it would.
    pub refused: Option<Refusal>,
}

/// A loaded chain.
#[derive(Clone)]
pub struct Cell {
    network: Arc<Network>,
    chain: ChainId,
    standing: Standing,
    recent: Batch,
}

/// Where a chain stands, and what follows from its rows. Cheap to copy.
#[derive(Clone)]
pub(crate) struct Standing {
    pub(crate) row: ChainRow,
    pub(crate) config: Arc<Config>,
    pub(crate) tree: Tree,
    /// Blocks of the next height that were executed.
    pub(crate) candidates: BTreeMap<BlockHash, Arc<Candidate>>,
    /// The last block, where it is in memory.
    pub(crate) last: Option<Arc<Last>>,
    /// The state before the first block, until it is written.
    pub(crate) initial: Option<Arc<Batch>>,
}

/// The last block of a chain as it was executed here, and what makes it final.
pub(crate) struct Last {
    pub(crate) candidate: Arc<Candidate>,
    pub(crate) certificate: Certificate,
}

impl Last {
    fn certified(&self) -> CertifiedBlock {
        CertifiedBlock { block: self.candidate.block.clone(), certificate: self.certificate.clone() }
    }
}

/// Executed blocks of one height kept in memory. Honest owners propose one or two.
const CANDIDATES_MAX: usize = 16;

impl Standing {
    /// The certified block of a height, where that is the last one and in memory.
    pub(crate) fn last_at(&self, height: BlockHeight) -> Option<CertifiedBlock> {
        self.last.as_ref().filter(|last| last.candidate.header.height == height).map(|last| last.certified())
    }

    /// Whether the chain may read a row of its steps again. Where it stands it remembers otherwise, bodies are of use until their
    /// height is decided, and what it writes for others is read by them, from the store.
    fn reads_again(&self, chain: ChainId, key: &Key) -> bool {
        match key.first() {
            Some(&table::CHAIN | &table::OWNER | &table::PUBLIC) => false,
            Some(&table::BODY) => self.row.bodies.iter().any(|kept| BODIES.entry_of(&kept.key) == *key),
            Some(&table::WAITING | &table::ANTICIPATED) => key[1..].starts_with(&chain.0.0),
            _ => true,
        }
    }

    /// Keeps an executed block at hand. Whoever proposes many blocks for one height has them executed again.
    pub(crate) fn remember(&mut self, candidate: Arc<Candidate>) {
        if self.candidates.len() >= CANDIDATES_MAX {
            self.candidates.clear();
        }
        self.candidates.insert(candidate.hash, candidate);
    }
}

/// Rows kept in memory for a chain; more are dropped once they are durable, last those of its state: they are read most.
const RECENT_MAX: usize = 256;

impl Cell {
    /// Loads a chain; `None` where it does not exist here (DESIGN: a description alone proves nothing).
    pub fn load<S: Snapshot>(network: &Arc<Network>, chain: ChainId, view: &S) -> Result<Option<Cell>, Absent> {
        if let Some(row) = CHAINS.get(view, &chain)? {
            return Cell::resume(network, chain, view, row).map(Some);
        }
        let birth = match network.root(chain) {
            Some(description) => Some(description.clone()),
            None => BIRTHS.get(view, &chain)?,
        };
        Ok(birth.and_then(|description| Cell::begin(network, chain, &description)))
    }

    /// A chain that has rows.
    fn resume<S: Snapshot>(network: &Arc<Network>, chain: ChainId, view: &S, row: ChainRow) -> Result<Cell, Absent> {
        let entries = Overlay::new(view, of_chain(table::STATE, chain));
        let config =
            System(&entries).config()?.expect("a chain with a row has a configuration: both are written at once");
        let tree = Tree::load(view, entry_space(chain))?;
        let (config, candidates) = (Arc::new(config), BTreeMap::new());
        let standing = Standing { row, config, tree, candidates, last: None, initial: None };
        Ok(Cell { network: network.clone(), chain, standing, recent: Batch::new() })
    }

    /// A chain that exists and has no row yet; `None` where its committee is not known.
    fn begin(network: &Arc<Network>, chain: ChainId, description: &ChainDescription) -> Option<Cell> {
        let nothing = MemorySnapshot::new();
        let (config, changes) = initial_state(description, &nothing);
        let update = Tree::new(entry_space(chain))
            .update(&nothing, &changes)
            .expect("an empty snapshot in memory has all answers");
        let tip = Tip { timestamp: description.timestamp, ..Tip::default() };
        let machine = Machine::new(&terms(chain, &tip, &config, network.committee(config.epoch)?));
        let mut initial = changes.under(&of_chain(table::STATE, chain));
        initial.extend(update.rows);
        let row = ChainRow { tip, machine, bodies: Vec::new(), anticipated: 0, halted: false };
        let standing = Standing {
            row,
            config: Arc::new(config),
            tree: update.tree,
            candidates: BTreeMap::new(),
            last: None,
            initial: Some(Arc::new(initial.clone())),
        };
        Some(Cell { network: network.clone(), chain, standing, recent: initial })
    }

    /// Takes a step: `act` works on a copy, which replaces the chain if all that it needed was there.
    pub fn step<S: Snapshot>(
        &mut self,
        moment: Moment<'_, S>,
        act: impl FnOnce(&mut Work<'_, S>) -> Result<(), Lacking>,
    ) -> Result<Step, Lacking> {
        let rows = self.rows(moment.view);
        let mut work = Work::new(&self.network, self.chain, moment, &self.standing, rows, IsTrial(false));
        act(&mut work)?;
        let (standing, step) = work.finish();
        let before = mem::replace(&mut self.standing, standing);
        self.remember(&step.rows);
        if before.row.tip != self.standing.row.tip {
            before.row.bodies.iter().for_each(|kept| self.recent.forget(&BODIES.entry_of(&kept.key)));
        }
        Ok(step)
    }

    /// Keeps the rows of a step that may be read again before they are in the store.
    fn remember(&mut self, rows: &Batch) {
        let Cell { chain, standing, recent, .. } = self;
        for (key, value) in rows.iter().filter(|(key, _)| standing.reads_again(*chain, key)) {
            recent.write(key.clone(), value.clone());
        }
    }

    /// Tries a step out on a copy of the chain, while somebody else steps the chain itself. Only what was executed is of use
    /// then: whether the step may be taken is asked again where it is.
    pub fn try_out<S: Snapshot>(
        &self,
        moment: Moment<'_, S>,
        act: impl FnOnce(&mut Work<'_, S>) -> Result<(), Lacking>,
    ) -> Result<Trial, Lacking> {
        let rows = self.rows(moment.view);
        let mut work = Work::new(&self.network, self.chain, moment, &self.standing, rows, IsTrial(true));
        act(&mut work)?;
        let refused = work.refusal().cloned();
        Ok(Trial { tip: self.standing.row.tip, executed: work.into_executed(), refused })
    }

    /// Takes over what was executed while the chain was tried out. `false` where the chain has moved on: it is of no use then.
    pub fn learn(&mut self, trial: &Trial) -> bool {
        let is_here = self.standing.row.tip == trial.tip;
        if is_here {
            trial.executed.iter().for_each(|candidate| self.standing.remember(candidate.clone()));
        }
        is_here
    }

    /// What a step begins with.
    fn rows<'a, S: Snapshot>(&'a self, view: &'a S) -> Rows<'a, S> {
        let known = Known { tree: &self.standing.tree, rows: view };
        Overlay::new(Layered { upper: &self.recent, lower: known }, [])
    }

    /// Looks at the chain without changing it.
    pub fn look<S: Snapshot, T>(
        &self,
        view: &S,
        look: impl FnOnce(&System<Overlay<Layered<'_, &S>>>) -> Result<T, Absent>,
    ) -> Result<T, Absent> {
        let rows = Layered { upper: &self.recent, lower: view };
        look(&System(Overlay::new(rows, of_chain(table::STATE, self.chain))))
    }

    /// Everything that was stepped is in the store now: memory may go back to its bound.
    pub fn durable(&mut self) {
        if self.recent.len() > RECENT_MAX && self.standing.initial.is_none() {
            self.recent.retain_under(&of_chain(table::STATE, self.chain));
            if self.recent.len() > RECENT_MAX {
                self.recent = Batch::new();
            }
        }
    }

    /// The chain.
    pub fn chain(&self) -> ChainId {
        self.chain
    }

    /// Whether bundles were consumed that have not arrived yet.
    pub fn anticipates(&self) -> bool {
        self.standing.row.anticipated > 0
    }

    /// Where it ends.
    pub fn tip(&self) -> &Tip {
        &self.standing.row.tip
    }

    /// Its configuration.
    pub fn config(&self) -> &Config {
        &self.standing.config
    }

    /// Its round machine.
    pub fn machine(&self) -> &Machine {
        &self.standing.row.machine
    }

    /// The root of its state.
    pub fn state_root(&self) -> myceline_types::Hash {
        self.standing.tree.root()
    }

    /// Its last block, where it is in memory.
    pub fn last(&self) -> Option<CertifiedBlock> {
        self.standing.last.as_ref().map(|last| last.certified())
    }

    /// The facts of the height that is being decided.
    pub fn terms(&self) -> Option<Terms<'_>> {
        let committee = self.network.committee(self.standing.config.epoch)?;
        Some(terms(self.chain, self.tip(), &self.standing.config, committee))
    }

    /// The policy of its epoch.
    pub fn policy(&self) -> Option<&Policy> {
        self.network.policy(self.standing.config.epoch)
    }
}

/// The facts of the height after a tip.
pub(crate) fn terms<'a>(chain: ChainId, tip: &Tip, config: &'a Config, committee: &'a Committee) -> Terms<'a> {
    let slot = Slot { chain, height: tip.next, epoch: config.epoch };
    Terms { slot, previous: tip.block, ownership: &config.ownership, committee }
}
