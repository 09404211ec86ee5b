//! `myceline wallet policy`: what becomes of what others send to a chain, for every command and service of the wallet.

use crate::{
    CliError, Context,
    live::LiveWallet,
    output::{Table, human, style, table::Column},
    wallet::Wallet,
};
use clap::ValueEnum;
use myceline_client::{MessagePolicy, Treatment};
use myceline_types::ChainId;
use serde::Serialize;
use std::{collections::BTreeSet, fmt};

/// Show or change what becomes of what others send to a chain
#[derive(Debug, clap::Args)]
#[command(after_help = "\
What is said stays with the wallet: sync, service and all others go by it. What is ignored waits, and
can be taken in later; what is rejected goes back to its sender, where the sender asked for that.

Examples:
  myceline wallet policy                                    show that of the default chain
  myceline wallet policy shop --ignore 8f1c22e0             let what a chain sends wait
  myceline wallet policy shop --only-from bank --only-from till
  myceline wallet policy shop --allow tokens                reject messages for other applications
  myceline wallet policy shop --reset                       accept everything again")]
pub struct Policy {
    /// A chain of the wallet [default: the default one]
    chain: Option<String>,
    #[command(flatten)]
    change: Change,
}

/// What is said anew. A list that is given takes the place of the one before.
#[derive(Debug, Default, PartialEq, Eq, clap::Args)]
struct Change {
    /// Begin with the default: accept all, reject what fails
    #[arg(long)]
    reset: bool,
    /// What becomes of bundles of messages that nothing else here speaks about
    #[arg(long, value_name = "HOW")]
    messages: Option<How>,
    /// Ignore what other chains than these send
    #[arg(long, value_name = "CHAIN")]
    only_from: Vec<String>,
    /// Ignore what these chains send
    #[arg(long, value_name = "CHAIN")]
    ignore: Vec<String>,
    /// Reject bundles without a message for one of these applications
    #[arg(long, value_name = "APPLICATION")]
    require: Vec<String>,
    /// Reject bundles with a message for any other application than these
    #[arg(long, value_name = "APPLICATION")]
    allow: Vec<String>,
    /// Never reject what fails and is for these applications: it waits until it works
    #[arg(long, value_name = "APPLICATION")]
    never_reject: Vec<String>,
    /// Only these applications look at new events by themselves
    #[arg(long, value_name = "APPLICATION", conflicts_with = "no_events")]
    events: Vec<String>,
    /// No application looks at new events by itself
    #[arg(long)]
    no_events: bool,
}

/// What becomes of bundles.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum How {
    /// They are executed, and rejected if that fails
    Accept,
    /// They are rejected
    Reject,
    /// They wait
    Ignore,
}

/// The policy of a chain.
#[derive(Serialize)]
struct Shown {
    chain: ChainId,
    #[serde(flatten)]
    policy: MessagePolicy,
}

impl Policy {
    /// Shows it, or changes and shows it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let shown = if self.change == Change::default() {
            let wallet = Wallet::open(&context.folder)?;
            let chain = wallet.chain(self.chain.as_deref())?;
            Shown { chain, policy: policy_of(&wallet, chain) }
        } else {
            context.with_wallet(async |live| {
                let chain = live.chain(self.chain.as_deref())?;
                let policy = self.change.apply(&live, policy_of(&live.wallet, chain))?;
                live.node.set_policy(chain, policy.clone()).await?;
                Ok(Shown { chain, policy })
            })?
        };
        context.output.report(&shown)
    }
}

fn policy_of(wallet: &Wallet, chain: ChainId) -> MessagePolicy {
    wallet.policies().get(&chain).cloned().unwrap_or_default()
}

impl Change {
    fn apply(&self, live: &LiveWallet, before: MessagePolicy) -> Result<MessagePolicy, CliError> {
        let before = if self.reset { MessagePolicy::default() } else { before };
        let chains = |named: &[String]| listed(named, |name| live.chain(Some(name)));
        let applications = |named: &[String]| listed(named, |name| live.application(name));
        let follows = if self.no_events { Some(BTreeSet::new()) } else { applications(&self.events)? };
        Ok(MessagePolicy {
            otherwise: self.messages.map_or(before.otherwise, Treatment::from),
            only_from: chains(&self.only_from)?.or(before.only_from),
            ignored: chains(&self.ignore)?.unwrap_or(before.ignored),
            required: applications(&self.require)?.or(before.required),
            allowed: applications(&self.allow)?.or(before.allowed),
            unrejected: applications(&self.never_reject)?.unwrap_or(before.unrejected),
            follows: follows.or(before.follows),
        })
    }
}

/// What the names of a list stand for; nothing where there is no list.
fn listed<T: Ord>(
    named: &[String],
    find: impl Fn(&str) -> Result<T, CliError>,
) -> Result<Option<BTreeSet<T>>, CliError> {
    let found = named.iter().map(|name| find(name)).collect::<Result<BTreeSet<T>, _>>()?;
    Ok((!found.is_empty()).then_some(found))
}

impl From<How> for Treatment {
    fn from(how: How) -> Treatment {
        match how {
            How::Accept => Treatment::Accept,
            How::Reject => Treatment::Reject,
            How::Ignore => Treatment::Ignore,
        }
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let MessagePolicy { otherwise, only_from, ignored, required, allowed, unrejected, follows } = &self.policy;
        writeln!(f, "Inbox of {}", style::strong(human::short(self.chain)))?;
        let mut table = Table::new([Column::Left("what"), Column::Left("for")]);
        let mut row = |what: &str, whom: String| table.row([what.into(), whom]);
        if let Some(from) = only_from {
            row("ignored", format!("all chains but {}", ids(from)));
        }
        if !ignored.is_empty() {
            row("ignored", ids(ignored));
        }
        if let Some(required) = required {
            row("rejected", format!("what has no message for {}", ids(required)));
        }
        if let Some(allowed) = allowed {
            row("rejected", format!("what has messages for others than {}", ids(allowed)));
        }
        if !unrejected.is_empty() {
            row("never rejected", format!("what fails and is for {}", ids(unrejected)));
        }
        let rest = match otherwise {
            Treatment::Accept => "accepted, and rejected if it fails",
            Treatment::Reject => "rejected",
            Treatment::Ignore => "ignored",
        };
        row(rest, "all other messages".into());
        match follows {
            None => row("looked at", "new events of all streams that applications follow".into()),
            Some(follows) if follows.is_empty() => row("ignored", "new events".into()),
            Some(follows) => row("looked at", format!("new events that {} follow", ids(follows))),
        }
        write!(f, "{table}")
    }
}

fn ids<T: fmt::Display>(ids: &BTreeSet<T>) -> String {
    ids.iter().map(human::short).collect::<Vec<_>>().join(", ")
}
