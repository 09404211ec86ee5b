//! Questions to services.

use crate::{Application, Chain, Failure, application::sound, chain::opaque};
use myceline_sdk::ServiceAbi;
use myceline_types::{ApplicationId, Opaque, Operation};
use serde_json::{Value, json};

impl Chain {
    /// Asks an application about this chain. Operations that the answer wants are not done.
    #[track_caller]
    pub fn query<A: ServiceAbi>(&self, application: Application<A>, query: &A::Query) -> A::QueryResponse {
        let query = serde_json::to_vec(query).expect("a query has a form in JSON");
        let (answer, _) = sound(self.ask(application.id(), query));
        serde_json::from_slice(&answer).expect("the answer has the type that the interface says")
    }

    /// Asks an application in GraphQL and gives the data. A mutation makes a block.
    #[track_caller]
    pub fn graphql<A>(&self, application: Application<A>, request: &str) -> Value {
        sound(self.try_graphql(application, request))
    }

    /// Asks an application in GraphQL, if it answers.
    #[track_caller]
    pub fn try_graphql<A>(&self, application: Application<A>, request: &str) -> Result<Value, Failure> {
        let query = json!({ "query": request }).to_string().into_bytes();
        let (answer, wanted) = self.ask(application.id(), query)?;
        let mut answer: Value = serde_json::from_slice(&answer).map_err(Failure::of)?;
        if let Some(errors) = answer.get("errors") {
            return Err(Failure::of(errors));
        }
        if !wanted.is_empty() {
            self.try_make("mutation", wanted, Vec::new())?;
        }
        Ok(answer["data"].take())
    }

    /// The answer, and the operations that it wants in a block.
    fn ask(&self, application: ApplicationId, query: Vec<u8>) -> Result<(Vec<u8>, Vec<Operation>), Failure> {
        let id = self.id();
        let queried = self.acts(async |wallet| wallet.query(id, application, query).await);
        let answered = queried.map_err(Failure::of)?;
        let operation = |bytes| Operation::Application { id: application, bytes: Opaque(bytes) };
        Ok((answered.answer, answered.scheduled.into_iter().map(operation).collect()))
    }

    /// An operation of an application, for [`Chain::make`].
    pub fn operation<A: myceline_sdk::ContractAbi>(
        &self,
        application: Application<A>,
        operation: &A::Operation,
    ) -> Operation {
        Operation::Application { id: application.id(), bytes: opaque(operation) }
    }
}
