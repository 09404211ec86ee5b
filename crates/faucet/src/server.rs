//! The faucet's addresses: a page for people, GraphQL for programs, and what the network starts from for new wallets.

use crate::{
    faucet::Faucet,
    graph::{self, FaucetSchema},
};
use async_graphql_axum::{GraphQLRequest, GraphQLResponse};
use axum::{
    Router,
    extract::{DefaultBodyLimit, State},
    http::{HeaderValue, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use myceline_types::{Amount, NetworkId};
use std::{future::Future, io, sync::Arc};
use tokio::net::TcpListener;

/// A request is one owner and a few words.
const REQUEST_BYTES_MAX: usize = 16 << 10;
/// The page, with nothing from elsewhere.
const PAGE: &str = include_str!("page.html");

/// What the faucet says about itself.
#[derive(Clone, Debug)]
pub struct About {
    /// The network.
    pub network: NetworkId,
    /// What a new chain has.
    pub amount: Amount,
    /// What the network starts from, as `wallet init --genesis` takes it.
    pub genesis: Arc<str>,
}

/// Serves until `end` comes.
pub async fn serve(
    listener: TcpListener,
    faucet: Faucet,
    about: About,
    end: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    axum::serve(listener, router(faucet, about)).with_graceful_shutdown(end).await
}

pub(crate) fn router(faucet: Faucet, about: About) -> Router {
    let genesis = about.genesis.clone();
    let page = PAGE.replace("{{network}}", &about.network.to_string()).replace("{{amount}}", &about.amount.to_string());
    let page: Arc<str> = page.into();
    Router::new()
        .route("/", get(move || show(page)).post(answer).options(preflight))
        .with_state(graph::schema(faucet, about))
        .route("/genesis", get(move || json(genesis)))
        .route("/ready", get(|| async { "ready\n" }))
        .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX))
}

async fn show(page: Arc<str>) -> Response {
    let headers = [
        (header::CONTENT_SECURITY_POLICY, "default-src 'self' 'unsafe-inline'; img-src data:; frame-ancestors 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, Html(page.to_string())).into_response()
}

async fn json(text: Arc<str>) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text.to_string()).into_response()
}

/// A chain is for whoever asks, so pages of any site may ask: wallets on the web are such pages.
async fn answer(State(schema): State<FaucetSchema>, request: GraphQLRequest) -> Response {
    let answer = GraphQLResponse::from(schema.execute(request.into_inner()).await);
    open_to_all(answer.into_response())
}

async fn preflight() -> Response {
    let methods = HeaderValue::from_static("POST");
    let mut response = open_to_all(().into_response());
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static("content-type"));
    response
}

fn open_to_all(mut response: Response) -> Response {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}
