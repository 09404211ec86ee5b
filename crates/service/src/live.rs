//! Live answers of applications: a query is asked again whenever its chain has another block, and its answer is told
//! only when it differs from the last one.
//!
//! Everybody who asks the same thing shares one asker, so a thousand readers of one number cost one query per block. A
//! reader who is slow gets the newest answer next, never a queue of old ones.

use crate::{code::Code, failure::Failure, hub::Hub, node::Node};
use myceline_types::{ApplicationId, ChainId};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::watch;

/// Different queries that are kept live at once: each is asked once per block of its chain.
const LIVE_QUERIES_MAX: usize = 1_024;

/// A query of an application about a chain.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Question {
    /// About which chain.
    pub chain: ChainId,
    /// Which application.
    pub application: ApplicationId,
    /// The query in its own form.
    pub query: Vec<u8>,
}

/// An answer; nothing until the first one is there.
pub type Latest = Option<Arc<Result<Vec<u8>, Failure>>>;

type Askers = BTreeMap<Question, watch::Sender<Latest>>;

/// The queries that are kept live.
pub struct LiveQueries {
    node: Node,
    hub: Arc<Hub>,
    askers: Mutex<Askers>,
}

impl LiveQueries {
    /// None yet.
    pub fn new(node: Node, hub: Arc<Hub>) -> LiveQueries {
        LiveQueries { node, hub, askers: Mutex::default() }
    }

    /// The answer to a question, now and whenever it changes.
    pub fn ask(self: &Arc<Self>, question: Question) -> Result<watch::Receiver<Latest>, Failure> {
        let mut askers = self.lock();
        if let Some(asker) = askers.get(&question) {
            return Ok(asker.subscribe());
        }
        if askers.len() >= LIVE_QUERIES_MAX {
            return Err(Failure::new(Code::Busy, format_args!("{LIVE_QUERIES_MAX} queries are kept live already")));
        }
        let (sender, receiver) = watch::channel(None);
        askers.insert(question.clone(), sender.clone());
        tokio::spawn(self.clone().keep_asking(question, sender));
        Ok(receiver)
    }

    async fn keep_asking(self: Arc<Self>, question: Question, sender: watch::Sender<Latest>) {
        let mut heights = self.hub.heights(question.chain);
        loop {
            heights.mark_unchanged();
            let answer = self.answer(&question).await;
            sender.send_if_modified(|latest| {
                let is_new = latest.as_deref() != Some(&answer);
                if is_new {
                    *latest = Some(Arc::new(answer));
                }
                is_new
            });
            tokio::select! {
                changed = heights.changed() => if changed.is_err() { return },
                () = sender.closed() => if self.retire(&question) { return },
            }
        }
    }

    async fn answer(&self, question: &Question) -> Result<Vec<u8>, Failure> {
        let Question { chain, application, query } = question.clone();
        let answer = self.node.query(chain, application, query).await?;
        if !answer.scheduled.is_empty() {
            return Err(Failure::new(Code::Usage, "a mutation cannot be kept live: it would make block after block"));
        }
        Ok(answer.answer.0)
    }

    /// Forgets a question that nobody asks any more.
    fn retire(&self, question: &Question) -> bool {
        let mut askers = self.lock();
        let is_unused = askers.get(question).is_none_or(|asker| asker.receiver_count() == 0);
        if is_unused {
            askers.remove(question);
        }
        is_unused
    }

    fn lock(&self) -> MutexGuard<'_, Askers> {
        self.askers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
