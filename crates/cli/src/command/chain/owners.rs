//! Who is to propose on a chain, as arguments of several commands.

use crate::{CliError, Code};
use myceline_types::{
    Leaders, Owner, OwnerSet, Ownership, TimeDelta, Timeouts,
    ownership::{DEFAULT_MULTI_LEADER_ROUNDS, DEFAULT_WEIGHT},
};
use std::time::Duration;

/// Who is to propose, in which rounds.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Who proposes")]
pub(super) struct Owners {
    /// An owner, and their weight where owners take turns [default weight: 100]
    #[arg(long = "owner", value_name = "OWNER[=WEIGHT]", value_parser = parse_owner)]
    regular: Vec<(Owner, u64)>,
    /// An owner who may also use the fast round
    #[arg(long = "fast-owner", value_name = "OWNER")]
    fast: Vec<Owner>,
    /// The validators lead, and nobody else: a public chain
    #[arg(long, conflicts_with_all = ["regular", "fast", "rounds", "open_rounds"])]
    public: bool,
    /// Rounds in which any owner may propose, before they take turns [default: 5]
    #[arg(long, value_name = "N")]
    rounds: Option<u32>,
    /// Anybody at all may propose in those rounds
    #[arg(long)]
    open_rounds: bool,
    /// How long a round lasts before validators agree to leave it [default: 1s]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    timeout: Option<Duration>,
    /// By how much the rounds in which owners take turns get longer [default: 50]
    #[arg(long, value_name = "PERCENT")]
    growth: Option<u32>,
}

impl Owners {
    /// Whether any of it was said.
    pub(super) fn are_given(&self) -> bool {
        let names_somebody = self.public || !self.regular.is_empty() || !self.fast.is_empty();
        names_somebody || self.rounds.is_some() || self.open_rounds || self.timeout.is_some() || self.growth.is_some()
    }

    /// All of it as an ownership that lets a chain go on.
    pub(super) fn ownership(&self) -> Result<Ownership, CliError> {
        let leaders = if self.public { Leaders::Validators } else { Leaders::Owners(self.owner_set()) };
        let usual = Timeouts::default();
        let base = self
            .timeout
            .map_or(usual.base, |timeout| TimeDelta(u64::try_from(timeout.as_micros()).unwrap_or(u64::MAX)));
        let timeouts = Timeouts { base, growth_percent: self.growth.unwrap_or(usual.growth_percent) };
        let ownership = Ownership { leaders, timeouts };
        let wrong = |error| {
            CliError::telling(Code::Usage, &error)
                .hint("name the owners with --owner OWNER[=WEIGHT] or --fast-owner OWNER")
        };
        ownership.check().map_err(wrong)?;
        Ok(ownership)
    }

    fn owner_set(&self) -> OwnerSet {
        OwnerSet {
            fast: self.fast.iter().copied().collect(),
            regular: self.regular.iter().copied().collect(),
            multi_leader_rounds: self.rounds.unwrap_or(DEFAULT_MULTI_LEADER_ROUNDS),
            open_multi_leader: self.open_rounds,
        }
    }
}

fn parse_owner(text: &str) -> Result<(Owner, u64), String> {
    let (owner, weight) = match text.split_once('=') {
        Some((owner, weight)) => (owner, weight.parse().map_err(|_| format!("{weight:?} is no weight"))?),
        None => (text, DEFAULT_WEIGHT),
    };
    Ok((owner.parse().map_err(|error| format!("{error}"))?, weight))
}
