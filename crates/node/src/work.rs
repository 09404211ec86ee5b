//! A step in progress: a copy of where the chain stands, rows to write, and what to say. Dropped, it leaves no trace.

use crate::{
    candidate::Candidate,
    cell::{Lacking, Moment, Patience, Standing, terms},
    certify::write_all,
    facts::Facts,
    layout::{BODIES, CHAINS, of_chain, table},
    network::Network,
    rows::{BodyRow, BodyRowRef, CommitRow, KeptBody, StoredBlockRef},
    step::{Answer, Retry, Step},
    stopped::{Stepping, Stopped},
};
use myceline_chain::Tip;
use myceline_consensus::Terms;
use myceline_execution::{Config, Environment, Failure, Need, Oracle, Stop, Subscription, System, World, execute};
use myceline_state::{Absent, Entries, Layered, Overlay, Snapshot, collections::encode, tree::Known};
use myceline_types::{
    Amount, ApplicationId, Authority, Blob, BlockHash, Body, ChainId, Cursor, Epoch, Fact, Holder, Missing, Opaque,
    OracleRecord, Owner, Policy, Refusal, StreamId, api::Reason,
};
use std::sync::Arc;

/// All rows as a step sees them: what it writes, what was stepped lately, and the store, of which the tree before the step
/// knows many entries of the chain that are not there.
pub(crate) type Rows<'a, S> = Overlay<Layered<'a, Known<'a, &'a S>>>;

/// Whether a step is only tried out.
pub(crate) struct IsTrial(pub(crate) bool);

/// A step in progress.
pub struct Work<'a, S> {
    pub(crate) network: &'a Network,
    pub(crate) chain: ChainId,
    pub(crate) moment: Moment<'a, S>,
    pub(crate) standing: Standing,
    pub(crate) rows: Rows<'a, S>,
    pub(crate) public: Vec<ChainId>,
    before: &'a Standing,
    commits: Vec<CommitRow>,
    answer: Option<Answer>,
    notices: Vec<Reason>,
    retry: Option<Retry>,
    is_trial: bool,
    executed: Vec<Arc<Candidate>>,
}

