//! What the server is asked, and what its answer means.

use crate::Parameters;
use myceline_sdk::types::{
    Amount, Opaque,
    guest::{HttpAnswer, HttpMethod, HttpRequest, Projection},
};

/// Digits of a price behind the point. Servers agree on so many for a while.
pub const DECIMALS: u8 = 2;

/// Asks for the price and nothing else.
pub fn request(Parameters { url, pointer }: Parameters) -> HttpRequest {
    HttpRequest {
        method: HttpMethod::Get,
        url,
        headers: vec![("accept".into(), "application/json".into())],
        body: Opaque::default(),
        projection: Projection { headers: Some(Vec::new()), pointer: Some(pointer), decimals: Some(DECIMALS) },
    }
}

/// The price in an answer.
pub fn price_of(answer: &HttpAnswer) -> Amount {
    assert_eq!(answer.status, 200, "the server has no price now");
    let text = std::str::from_utf8(&answer.body.0).ok();
    let price = text.and_then(|text| text.parse().ok());
    price.unwrap_or_else(|| panic!("the server answers {text:?}, which is no price"))
}
