//! What a client makes of what others send to a chain of its user: bundles of messages, and events of streams.
//!
//! This is the user's taste and no rule of the protocol: another client of the same chain may decide otherwise.

use myceline_types::{ApplicationId, BundleAction, ChainId, IncomingBundle, Transaction};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What becomes of what others send to a chain.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct MessagePolicy {
    /// What becomes of bundles that nothing below speaks about.
    pub otherwise: Treatment,
    /// Chains whose bundles count; those of others are ignored. `None` where all do.
    pub only_from: Option<BTreeSet<ChainId>>,
    /// Chains whose bundles are ignored.
    pub ignored: BTreeSet<ChainId>,
    /// Bundles without a message for one of these applications are rejected.
    pub required: Option<BTreeSet<ApplicationId>>,
    /// Bundles with a message for any other application than these are rejected; value may come all the same.
    pub allowed: Option<BTreeSet<ApplicationId>>,
    /// Bundles for these applications are never rejected because they fail: they wait until they work.
    pub unrejected: BTreeSet<ApplicationId>,
    /// Applications that look at new events of the streams that they follow. `None` where all do.
    pub follows: Option<BTreeSet<ApplicationId>>,
}

/// What becomes of a bundle.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Treatment {
    /// It is executed, and rejected if that fails.
    #[default]
    Accept,
    /// It is rejected: tracked messages go back.
    Reject,
    /// It waits, and what comes from the same chain after it.
    Ignore,
}

impl MessagePolicy {
    /// What becomes of a bundle.
    pub fn treatment(&self, incoming: &IncomingBundle) -> Treatment {
        let origin = &incoming.origin;
        let is_meant = self.only_from.as_ref().is_none_or(|from| from.contains(origin));
        if !is_meant || self.ignored.contains(origin) {
            return Treatment::Ignore;
        }
        let has = |among: &BTreeSet<ApplicationId>| incoming.bundle.applications().any(|id| among.contains(&id));
        let has_others = |than: &BTreeSet<ApplicationId>| incoming.bundle.applications().any(|id| !than.contains(&id));
        let lacks_required = self.required.as_ref().is_some_and(|required| !has(required));
        let is_for_others = self.allowed.as_ref().is_some_and(has_others);
        if lacks_required || is_for_others { Treatment::Reject } else { self.otherwise }
    }

    /// Whether an application looks at new events by itself.
    pub fn follows(&self, application: &ApplicationId) -> bool {
        self.follows.as_ref().is_none_or(|follows| follows.contains(application))
    }

    /// What of the waiting bundles goes into a block, with what is made of each. Bundles of one origin come in their order, so
    /// that none comes after one that waits.
    pub(crate) fn apply(&self, waiting: Vec<Transaction>) -> Vec<Transaction> {
        let mut ignored = BTreeSet::new();
        let treat = |transaction: Transaction| {
            let Transaction::Receive(mut incoming) = transaction else { return Some(transaction) };
            if ignored.contains(&incoming.origin) {
                return None;
            }
            match self.treatment(&incoming) {
                Treatment::Accept => (),
                Treatment::Reject => incoming.action = BundleAction::Reject,
                Treatment::Ignore => {
                    ignored.insert(incoming.origin);
                    return None;
                }
            }
            Some(Transaction::Receive(incoming))
        };
        waiting.into_iter().filter_map(treat).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_types::{
        Amount, BlockHeight, Bundle, Cursor, Epoch, Hash, Message, MessageContent, MessageKind, Opaque, Timestamp,
    };

    fn chain(number: u8) -> ChainId {
        ChainId(Hash([number; 32]))
    }

    fn application(number: u8) -> ApplicationId {
        ApplicationId(Hash([number; 32]))
    }

    fn bundle(origin: u8, height: u64, applications: &[u8]) -> Transaction {
        let message = |number: &u8| Message {
            kind: MessageKind::Simple,
            authority: None,
            content: MessageContent::Application {
                id: application(*number),
                bytes: Opaque(Vec::new()),
                grant: Amount::ZERO,
            },
        };
        let bundle = Bundle {
            cursor: Cursor { height: BlockHeight(height), transaction: 0 },
            previous: None,
            epoch: Epoch(0),
            timestamp: Timestamp(0),
            messages: applications.iter().map(message).collect(),
        };
        Transaction::Receive(IncomingBundle { origin: chain(origin), bundle, action: BundleAction::Accept })
    }

    /// Origin, height and whether it is accepted, of what goes into a block.
    fn taken(policy: &MessagePolicy, waiting: Vec<Transaction>) -> Vec<(u8, u64, bool)> {
        let told = |transaction| match transaction {
            Transaction::Receive(incoming) => {
                let IncomingBundle { origin, bundle, action } = incoming;
                (origin.0.0[0], bundle.cursor.height.0, action == BundleAction::Accept)
            }
            other => panic!("{other:?}"),
        };
        policy.apply(waiting).into_iter().map(told).collect()
    }

    #[test]
    fn by_default_everything_is_accepted() {
        let waiting = vec![bundle(1, 0, &[]), bundle(2, 0, &[7])];
        assert_eq!(taken(&MessagePolicy::default(), waiting), [(1, 0, true), (2, 0, true)]);
    }

    #[test]
    fn ignored_chains_wait_and_others_do_not() {
        let waiting = || vec![bundle(1, 0, &[]), bundle(2, 0, &[]), bundle(1, 1, &[]), bundle(3, 0, &[])];
        let policy = MessagePolicy { ignored: [chain(1)].into(), ..MessagePolicy::default() };
        assert_eq!(taken(&policy, waiting()), [(2, 0, true), (3, 0, true)]);
        let policy = MessagePolicy { only_from: Some([chain(2)].into()), ..MessagePolicy::default() };
        assert_eq!(taken(&policy, waiting()), [(2, 0, true)]);
        let policy = MessagePolicy { otherwise: Treatment::Ignore, ..MessagePolicy::default() };
        assert_eq!(taken(&policy, waiting()), []);
    }

    #[test]
    fn bundles_are_rejected_by_the_applications_that_they_are_for() {
        let waiting = || vec![bundle(1, 0, &[]), bundle(1, 1, &[7]), bundle(1, 2, &[7, 8])];
        let policy = MessagePolicy { required: Some([application(7)].into()), ..MessagePolicy::default() };
        assert_eq!(taken(&policy, waiting()), [(1, 0, false), (1, 1, true), (1, 2, true)]);
        let policy = MessagePolicy { allowed: Some([application(7)].into()), ..MessagePolicy::default() };
        assert_eq!(taken(&policy, waiting()), [(1, 0, true), (1, 1, true), (1, 2, false)]);
        let policy = MessagePolicy { otherwise: Treatment::Reject, ..MessagePolicy::default() };
        assert_eq!(taken(&policy, waiting()), [(1, 0, false), (1, 1, false), (1, 2, false)]);
    }
}
