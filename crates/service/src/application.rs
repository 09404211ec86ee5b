//! An application's own address: what is asked goes to its service as it is, and what that schedules becomes a block.
//!
//! The answer is the application's, with the block that it wanted in `extensions`. This is no GraphQL of our own: an
//! application that speaks another kind of JSON is asked and answers in that.

use crate::{
    call::{Answer, Made, Wait},
    code::Code,
    failure::Failure,
    graph::Shared,
};
use async_graphql::Pos;
use axum::{
    Json,
    body::Bytes,
    extract::{Path, Query, State},
};
use myceline_types::{ApplicationId, ChainId, Operation, Transaction};
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// What can be said beside the query.
#[derive(Deserialize)]
pub(crate) struct How {
    /// How long to wait for a block.
    #[serde(default)]
    wait: WaitFor,
}

/// How long to wait for a block.
#[derive(Deserialize, Default)]
#[serde(rename_all = "lowercase")]
enum WaitFor {
    #[default]
    Final,
    Preconfirmed,
}

/// Asks an application.
pub(crate) async fn ask(
    State(shared): State<Arc<Shared>>,
    Path((chain, application)): Path<(String, String)>,
    Query(how): Query<How>,
    body: Bytes,
) -> Json<Value> {
    let wait = match how.wait {
        WaitFor::Final => Wait::Final,
        WaitFor::Preconfirmed => Wait::Preconfirmed,
    };
    Json(answer(&shared, &chain, &application, body.to_vec(), wait).await.unwrap_or_else(errors))
}

async fn answer(shared: &Shared, chain: &str, application: &str, query: Vec<u8>, wait: Wait) -> Result<Value, Failure> {
    let chain: ChainId = chain.parse().map_err(|error| Failure::telling(Code::Usage, &error))?;
    let id: ApplicationId = application.parse().map_err(|error| Failure::telling(Code::Usage, &error))?;
    let Answer { answer, scheduled } = shared.node.query(chain, id, query).await?;
    let answer: Value = serde_json::from_slice(&answer.0).map_err(|error| {
        Failure::new(Code::General, "the application answers with something that is not JSON").because(&error)
    })?;
    if scheduled.is_empty() {
        return Ok(answer);
    }
    shared.check_writable()?;
    let operation = |bytes| Transaction::Execute(Operation::Application { id, bytes });
    let wanted = scheduled.into_iter().map(operation).collect();
    let made = shared.node.submit_and_wait(chain, wanted, Vec::new(), wait).await?;
    Ok(with_block(answer, &made))
}

/// The answer, with the block that it wanted in its extensions.
fn with_block(mut answer: Value, made: &Made) -> Value {
    if let Value::Object(fields) = &mut answer {
        let block = json!({
            "chainId": made.chain,
            "height": made.height,
            "hash": made.hash,
            "results": made.results,
            "isFinal": made.final_us.is_some(),
        });
        let extensions = fields.entry("extensions").or_insert_with(|| json!({}));
        if let Value::Object(extensions) = extensions {
            extensions.insert("block".into(), block);
        }
    }
    answer
}

/// A failure, as GraphQL answers it.
pub(crate) fn errors(failure: Failure) -> Value {
    let error = async_graphql::Error::from(failure).into_server_error(Pos::default());
    json!({ "data": null, "errors": [{ "message": error.message, "extensions": error.extensions }] })
}
