//! Questions to the web. Validators ask for themselves and compare, so a request says what of the answer matters.

use crate::encoding::Opaque;
use serde::{Deserialize, Serialize};

/// How a request is made.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum HttpMethod {
    /// Reads.
    Get,
    /// Sends a body.
    Post,
    /// Sends a body to replace something.
    Put,
    /// Removes.
    Delete,
    /// Reads headers only.
    Head,
}

/// A request to a server that the policy allows.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HttpRequest {
    /// How.
    pub method: HttpMethod,
    /// Where, with scheme, host and path.
    pub url: String,
    /// Headers besides those that the host adds by itself.
    pub headers: Vec<(String, String)>,
    /// What is sent.
    pub body: Opaque,
    /// What of the answer everybody must see alike. All of it where nothing is named.
    pub projection: Projection,
}

impl HttpRequest {
    /// The server that is asked, as the policy names servers: scheme, host and port. `None` where the URL names none in a way
    /// that everybody reads alike.
    pub fn server(&self) -> Option<String> {
        server_of(&self.url)
    }
}

/// The server that a URL names, with its port. `None` where it names none in a way that everybody reads alike.
pub fn server_of(url: &str) -> Option<String> {
    let (scheme, rest) = url.split_once("://")?;
    let port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, port.parse::<u16>().ok()?),
        _ => (authority, port),
    };
    let is_printable = url.bytes().all(|byte| byte.is_ascii_graphic());
    (is_printable && is_host(host)).then(|| format!("{scheme}://{host}:{port}"))
}

/// Whether this is a name or an address, and nothing else: no user, no capital letters, no escapes.
fn is_host(host: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
    match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(address) => address.parse::<core::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(is_plain),
    }
}

/// What the host keeps of an answer before it is compared and recorded.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Projection {
    /// The headers that are kept, by names in lower case. `None` keeps all but the date.
    pub headers: Option<Vec<String>>,
    /// Where in a body of JSON the value is, by RFC 6901; the body then is that value alone.
    pub pointer: Option<String>,
    /// A number is rounded to so many decimals.
    pub decimals: Option<u8>,
}

/// What a server answered, as far as the projection keeps it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct HttpAnswer {
    /// The status.
    pub status: u16,
    /// Headers, by names in lower case, in the order of names.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Opaque,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_read_out_of_a_url_in_one_way_or_not_at_all() {
        let named = |url, expected: &str| assert_eq!(server_of(url).as_deref(), Some(expected), "{url}");
        named("https://api.example.org/price?of=x#top", "https://api.example.org:443");
        named("http://127.0.0.1:8080", "http://127.0.0.1:8080");
        named("http://[::1]:8080/", "http://[::1]:8080");
        named("http://[::1]/", "http://[::1]:80");
        named("https://example.org?at=b:c", "https://example.org:443");
        for url in [
            "ftp://example.org/",
            "https:/example.org",
            "https://",
            "https://user@example.org/",
            "https://good.example:443@evil.example/",
            "https://EXAMPLE.org/",
            "https://example.org:99999/",
            "https://example.org\\@evil.example/",
            "https://exa mple.org/",
            "http://[::1",
            "http://a:b:80/",
        ] {
            assert_eq!(server_of(url), None, "{url}");
        }
    }
}
