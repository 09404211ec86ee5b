//! What browsers ask before they let a page talk to a validator. Everybody may: a validator's answers are public and
//! carry their own proof, and there are no cookies that a page could misuse.

use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, header};
use tonic::body::Body;

/// How long a browser remembers the answer, in seconds.
const REMEMBERED: &str = "86400";
/// The headers of gRPC-web.
const ASKED: &str = "content-type,x-grpc-web,x-user-agent,grpc-timeout";
const ANSWERED: &str = "grpc-status,grpc-message,grpc-status-details-bin";

/// The answer to a browser that asks whether a page may call, if this is what it asks.
pub fn preflight<B>(request: &Request<B>) -> Option<Response<Body>> {
    let asks = request.method() == Method::OPTIONS && request.headers().contains_key(header::ORIGIN);
    asks.then(|| {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        allow(response.headers_mut());
        response
    })
}

/// Lets any page read the answer.
pub fn allow(headers: &mut HeaderMap) {
    let mut set = |name: HeaderName, value| headers.insert(name, HeaderValue::from_static(value));
    set(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(header::ACCESS_CONTROL_ALLOW_METHODS, "POST");
    set(header::ACCESS_CONTROL_ALLOW_HEADERS, ASKED);
    set(header::ACCESS_CONTROL_EXPOSE_HEADERS, ANSWERED);
    set(header::ACCESS_CONTROL_MAX_AGE, REMEMBERED);
}
