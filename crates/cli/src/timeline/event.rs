//! What happens in the demo, and the words for it.

use crate::output::human;
use myceline_types::{Amount, BlockHeight, ChainId};
use serde::{Serialize, Serializer};
use std::{fmt, time::Duration};

/// Something that happened in the demo. Validators are counted from 1, as people do.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum DemoEvent {
    /// The next part of the story begins, and the one before it has ended well.
    Act {
        /// What it is about.
        title: String,
    },
    /// A validator's process was started.
    Starting {
        /// Which validator.
        validator: usize,
        /// Its process.
        process: u32,
    },
    /// A validator answers.
    Ready {
        /// Which validator.
        validator: usize,
        /// How long that took.
        #[serde(rename = "after_ms", serialize_with = "millis")]
        after: Duration,
    },
    /// Somebody has a wallet now.
    Opened {
        /// Whose.
        wallet: String,
        /// Its chain.
        chain: ChainId,
        /// What is on it.
        balance: Amount,
    },
    /// A wallet holds another amount than before.
    Balance {
        /// Whose.
        wallet: String,
        /// What it holds now.
        balance: Amount,
    },
    /// A payment is on its way.
    Sent {
        /// Which one.
        #[serde(flatten)]
        payment: Payment,
    },
    /// A payment is executed and proposed: only its owner could still change it.
    PreConfirmed {
        /// Which one.
        #[serde(flatten)]
        payment: Payment,
        /// Since it was sent.
        #[serde(rename = "after_ms", serialize_with = "millis")]
        after: Duration,
    },
    /// A payment has a certificate: nothing can take it back.
    Final {
        /// Which one.
        #[serde(flatten)]
        payment: Payment,
        /// Since it was sent.
        #[serde(rename = "after_ms", serialize_with = "millis")]
        after: Duration,
    },
    /// The recipient can spend a payment.
    Received {
        /// Which one.
        #[serde(flatten)]
        payment: Payment,
        /// Since it was sent.
        #[serde(rename = "after_ms", serialize_with = "millis")]
        after: Duration,
    },
    /// A validator's process is gone, by SIGKILL.
    Killed {
        /// Which validator.
        validator: usize,
        /// What was its process.
        process: u32,
    },
    /// A validator is back and lacks what was decided without it.
    CatchingUp {
        /// Which validator.
        validator: usize,
        /// How many blocks it lacks.
        behind: u64,
    },
    /// A validator knows again what the others know.
    CaughtUp {
        /// Which validator.
        validator: usize,
        /// How many blocks it fetched.
        blocks: u64,
        /// Since it was back.
        #[serde(rename = "after_ms", serialize_with = "millis")]
        after: Duration,
    },
    /// Two copies of one wallet proposed different blocks.
    Raced {
        /// Whose wallet.
        wallet: String,
        /// At which height of its chain.
        height: BlockHeight,
    },
    /// Validators have signed in the first round of that height, and no more than one block each.
    Split {
        /// Whose wallet.
        wallet: String,
        /// At which height of its chain.
        height: BlockHeight,
        /// For each block, who signed it.
        sides: Vec<Vec<usize>>,
    },
    /// Both copies agree on the one block of that height.
    Healed {
        /// Whose wallet.
        wallet: String,
        /// At which height of its chain.
        height: BlockHeight,
        /// Since both proposed.
        #[serde(rename = "after_ms", serialize_with = "millis")]
        after: Duration,
    },
    /// Somebody without a key has read all chains from their first block, and every token is where it should be.
    Conserved {
        /// All tokens that there are.
        supply: Amount,
        /// Blocks that were executed again.
        blocks: u64,
        /// Chains that they are on.
        chains: usize,
    },
}

/// A payment from one wallet to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Payment {
    /// Tells it from others.
    #[serde(rename = "payment")]
    pub number: u32,
    /// Who pays.
    pub from: String,
    /// Who is paid.
    pub to: String,
    /// How much.
    pub amount: Amount,
}

impl fmt::Display for Payment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} → {} {}", self.from, self.to, human::amount(self.amount))
    }
}

/// One sentence.
impl fmt::Display for DemoEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DemoEvent::Act { title } => f.write_str(title),
            DemoEvent::Starting { validator, process } => write!(f, "validator {validator} starts (process {process})"),
            DemoEvent::Ready { validator, after } => {
                write!(f, "validator {validator} answers after {}", human::duration(*after))
            }
            DemoEvent::Opened { wallet, chain, balance } => {
                write!(f, "{wallet} has {} on chain {}", human::amount(*balance), human::short(chain))
            }
            DemoEvent::Balance { wallet, balance } => write!(f, "{wallet} has {}", human::amount(*balance)),
            DemoEvent::Sent { payment } => write!(f, "{payment}: sent"),
            DemoEvent::PreConfirmed { payment, after } => {
                write!(f, "{payment}: pre-confirmed after {}", human::duration(*after))
            }
            DemoEvent::Final { payment, after } => write!(f, "{payment}: final after {}", human::duration(*after)),
            DemoEvent::Received { payment, after } => {
                write!(f, "{payment}: received after {}", human::duration(*after))
            }
            DemoEvent::Killed { validator, process } => {
                write!(f, "validator {validator} killed with -9 (process {process})")
            }
            DemoEvent::CatchingUp { validator, behind } => {
                write!(f, "validator {validator} is back, {behind} blocks behind")
            }
            DemoEvent::CaughtUp { validator, blocks, after } => {
                write!(f, "validator {validator} caught up: {blocks} blocks in {}", human::duration(*after))
            }
            DemoEvent::Raced { wallet, height } => {
                write!(f, "two copies of {wallet}'s wallet propose different blocks at height {height}")
            }
            DemoEvent::Split { sides, .. } => write!(f, "{}", signed(sides)),
            DemoEvent::Healed { wallet, height, after } => {
                write!(f, "{wallet}'s chain healed after {}: one block at height {height}", human::duration(*after))
            }
            DemoEvent::Conserved { supply, blocks, chains } => {
                let supply = human::amount(*supply);
                write!(f, "all {supply} tokens are there: {blocks} blocks on {chains} chains executed again")
            }
        }
    }
}

/// Who signed which block, in words.
fn signed(sides: &[Vec<usize>]) -> String {
    let numbers = |side: &Vec<usize>| side.iter().map(usize::to_string).collect::<Vec<_>>().join(" and ");
    match sides {
        [side] => format!("validators {} signed the same block first", numbers(side)),
        sides => {
            let sides: Vec<String> = sides.iter().map(numbers).collect();
            format!("validators {} signed one block, {} the other", sides[0], sides[1..].join(" and "))
        }
    }
}

/// A time in JSON: milliseconds, exact to the microsecond.
pub fn millis<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_micros() as f64 / 1000.0)
}
