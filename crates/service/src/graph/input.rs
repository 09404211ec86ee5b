//! What mutations take, as GraphQL writes it.

use crate::{code::Code, failure::Failure};
use async_graphql::InputObject;
use myceline_types::{
    ApplicationId, Leaders, Owner, OwnerSet, Ownership, Permissions, TimeDelta, Timeouts,
    ownership::{DEFAULT_MULTI_LEADER_ROUNDS, DEFAULT_WEIGHT},
};

/// Who may propose blocks.
#[derive(InputObject)]
pub(super) struct OwnershipInput {
    /// The validators lead, and nobody else: a public chain.
    #[graphql(default)]
    public: bool,
    /// Owners who may also use the fast round.
    #[graphql(default)]
    fast_owners: Vec<Owner>,
    /// Owners with their weights.
    #[graphql(default)]
    owners: Vec<WeightedOwnerInput>,
    /// Rounds in which any owner may propose, before they take turns.
    multi_leader_rounds: Option<u32>,
    /// Whether anybody at all may propose in those rounds.
    #[graphql(default)]
    open_multi_leader: bool,
    /// How long a round lasts, in microseconds.
    timeout_us: Option<u64>,
    /// By how much rounds in which owners take turns get longer.
    growth_percent: Option<u32>,
}

/// An owner with a weight.
#[derive(InputObject)]
struct WeightedOwnerInput {
    /// Who.
    owner: Owner,
    /// How often they lead where owners take turns.
    weight: Option<u64>,
}

/// What applications may do on a chain. What is left out is allowed.
#[derive(InputObject)]
pub(super) struct PermissionsInput {
    /// Where given, only operations of these are allowed: transfers and changes of these permissions end too.
    operations: Option<Vec<ApplicationId>>,
    /// Every block must have something of each of these.
    #[graphql(default)]
    mandatory: Vec<ApplicationId>,
    /// These may close the chain and change its ownership and permissions.
    #[graphql(default)]
    manage_chain: Vec<ApplicationId>,
    /// Where given, only these may ask oracles.
    oracles: Option<Vec<ApplicationId>>,
}

impl OwnershipInput {
    /// As the protocol has it, if it lets a chain go on.
    pub(super) fn ownership(self) -> Result<Ownership, Failure> {
        let leaders = if self.public {
            Leaders::Validators
        } else {
            let weighted = |owner: WeightedOwnerInput| (owner.owner, owner.weight.unwrap_or(DEFAULT_WEIGHT));
            Leaders::Owners(OwnerSet {
                fast: self.fast_owners.into_iter().collect(),
                regular: self.owners.into_iter().map(weighted).collect(),
                multi_leader_rounds: self.multi_leader_rounds.unwrap_or(DEFAULT_MULTI_LEADER_ROUNDS),
                open_multi_leader: self.open_multi_leader,
            })
        };
        let usual = Timeouts::default();
        let timeouts = Timeouts {
            base: self.timeout_us.map_or(usual.base, TimeDelta),
            growth_percent: self.growth_percent.unwrap_or(usual.growth_percent),
        };
        let ownership = Ownership { leaders, timeouts };
        ownership.check().map_err(|error| Failure::telling(Code::Usage, &error))?;
        Ok(ownership)
    }
}

impl From<PermissionsInput> for Permissions {
    fn from(input: PermissionsInput) -> Permissions {
        let PermissionsInput { operations, mandatory, manage_chain, oracles } = input;
        Permissions { operations, mandatory, manage_chain, oracles }
    }
}
