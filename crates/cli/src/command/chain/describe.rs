//! What governs a chain, in words for people.

use crate::output::human;
use myceline_types::{ApplicationId, Leaders, OwnerSet, Ownership, Permissions};
use std::fmt;

/// Who proposes, one line each.
pub(super) struct Proposers<'a>(pub(super) &'a Ownership);

/// Who may do what, one line each.
pub(super) struct Permitted<'a>(pub(super) &'a Permissions);

impl fmt::Display for Proposers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Ownership { leaders, timeouts } = self.0;
        match leaders {
            Leaders::Validators => writeln!(f, "led by       the validators")?,
            Leaders::Owners(owners) => write_owners(f, owners)?,
        }
        let base = human::duration(timeouts.base.as_duration());
        write!(
            f,
            "a round      lasts {base}, and {} % longer each time that owners take turns",
            timeouts.growth_percent
        )
    }
}

fn write_owners(f: &mut fmt::Formatter<'_>, owners: &OwnerSet) -> fmt::Result {
    for owner in &owners.fast {
        writeln!(f, "fast owner   {owner}")?;
    }
    for (owner, weight) in &owners.regular {
        writeln!(f, "owner        {owner}, weight {weight}")?;
    }
    let who = if owners.open_multi_leader { "anybody" } else { "any owner" };
    writeln!(f, "rounds       {} in which {who} may propose, then in turns", owners.multi_leader_rounds)
}

impl fmt::Display for Permitted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Permissions { operations, mandatory, manage_chain, oracles } = self.0;
        match operations {
            None => write!(f, "operations   all")?,
            Some(applications) => write!(f, "operations   only of {}", list(applications))?,
        }
        if !mandatory.is_empty() {
            write!(f, "\nevery block  has something of {}", list(mandatory))?;
        }
        if !manage_chain.is_empty() {
            write!(f, "\nmanaged by   {}", list(manage_chain))?;
        }
        if let Some(oracles) = oracles {
            write!(f, "\noracles for  {}", list(oracles))?;
        }
        Ok(())
    }
}

fn list(applications: &[ApplicationId]) -> String {
    match applications {
        [] => "none".into(),
        applications => applications.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}
