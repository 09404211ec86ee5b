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
