//! Agents that come over HTTP. Every request stands for itself: there are no sessions to keep, to lose or to steal.

use crate::server::{REQUEST_BYTES_MAX, Server};
use axum::Router;
use myceline_service::{Access, guarded};
use rmcp::transport::streamable_http_server::{
    StreamableHttpServerConfig, StreamableHttpService, session::never::NeverSessionManager,
};
use std::sync::Arc;

/// Where agents find the tools.
pub const PATH: &str = "/mcp";

/// The address of the tools, for those who may use them.
///
/// A page in a browser can send requests to this machine, whatever site it is from. Who may ask is decided by the guard that
/// the service has too, so the crate that speaks the protocol is not asked for an opinion of its own about hosts.
pub fn router(server: Server, access: Access) -> Router {
    let settings = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(REQUEST_BYTES_MAX)
        .disable_allowed_hosts();
    let tools =
        StreamableHttpService::new(move || Ok(server.clone()), Arc::new(NeverSessionManager::default()), settings);
    guarded(Router::new().route_service(PATH, tools), Arc::new(access))
}
