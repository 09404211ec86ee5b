//! Who may ask: whoever has the token, from pages that were named, under the name that the service goes by.
//!
//! A browser sends requests of any page it shows to any address, this machine's included. So a request that says where
//! its page is from must come from the service's own page or from one that was allowed, and without a token the service
//! answers under loopback names only: a page elsewhere that has its own name point here gets nothing.

use crate::{code::Code, failure::Failure};
use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse as _, Response},
};
use std::{net::IpAddr, sync::Arc};
use subtle::ConstantTimeEq as _;

/// Bytes of a token that this program makes.
const TOKEN_BYTES: usize = 32;
/// How long a browser may remember what a page may do.
const PREFLIGHT_SECONDS: &str = "600";

/// Who may ask.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// What opens the door; without it everybody who reaches the service may ask.
    pub token: Option<String>,
    /// Pages of other sites that may ask, such as `https://example.org`.
    pub origins: Vec<String>,
}

/// A token that nobody guesses.
pub fn new_token() -> Result<String, Failure> {
    let mut bytes = [0; TOKEN_BYTES];
    getrandom::fill(&mut bytes).map_err(|error| Failure::telling(Code::General, &error))?;
    Ok(hex::encode(bytes))
}

/// Whether two tokens are the same, in a time that tells nothing about where they differ.
pub(crate) fn is_token(expected: &str, given: &str) -> bool {
    expected.as_bytes().ct_eq(given.as_bytes()).into()
}

/// The token that a request carries.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

impl Access {
    /// Whether this token opens the door.
    pub(crate) fn admits(&self, given: Option<&str>) -> bool {
        self.token.as_deref().is_none_or(|expected| given.is_some_and(|given| is_token(expected, given)))
    }

    /// The page that a request comes from, if it may ask.
    fn page(&self, headers: &HeaderMap) -> Result<Page, &'static str> {
        let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        if self.token.is_none() && !is_loopback(host) {
            return Err("without a token the service answers under the names of this machine only");
        }
        let Some(origin) = headers.get(header::ORIGIN) else { return Ok(Page::Own) };
        let text = origin.to_str().unwrap_or_default();
        if text.strip_prefix("http://") == Some(host) || text.strip_prefix("https://") == Some(host) {
            return Ok(Page::Own);
        }
        let is_named = self.origins.iter().any(|named| named == text);
        if is_named { Ok(Page::Other(origin.clone())) } else { Err("pages of this site may not ask here") }
    }
}

/// Where a request comes from.
enum Page {
    /// No page, or the service's own.
    Own,
    /// One that was allowed.
    Other(HeaderValue),
}

/// Whether a host, with or without a port, is this machine.
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

/// These addresses, for those who may ask. What answers `GET` there must hold no secrets: pages are shown to everybody.
pub fn guarded<S: Clone + Send + Sync + 'static>(addresses: Router<S>, access: Arc<Access>) -> Router<S> {
    addresses.route_layer(middleware::from_fn_with_state(access, guard))
}

/// Lets a request in, or not.
async fn guard(State(access): State<Arc<Access>>, request: Request, next: Next) -> Response {
    let page = match access.page(request.headers()) {
        Ok(page) => page,
        Err(why) => return refusal(StatusCode::FORBIDDEN, why),
    };
    let mut response = match *request.method() {
        Method::OPTIONS => preflight(),
        // A page holds no secrets, and a WebSocket shows its token in its first message.
        Method::GET => next.run(request).await,
        _ if !access.admits(bearer(request.headers())) => {
            refusal(StatusCode::UNAUTHORIZED, "the service wants a token")
        }
        _ => next.run(request).await,
    };
    if let Page::Other(origin) = page {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        response.headers_mut().insert(header::VARY, HeaderValue::from_static("Origin"));
    }
    response
}

/// What a browser asks before it lets a page ask.
fn preflight() -> Response {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        // A page that may ask may say what it likes; only the token has to be named.
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "authorization, *"),
        (header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_SECONDS),
    ];
    (StatusCode::NO_CONTENT, headers, Body::empty()).into_response()
}

fn refusal(status: StatusCode, why: &str) -> Response {
    let body = crate::application::errors(Failure::new(Code::Unauthorized, why));
    (status, axum::Json(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asks(access: &Access, host: &'static str, origin: Option<&'static str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static(host));
        origin.map(|origin| headers.insert(header::ORIGIN, HeaderValue::from_static(origin)));
        access.page(&headers).is_ok()
    }

    #[test]
    fn other_pages_ask_only_if_they_were_named() {
        let access = Access { token: None, origins: vec!["https://shop.example".into()] };
        assert!(asks(&access, "127.0.0.1:8080", None));
        assert!(asks(&access, "localhost:8080", Some("http://localhost:8080")));
        assert!(asks(&access, "[::1]:8080", Some("https://shop.example")));
        assert!(!asks(&access, "127.0.0.1:8080", Some("https://evil.example")));
        assert!(!asks(&access, "127.0.0.1:8080", Some("http://127.0.0.1:9090")));
        assert!(!asks(&access, "127.0.0.1:8080", Some("null")));
    }

    #[test]
    fn a_foreign_name_that_points_here_needs_a_token() {
        assert!(!asks(&Access::default(), "evil.example", None));
        assert!(!asks(&Access::default(), "evil.example:8080", Some("http://evil.example:8080")));
        assert!(!asks(&Access::default(), "127.0.0.1.evil.example", None));
        assert!(asks(&Access { token: Some("secret".into()), origins: Vec::new() }, "node.example", None));
    }

    #[test]
    fn a_token_opens_only_its_own_door() {
        let access = Access { token: Some("secret".into()), origins: Vec::new() };
        assert!(access.admits(Some("secret")) && Access::default().admits(None));
        assert!(!access.admits(Some("secre")) && !access.admits(Some("secret2")) && !access.admits(None));
    }
}
