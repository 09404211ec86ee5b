//! The system's GraphQL: chains, blocks, inboxes, transfers and applications, for front ends and for people.

mod block;
mod chain;
mod event;
mod input;
mod mutation;
mod query;
mod subscription;

use crate::{code::Code, describe::Describer, failure::Failure, hub::Hub, live::LiveQueries, node::Node};
use async_graphql::{Context, Response, Schema};
use mutation::MutationRoot;
use query::QueryRoot;
use std::sync::Arc;
use subscription::SubscriptionRoot;
use tokio::sync::Semaphore;

/// Fields inside fields of one query.
const DEPTH_MAX: usize = 16;
/// Fields of one query.
const COMPLEXITY_MAX: usize = 1_000;
/// Subscriptions served at once, over all connections: what one costs is a task's worth of memory.
const SUBSCRIPTIONS_MAX: usize = 4_096;

/// The schema.
pub(crate) type SystemSchema = Schema<QueryRoot, MutationRoot, SubscriptionRoot>;

/// What every resolver can reach.
pub(crate) struct Shared {
    pub(crate) node: Node,
    pub(crate) hub: Arc<Hub>,
    pub(crate) live: Arc<LiveQueries>,
    pub(crate) describer: Describer,
    pub(crate) is_read_only: bool,
    pub(crate) places: Arc<Semaphore>,
}

impl Shared {
    pub(crate) fn new(node: Node, hub: Arc<Hub>, describer: Describer, is_read_only: bool) -> Shared {
        let live = Arc::new(LiveQueries::new(node.clone(), hub.clone()));
        Shared { node, hub, live, describer, is_read_only, places: Arc::new(Semaphore::new(SUBSCRIPTIONS_MAX)) }
    }

    /// Refuses to change anything where the service only reads.
    pub(crate) fn check_writable(&self) -> Result<(), Failure> {
        if self.is_read_only {
            return Err(Failure::new(Code::ReadOnly, "this service only reads, and makes no blocks"));
        }
        Ok(())
    }
}

/// The schema over these.
pub(crate) fn schema(shared: Arc<Shared>) -> SystemSchema {
    Schema::build(QueryRoot, MutationRoot, SubscriptionRoot)
        .data(shared)
        .limit_depth(DEPTH_MAX)
        .limit_complexity(COMPLEXITY_MAX)
        .finish()
}

/// What resolvers work with.
fn shared<'a>(context: &Context<'a>) -> &'a Shared {
    let shared: &Arc<Shared> = context.data_unchecked();
    shared
}

/// Gives a code to errors that the library found itself: the query makes no sense.
pub(crate) fn coded(mut response: Response) -> Response {
    for error in &mut response.errors {
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            extensions.set("code", Code::Usage.word());
        }
    }
    response
}

/// Reads a text that names something.
fn parse<T: std::str::FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T, Failure> {
    text.parse().map_err(|error| Failure::new(Code::Usage, error))
}
