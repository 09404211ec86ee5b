//! The service of a campaign, in GraphQL. It knows pledges on the campaign's own chain.
#![cfg_attr(target_arch = "wasm32", no_main)]

use async_graphql::{Object, Request, Response, SimpleObject};
use crowd_funding::{CampaignState, CrowdFundingAbi, Message, OperationMutations, Parameters, Status};
use myceline_sdk::{
    Service, ServiceRuntime, State, WithServiceAbi, graphql,
    types::{Amount, ChainId, Owner, Timestamp},
};

struct CrowdFundingService {
    runtime: ServiceRuntime<Self>,
}

myceline_sdk::service!(CrowdFundingService, message: Message);

impl WithServiceAbi for CrowdFundingService {
    type Abi = CrowdFundingAbi;
}

impl Service for CrowdFundingService {
    type Parameters = Parameters;

    fn new(runtime: ServiceRuntime<Self>) -> Self {
        CrowdFundingService { runtime }
    }

    fn handle_query(&self, request: Request) -> Response {
        let state = CampaignState::load(self.runtime.root_view_storage_context());
        graphql::answer(Query { state, runtime: self.runtime }, OperationMutations, request)
    }
}

struct Query {
    state: CampaignState,
    runtime: ServiceRuntime<CrowdFundingService>,
}

/// What somebody has pledged.
#[derive(SimpleObject)]
struct Pledge {
    chain: ChainId,
    owner: Owner,
    amount: Amount,
}

#[Object]
impl Query {
    /// How the campaign stands.
    async fn status(&self) -> Status {
        self.state.status.get()
    }

    /// How much was pledged.
    async fn raised(&self) -> Amount {
        self.state.raised.get()
    }

    /// How much is needed.
    async fn target(&self) -> Amount {
        self.runtime.application_parameters().target
    }

    /// From when on nobody pledges any more.
    async fn deadline(&self) -> Timestamp {
        self.runtime.application_parameters().deadline
    }

    /// Who has pledged what.
    async fn pledges(&self) -> Vec<Pledge> {
        let pledge = |((chain, owner), amount)| Pledge { chain, owner, amount };
        self.state.pledges.iter().map(pledge).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_sdk::mock::Mock;

    #[test]
    fn it_tells_how_the_campaign_stands() {
        let mock = Mock::new();
        CampaignState::load(mock.storage()).status.set(Status::Complete);
        let answer = CrowdFundingService::new(mock.service_runtime()).handle_query(Request::new("{ status raised }"));
        assert_eq!(serde_json::to_string(&answer.data).unwrap(), r#"{"status":"COMPLETE","raised":"0"}"#);
    }
}
