//! A campaign: pledges come from many chains to the one that created it. Enough pledges go to whoever runs it, too few go back.

mod state;

pub use state::{CampaignState, Status};

use async_graphql::{Request, Response};
use myceline_sdk::{
    ContractAbi, Describe, Mutations, ServiceAbi,
    types::{Amount, ApplicationId, Owner, Timestamp},
};
use serde::{Deserialize, Serialize};

/// The interface of a campaign.
#[derive(Clone, Copy, Debug)]
pub struct CrowdFundingAbi;

/// What everybody knows about a campaign.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe)]
pub struct Parameters {
    /// Who gets what was pledged.
    pub owner: Owner,
    /// The fungible token that is collected.
    pub token: ApplicationId,
    /// From when on nobody pledges any more.
    pub deadline: Timestamp,
    /// How much is needed.
    pub target: Amount,
}

/// What a campaign is asked to do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe, Mutations)]
pub enum Operation {
    /// Pledges tokens that somebody has on this chain.
    Pledge {
        /// Whose.
        owner: Owner,
        /// How many.
        amount: Amount,
    },
    /// Pays out to the owner of the campaign, once there is enough. On its chain only.
    Collect,
    /// Pays back to everybody, once it is too late. On its chain only.
    Cancel,
}

/// What the chains of pledgers say to the campaign's. The tokens travel in the same bundle, before it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, Describe)]
pub enum Message {
    /// Somebody has sent tokens for the campaign.
    Pledge {
        /// Who.
        owner: Owner,
        /// How many.
        amount: Amount,
    },
}

impl ContractAbi for CrowdFundingAbi {
    type Operation = Operation;
    type Response = ();
}

impl ServiceAbi for CrowdFundingAbi {
    type Query = Request;
    type QueryResponse = Response;
}
