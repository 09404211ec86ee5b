//! What is kept of an answer, by the projection of the request: the less it is, the likelier everybody is told the same.

use crate::exchange::{AskError, Raw};
use myceline_types::{
    Opaque,
    guest::{HttpAnswer, Projection},
};
use serde_json::Value;

/// The header that is never kept unless it is named: it differs for everybody.
const DATE: &str = "date";

/// Keeps what the projection names.
pub(crate) fn project(raw: Raw, projection: &Projection, bytes_max: u64) -> Result<HttpAnswer, AskError> {
    let headers = headers(&raw, projection);
    let body = body(&raw, projection)?;
    let size: usize = body.len() + headers.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>();
    if size as u64 > bytes_max {
        return Err(AskError::TooLarge(size as u64, bytes_max));
    }
    Ok(HttpAnswer { status: raw.status, headers, body: Opaque(body) })
}

fn headers(raw: &Raw, projection: &Projection) -> Vec<(String, String)> {
    let is_kept = |name: &str| match &projection.headers {
        Some(kept) => kept.iter().any(|kept| kept == name),
        None => name != DATE,
    };
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let all = raw.headers.iter().filter(|(name, _)| is_kept(name.as_str()));
    let mut headers: Vec<_> = all.map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes()))).collect();
    headers.sort();
    headers
}

fn body(raw: &Raw, projection: &Projection) -> Result<Vec<u8>, AskError> {
    if projection.pointer.is_none() && projection.decimals.is_none() {
        return Ok(raw.body.to_vec());
    }
    let json: Value = serde_json::from_slice(&raw.body)
        .map_err(|error| AskError::Projection(format!("the answer is not JSON: {error}")))?;
    let pointer = projection.pointer.as_deref().unwrap_or_default();
    let value = json.pointer(pointer);
    let value = value.ok_or_else(|| AskError::Projection(format!("the answer has nothing at {pointer:?}")))?;
    match projection.decimals {
        Some(decimals) => rounded(value, decimals),
        None => Ok(value.to_string().into_bytes()),
    }
}

/// A number, also one that is written as text, with so many decimals.
fn rounded(value: &Value, decimals: u8) -> Result<Vec<u8>, AskError> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    match number.filter(|number: &f64| number.is_finite()) {
        Some(number) => Ok(format!("{number:.*}", usize::from(decimals)).into_bytes()),
        None => Err(AskError::Projection(format!("{value} is not a number"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::{HeaderMap, body::Bytes, header::HeaderValue};

    fn raw(body: &'static str) -> Raw {
        let mut headers = HeaderMap::new();
        for (name, value) in [("x-cache", "hit"), ("date", "today"), ("content-type", "application/json")] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        Raw { status: 200, headers, body: Bytes::from_static(body.as_bytes()) }
    }

    fn kept(body: &'static str, projection: &Projection) -> Result<String, String> {
        let answer = project(raw(body), projection, 100).map_err(|why| why.to_string())?;
        Ok(String::from_utf8(answer.body.0).expect("text"))
    }

    fn at(pointer: &str, decimals: Option<u8>) -> Projection {
        Projection { pointer: Some(pointer.into()), decimals, ..Projection::default() }
    }

    #[test]
    fn headers_are_kept_in_order_and_never_the_date_by_itself() {
        let names = |headers| {
            let projection = Projection { headers, ..Projection::default() };
            let answer = project(raw("x"), &projection, 100).expect("small");
            answer.headers.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        assert_eq!(names(None), ["content-type", "x-cache"]);
        assert_eq!(names(Some(vec!["date".into()])), ["date"]);
        assert!(names(Some(Vec::new())).is_empty());
    }

    #[test]
    fn a_value_is_picked_and_rounded() {
        let body = r#"{"prices": [{"usd": 63123.456, "text": "1.25", "name": "btc"}]}"#;
        assert_eq!(kept(body, &at("/prices/0/usd", None)), Ok("63123.456".into()));
        assert_eq!(kept(body, &at("/prices/0/usd", Some(0))), Ok("63123".into()));
        assert_eq!(kept(body, &at("/prices/0/text", Some(1))), Ok("1.2".into()));
        assert_eq!(kept("7.04", &Projection { decimals: Some(1), ..Projection::default() }), Ok("7.0".into()));
        assert_eq!(kept(body, &at("/prices/0/name", Some(1))), Err("\"btc\" is not a number".into()));
        assert_eq!(kept(body, &at("/prices/1", None)), Err("the answer has nothing at \"/prices/1\"".into()));
        assert!(kept("<html>", &at("/a", None)).is_err());
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let projection = Projection { headers: Some(Vec::new()), ..Projection::default() };
        assert!(project(raw("12345"), &projection, 5).is_ok());
        assert!(matches!(project(raw("12345"), &projection, 4), Err(AskError::TooLarge(5, 4))));
    }
}
