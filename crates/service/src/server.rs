//! The service itself: its addresses, its page, and its way to an end.

use crate::{
    application,
    call::{Call, Outcome},
    code::Code,
    describe::Describer,
    failure::Failure,
    graph::{self, Shared, SystemSchema},
    guard::{Access, bearer, guarded, is_token},
    hub::Hub,
    node::Node,
    remote,
};
use async_graphql::{Data, http::ALL_WEBSOCKET_PROTOCOLS};
use async_graphql_axum::{GraphQLProtocol, GraphQLRequest, GraphQLResponse, GraphQLWebSocket};
use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State, WebSocketUpgrade},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse as _, Response},
    routing::{get, post},
};
use myceline_execution::engine::Engine;
use myceline_types::{Genesis, encoding};
use std::{future::Future, io, sync::Arc, time::Duration};
use tokio::net::TcpListener;

/// What a request may be long: two modules in hexadecimal digits, and some room.
const REQUEST_BYTES_MAX: usize = 64 << 20;
/// How long requests that are being answered may take when the service ends.
const FAREWELL: Duration = Duration::from_secs(5);
/// The page, with nothing from elsewhere.
const PAGE: &str = include_str!("page.html");

/// How a service behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who may ask.
    pub access: Access,
    /// What other commands of this wallet's owner show.
    pub wallet_token: String,
    /// Whether it makes no blocks for those who ask.
    pub is_read_only: bool,
}

/// A wallet's node, ready to be served.
pub struct Service {
    router: Router,
}

/// What handlers of the system's addresses work with.
#[derive(Clone)]
struct System {
    schema: SystemSchema,
    access: Arc<Access>,
}

/// What handlers of the wallet's own address work with.
#[derive(Clone)]
struct Door {
    node: Node,
    token: Arc<str>,
}

impl Service {
    /// Serves this node. `hub` is what its carrier tells about chains.
    pub fn new(node: Node, hub: Arc<Hub>, engine: Arc<dyn Engine>, genesis: &Genesis, settings: Settings) -> Service {
        let Settings { access, wallet_token, is_read_only } = settings;
        let access = Arc::new(access);
        let describer = Describer::new(node.clone(), engine, genesis);
        let shared = Arc::new(Shared::new(node.clone(), hub, describer, is_read_only));
        let system = System { schema: graph::schema(shared.clone()), access: access.clone() };
        let public =
            Router::new().route("/", get(page).post(query)).route("/ws", get(subscribe)).with_state(system).merge(
                Router::new()
                    .route("/chains/{chain}/applications/{application}", get(page).post(application::ask))
                    .with_state(shared),
            );
        let router = guarded(public, access)
            .merge(door(node, wallet_token))
            .route("/ready", get("ready\n"))
            .layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX));
        Service { router }
    }

    /// Serves this node to other commands of the wallet's owner and to nobody else, for a command that goes on with the wallet.
    pub fn for_commands(node: Node, wallet_token: String) -> Service {
        Service { router: door(node, wallet_token).layer(DefaultBodyLimit::max(REQUEST_BYTES_MAX)) }
    }

    /// Serves until `end` comes, then lets those who are being answered have their answers.
    pub async fn serve(self, listener: TcpListener, end: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        serve(self.router, listener, end).await
    }
}

/// Serves these addresses until `end` comes, then lets those who are being answered have their answers.
pub async fn serve(
    addresses: Router,
    listener: TcpListener,
    end: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (tell, ended) = tokio::sync::oneshot::channel::<()>();
    let graceful = async move {
        end.await;
        drop(tell);
    };
    let serving = axum::serve(listener, addresses).with_graceful_shutdown(graceful).into_future();
    // Subscriptions have no end of their own.
    let farewell = async {
        let _ = ended.await;
        tokio::time::sleep(FAREWELL).await;
    };
    tokio::select! {
        served = serving => served,
        () = farewell => Ok(()),
    }
}

/// The wallet's own address.
fn door(node: Node, wallet_token: String) -> Router {
    Router::new().route(remote::PATH, post(carry)).with_state(Door { node, token: wallet_token.into() })
}

async fn page() -> Response {
    // The page may not be shown inside another one, where somebody else's page could steer clicks.
    let headers = [
        (header::CONTENT_SECURITY_POLICY, "default-src 'self' 'unsafe-inline'; img-src data:; frame-ancestors 'none'"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (headers, Html(PAGE)).into_response()
}

async fn query(State(system): State<System>, request: GraphQLRequest) -> GraphQLResponse {
    graph::coded(system.schema.execute(request.into_inner()).await).into()
}

/// Subscriptions, by the protocols graphql-ws. The first message carries the token, since browsers send no headers here.
async fn subscribe(
    State(system): State<System>,
    protocol: GraphQLProtocol,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let given = bearer(&headers).map(str::to_owned);
    upgrade.protocols(ALL_WEBSOCKET_PROTOCOLS).on_upgrade(move |socket| async move {
        let System { schema, access } = system;
        let initialise = move |payload: serde_json::Value| async move {
            let token = payload.get("token").and_then(serde_json::Value::as_str).map(str::to_owned).or(given);
            if access.admits(token.as_deref()) {
                return Ok(Data::default());
            }
            Err(Failure::new(Code::Unauthorized, "the service wants a token").into())
        };
        GraphQLWebSocket::new(socket, schema, protocol).on_connection_init(initialise).serve().await;
    })
}

/// Calls of other commands of the wallet's owner.
async fn carry(State(door): State<Door>, headers: HeaderMap, body: Bytes) -> Response {
    if !bearer(&headers).is_some_and(|given| is_token(&door.token, given)) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let Ok(call) = encoding::from_bytes::<Call>(&body) else { return StatusCode::BAD_REQUEST.into_response() };
    // What was begun is finished although the command may be gone.
    let carrying = tokio::spawn(async move { door.node.carry(call).await });
    let outcome: Outcome =
        carrying.await.unwrap_or_else(|_| Err(Failure::new(Code::General, "the service failed: see its log")));
    encoding::to_bytes(&outcome).into_response()
}
