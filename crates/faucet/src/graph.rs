//! The faucet's GraphQL.

use crate::{faucet::Faucet, server::About};
use async_graphql::{Context, EmptySubscription, Object, Schema};
use myceline_types::{ChainId, Owner};

/// Fields inside fields of one query.
const DEPTH_MAX: usize = 8;
/// Fields of one query: claims for so many owners in one request are refused.
const COMPLEXITY_MAX: usize = 20;

/// The schema.
pub(crate) type FaucetSchema = Schema<Query, Mutation, EmptySubscription>;

/// The schema of a faucet.
pub(crate) fn schema(faucet: Faucet, about: About) -> FaucetSchema {
    Schema::build(Query, Mutation, EmptySubscription)
        .data(faucet)
        .data(about)
        .limit_depth(DEPTH_MAX)
        .limit_complexity(COMPLEXITY_MAX)
        .finish()
}

/// What can be asked.
pub(crate) struct Query;

#[Object]
impl Query {
    /// The version of the program.
    async fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    /// The network that the chains are in.
    async fn network(&self, context: &Context<'_>) -> async_graphql::Result<String> {
        Ok(context.data::<About>()?.network.to_string())
    }

    /// What a new chain has, in tokens.
    async fn amount(&self, context: &Context<'_>) -> async_graphql::Result<String> {
        Ok(context.data::<About>()?.amount.to_string())
    }

    /// How many owners were given a chain.
    async fn given(&self, context: &Context<'_>) -> async_graphql::Result<usize> {
        Ok(context.data::<Faucet>()?.given())
    }

    /// The chain that an owner was given, if they were.
    async fn chain_id(&self, context: &Context<'_>, owner: String) -> async_graphql::Result<Option<String>> {
        let chain = context.data::<Faucet>()?.chain_of(&parse(&owner)?);
        Ok(chain.map(|chain: ChainId| chain.to_string()))
    }
}

/// What can be done.
pub(crate) struct Mutation;

#[Object]
impl Mutation {
    /// A chain for an owner: the one they were given before, or a new one, which is final when this answers.
    async fn claim(&self, context: &Context<'_>, owner: String) -> async_graphql::Result<String> {
        let chain = context.data::<Faucet>()?.claim(parse(&owner)?).await?;
        Ok(chain.to_string())
    }
}

fn parse(owner: &str) -> async_graphql::Result<Owner> {
    owner.trim().parse().map_err(|error| async_graphql::Error::new(format!("{error}; myceline keygen makes an owner")))
}
