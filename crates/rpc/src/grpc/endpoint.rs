//! Where a validator is reached, from the text in a committee.

use http::Uri;

/// A validator's address.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Scheme and authority, for requests.
    pub origin: Uri,
    /// What to connect to.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// Why an address cannot be used.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum InvalidEndpoint {
    /// Not of the form `http://host:port`.
    #[error("`{0}` is not an address such as http://validator.example:9000")]
    Malformed(String),
    /// Encrypted connections are for a proxy in front of this program.
    #[error("`{0}` asks for TLS, which this program leaves to a proxy: give it the proxy's http:// address")]
    Encrypted(String),
}

/// The port of an address that names none.
const PORT: u16 = 80;

impl Endpoint {
    /// Reads an address. Nothing is looked up.
    pub fn parse(address: &str) -> Result<Endpoint, InvalidEndpoint> {
        let malformed = || InvalidEndpoint::Malformed(address.to_owned());
        let origin: Uri = address.parse().map_err(|_| malformed())?;
        match origin.scheme_str() {
            Some("http") if matches!(origin.path(), "" | "/") && origin.query().is_none() => (),
            Some("https") => return Err(InvalidEndpoint::Encrypted(address.to_owned())),
            _ => return Err(malformed()),
        }
        let host = origin.host().filter(|host| !host.is_empty()).ok_or_else(malformed)?;
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        let port = origin.port_u16().unwrap_or(PORT);
        Ok(Endpoint { origin, host, port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let read = |address| Endpoint::parse(address).map(|endpoint| (endpoint.host, endpoint.port));
        assert_eq!(read("http://127.0.0.1:9000"), Ok(("127.0.0.1".into(), 9000)));
        assert_eq!(read("http://[::1]:9000/"), Ok(("::1".into(), 9000)));
        assert_eq!(read("http://validator.example"), Ok(("validator.example".into(), 80)));
        assert_eq!(read("https://a.example"), Err(InvalidEndpoint::Encrypted("https://a.example".into())));
        for address in ["", "a.example:9000", "ftp://a.example", "http://", "http://a.example/path", "http://a b"] {
            assert_eq!(read(address), Err(InvalidEndpoint::Malformed(address.into())));
        }
    }
}
