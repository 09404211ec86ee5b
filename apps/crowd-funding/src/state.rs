//! What a campaign keeps, on its own chain.

use async_graphql::Enum;
use myceline_sdk::{
    Map, Register, State,
    types::{Account, Amount},
};
use serde::{Deserialize, Serialize};

/// The pledges of a campaign.
#[derive(Debug, State)]
pub struct CampaignState {
    /// How it stands.
    pub status: Register<Status>,
    /// All pledges together.
    pub raised: Register<Amount>,
    /// Pledges by whom they are from, and by the chain to which they would go back.
    pub pledges: Map<(myceline_sdk::types::ChainId, myceline_sdk::types::Owner), Amount>,
}

/// How a campaign stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, Enum)]
pub enum Status {
    /// It takes pledges until its deadline.
    #[default]
    Active,
    /// The tokens were paid out; later pledges are too.
    Complete,
    /// The tokens were paid back.
    Cancelled,
}

impl CampaignState {
    /// Notes a pledge.
    pub fn add(&mut self, from: Account, amount: Amount) {
        let key = (from.chain, fungible::owner_of(from));
        let enough = "there are fewer tokens than can be counted";
        self.pledges.update(&key, |pledge| *pledge = pledge.checked_add(amount).expect(enough));
        self.raised.update(|raised| *raised = raised.checked_add(amount).expect(enough));
    }
}
