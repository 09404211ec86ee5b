//! Services that answer GraphQL: the queries are an object of the author's, the mutations are [derived](crate::Mutations) from
//! the operations.

use crate::host::ask;
use async_graphql::{EmptySubscription, ObjectType, Request, Response, Schema};
use myceline_types::{
    encoding::{self, Opaque},
    guest,
};
use serde::Serialize;
use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

pub use async_graphql;

/// Answers a request. Every query builds its schema anew: an instance of a service answers few before it is dropped.
pub fn answer(query: impl ObjectType + 'static, mutation: impl ObjectType + 'static, request: Request) -> Response {
    let schema = Schema::build(query, mutation, EmptySubscription).finish();
    finished(schema.execute(request))
}

/// Schedules an operation, as a derived mutation does.
#[doc(hidden)]
pub fn schedule(operation: &impl Serialize) -> bool {
    ask::<guest::Schedule>(&Opaque(encoding::to_bytes(operation)));
    true
}

/// Nothing here waits for anything outside, so a future is over after it was asked often enough; one that never is runs out of
/// fuel.
fn finished<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            return value;
        }
    }
}
