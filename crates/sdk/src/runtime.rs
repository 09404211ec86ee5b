//! Questions that contracts and services have in common.

use crate::{ServiceAbi, host::ask};
use myceline_types::{
    ApplicationDescription, ApplicationId,
    encoding::Opaque,
    guest::{self, CallFacts, Facts},
};

pub fn facts() -> Facts {
    ask::<guest::GetFacts>(&())
}

pub fn call_facts() -> CallFacts {
    ask::<guest::GetCall>(&())
}

pub fn describe_application(application: ApplicationId) -> ApplicationDescription {
    ask::<guest::DescribeApplication>(&application)
}

/// Asks the service of an application, in JSON as everybody does.
pub fn query<A: ServiceAbi>(application: ApplicationId, query: &A::Query) -> A::QueryResponse {
    let query = serde_json::to_vec(query).unwrap_or_else(|why| panic!("the query has no form in JSON: {why}"));
    let answer = ask::<guest::QueryService>(&(application, Opaque(query)));
    serde_json::from_slice(&answer.0).unwrap_or_else(|why| panic!("the service answered something else: {why}"))
}