impl<'a, S: Snapshot> Work<'a, S> {
    pub(crate) fn new(
        network: &'a Network,
        chain: ChainId,
        moment: Moment<'a, S>,
        before: &'a Standing,
        rows: Rows<'a, S>,
        IsTrial(is_trial): IsTrial,
    ) -> Work<'a, S> {
        let standing = before.clone();
        Work {
            network,
            chain,
            moment,
            standing,
            rows,
            public: Vec::new(),
            before,
            commits: Vec::new(),
            answer: None,
            notices: Vec::new(),
            retry: None,
            is_trial,
            executed: Vec::new(),
        }
    }

    /// Whether this is only tried out: nothing of it happens but that blocks are executed.
    pub fn is_trial(&self) -> bool {
        self.is_trial
    }

    /// Why the step is refused, if it is.
    pub fn refusal(&self) -> Option<&Refusal> {
        self.answer.as_ref().and_then(Answer::refusal)
    }

    /// The blocks that were executed.
    pub(crate) fn into_executed(self) -> Vec<Arc<Candidate>> {
        self.executed
    }

    pub(crate) fn finish(mut self) -> (Standing, Step) {
        self.notice_round();
        self.save();
        let Work { standing, rows, commits, answer, notices, public, retry, .. } = self;
        (standing, Step { rows: rows.into_changes(), commits, answer, notices, public, retry })
    }

    /// Writes where the chain stands, if that changed.
    fn save(&mut self) {
        if self.standing.row != self.before.row {
            self.write_initial();
            CHAINS.insert(&mut self.rows, &self.chain, &self.standing.row);
        }
    }

    /// Writes the state that the chain began with, before anything is written over it.
    pub(crate) fn write_initial(&mut self) {
        if let Some(initial) = self.standing.initial.take() {
            write_all(&mut self.rows, &[], &initial);
        }
    }

    fn notice_round(&mut self) {
        let (before, after) = (&self.before.row, &self.standing.row);
        let (height, round) = (after.tip.next, after.machine.round());
        if before.tip.next == height && before.machine.round() != round {
            self.notices.push(Reason::NewRound { chain: self.chain, height, round });
        }
    }

    /// Ends a step with what it answers.
    pub(crate) fn settle(&mut self, answer: Stepping<Answer>) -> Result<(), Lacking> {
        match answer {
            Ok(answer) => self.say(answer),
            Err(Stopped::Answer(answer, retry)) => {
                self.say(*answer);
                self.retry = retry;
            }
            Err(Stopped::Lacking(lacking)) => return Err(lacking),
        }
        Ok(())
    }

    /// What the step answers.
    pub(crate) fn say(&mut self, answer: Answer) {
        self.answer = Some(answer);
    }

    pub(crate) fn notice(&mut self, reason: Reason) {
        self.notices.push(reason);
    }

    pub(crate) fn commit(&mut self, row: CommitRow) {
        self.commits.push(row);
    }

    /// Checks signatures by the committee of an epoch, where it is known.
    pub(crate) fn authority(&self, epoch: Epoch) -> Stepping<Authority<'a>> {
        let committee =
            self.network.committee(epoch).ok_or(Refusal::Epoch { chain: self.standing.config.epoch, asked: epoch })?;
        Ok(Authority { network: self.network.id(), committee, verifier: self.moment.verifier })
    }

    /// The policy of the chain's epoch.
    pub(crate) fn policy(&self) -> &'a Policy {
        self.network.policy(self.standing.config.epoch).expect("a chain is loaded under a known policy")
    }

    /// The facts of the height that is being decided.
    pub(crate) fn terms(&self) -> Terms<'_> {
        let committee =
            self.network.committee(self.standing.config.epoch).expect("a chain is loaded under a known committee");
        terms(self.chain, &self.standing.row.tip, &self.standing.config, committee)
    }

    /// The entries of the state after the last block.
    pub(crate) fn entries(&self) -> Overlay<&Rows<'a, S>> {
        Overlay::new(&self.rows, of_chain(table::STATE, self.chain))
    }

    /// The state after the last block.
    fn system(&self) -> System<Overlay<&Rows<'a, S>>> {
        System(self.entries())
    }

    /// The last bundle that the chain has consumed from an origin.
    pub fn received(&self, origin: ChainId) -> Result<Option<Cursor>, Absent> {
        self.system().received(origin)
    }

    /// What is in an account.
    pub fn balance(&self, holder: &Holder) -> Result<Amount, Absent> {
        self.system().balance(holder)
    }

    /// What `owner` lets `spender` spend.
    pub fn allowance(&self, owner: Owner, spender: Owner) -> Result<Amount, Absent> {
        self.system().allowance(owner, spender)
    }

    /// At most `limit` of the applications that keep something on the chain, in the order of their ids, after `after`.
    pub fn applications(&self, after: Option<ApplicationId>, limit: usize) -> Result<Vec<ApplicationId>, Absent> {
        self.system().applications(after, limit)
    }

    /// At most `limit` of the streams that applications of the chain follow.
    pub fn subscriptions(&self, limit: usize) -> Result<Vec<Subscription>, Absent> {
        self.system().subscriptions(limit)
    }

    /// How many events of a stream there are on this chain.
    pub fn emitted(&self, stream: &StreamId) -> Result<u32, Absent> {
        Ok(self.system().emitted(stream)?.count)
    }

    /// At most `limit` of the streams on which an application has emitted on the chain, in the order of their names, after
    /// `after`, with how many events each has.
    pub fn streams(
        &self,
        application: ApplicationId,
        after: Option<Opaque>,
        limit: usize,
    ) -> Result<Vec<(Opaque, u32)>, Absent> {
        let streams = self.system().streams(application, after, limit)?;
        Ok(streams.into_iter().map(|(name, emitted)| (name, emitted.count)).collect())
    }

    /// Where the chain ends.
    pub fn tip(&self) -> &Tip {
        &self.standing.row.tip
    }

    /// The chain's configuration.
    pub fn config(&self) -> &Config {
        &self.standing.config
    }

    /// What a block does: executed on the chain's state, unless it was before.
    pub(crate) fn executed(
        &mut self,
        block: BlockHash,
        body: &Body,
        blobs: &[Blob],
        oracle: Oracle<'_>,
    ) -> Stepping<Arc<Candidate>> {
        match self.standing.candidates.get(&block) {
            Some(candidate) => Ok(candidate.clone()),
            None => self.run(body, blobs, oracle),
        }
    }

    /// Executes a block on the chain's state.
    pub(crate) fn run(&mut self, body: &Body, blobs: &[Blob], oracle: Oracle<'_>) -> Stepping<Arc<Candidate>> {
        let facts = Facts::new(&self.rows, &self.moment, blobs);
        let environment = self.environment(&facts, oracle);
        let config = Config::clone(&self.standing.config);
        let done = execute(environment, &body.proposed, config, self.entries()).map_err(stopped_run)?;
        let update = self.standing.tree.update(&self.rows, &done.changes)?;
        let candidate = Arc::new(Candidate::new(body.proposed.clone(), done, update, blobs.to_vec()));
        self.remember(candidate.clone());
        Ok(candidate)
    }

    /// What a run on this chain may depend on.
    pub(crate) fn environment<'b>(&self, world: &'b dyn World, oracle: Oracle<'b>) -> Environment<'b>
    where
        'a: 'b,
    {
        let patience = match self.moment.patience {
            Patience::Fuel(fuel) => fuel,
            Patience::Endless => u64::MAX,
        };
        Environment { policy: self.policy(), world, engine: self.moment.engine, oracle, patience }
    }

    /// Oracles as this node sees them. They have to answer what a block claims, where there is one.
    pub(crate) fn own_oracle<'b>(&self, claimed: Option<&'b [OracleRecord]>) -> Oracle<'b>
    where
        'a: 'b,
    {
        Oracle::Own { now: self.moment.now, web: self.moment.web, claimed }
    }

    /// Keeps an executed block at hand.
    pub(crate) fn remember(&mut self, candidate: Arc<Candidate>) {
        if self.is_trial {
            self.executed.push(candidate.clone());
        }
        self.standing.remember(candidate);
    }

    /// The body of a block of the next height, where it is here.
    pub(crate) fn body_of(&self, block: BlockHash) -> Result<Option<Body>, Lacking> {
        if let Some(candidate) = self.standing.candidates.get(&block) {
            return Ok(Some(candidate.block.body()));
        }
        Ok(self.stored(block)?.map(|row| row.block.body()))
    }

    /// The stored row of a block of the next height.
    pub(crate) fn stored(&self, block: BlockHash) -> Result<Option<BodyRow>, Lacking> {
        match self.standing.row.bodies.iter().find(|kept| kept.key.1 == block) {
            Some(kept) => Ok(BODIES.get(&self.rows, &kept.key)?),
            None => Ok(None),
        }
    }

    /// Stores the body of a block that is about to be voted for, unless it is stored (R11).
    pub(crate) fn keep_body(&mut self, block: BlockHash, body: &Body, blobs: &[Blob]) {
        if self.keeps_body(block) {
            return;
        }
        let (stored, executed) = match self.standing.candidates.get(&block) {
            Some(candidate) => (StoredBlockRef::Executed(&candidate.block), true),
            None => (StoredBlockRef::Proposed(body), false),
        };
        let key = (self.moment.now, block);
        let row = encode(&BodyRowRef { block: stored, blobs });
        self.rows.put(BODIES.entry_of(&key), row);
        self.standing.row.bodies.push(KeptBody { key, executed });
    }

    /// Stores a final block with its outcome, unless it is stored so.
    pub(crate) fn keep_executed(&mut self, candidate: &Candidate) {
        let replaced = |kept: &KeptBody| !kept.executed && kept.key.1 == candidate.hash;
        for kept in self.standing.row.bodies.extract_if(.., |kept| replaced(kept)) {
            BODIES.remove(&mut self.rows, &kept.key);
        }
        if !self.keeps_body(candidate.hash) {
            self.keep_body(candidate.hash, &candidate.block.body(), &candidate.blobs);
        }
    }

    fn keeps_body(&self, block: BlockHash) -> bool {
        self.standing.row.bodies.iter().any(|kept| kept.key.1 == block)
    }
}

/// What stopped a run: something to get, or something to tell the proposer.
fn stopped_run(failure: Failure) -> Stopped {
    match *failure.stop {
        Stop::Needs(Need::Rows(absent)) => absent.into(),
        Stop::Needs(Need::Fact(fact)) => Refusal::Missing(missing(fact)).into(),
        Stop::Needs(Need::Web(request)) => Lacking::Answer(request).into(),
        Stop::Invalid(problem) => Refusal::Block(problem.at(failure.transaction)).into(),
        Stop::TooLong => Lacking::Time.into(),
        Stop::Differs(difference) => Refusal::Differs(difference).into(),
        Stop::Unanswered { url, why } => Refusal::Unanswered { url, why }.into(),
        // It says nothing about the block: another try may go better.
        Stop::Fault(_) => Refusal::Busy.into(),
    }
}

fn missing(fact: Fact) -> Missing {
    match fact {
        Fact::Blob(blob) => Missing { blobs: vec![blob], ..Missing::default() },
        Fact::Event(chain, stream, index) => Missing { events: vec![(chain, stream, index)], ..Missing::default() },
    }
}
