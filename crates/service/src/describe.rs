//! What the types of an application look like: JSON of people turned into canonical bytes, and back.

use crate::{code::Code, failure::Failure, node::Node};
use myceline_execution::engine::{CodeLimits, Engine, Input, Turn};
use myceline_sdk::describe::{Description, Format, convert};
use myceline_types::{
    ApplicationDescription, ApplicationId, Blob, BlobId, Genesis, ModuleId, Opaque, encoding, guest::Entry,
};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;

/// Fuel for a service to describe itself with.
const DESCRIBE_FUEL: i64 = 1_000_000_000;

/// Asks applications what their types look like.
#[derive(Clone)]
pub struct Describer {
    node: Node,
    engine: Arc<dyn Engine>,
    limits: CodeLimits,
}

/// Tells what the events of an application say.
#[derive(Clone, Debug)]
pub struct EventReader(Option<Description>);

/// What a service answers when it is asked what its types look like.
#[derive(Deserialize)]
struct Described {
    formats: Description,
}

impl Describer {
    /// Reads code through `node` and runs it on `engine`.
    pub fn new(node: Node, engine: Arc<dyn Engine>, genesis: &Genesis) -> Describer {
        Describer { node, engine, limits: CodeLimits::of(&genesis.policy) }
    }

    /// What the types of an application look like.
    pub async fn application(&self, application: ApplicationId) -> Result<Description, Failure> {
        let description = self.published(application.blob()).await?;
        let description: ApplicationDescription =
            encoding::from_bytes(&description.bytes.0).map_err(|error| Failure::telling(Code::General, &error))?;
        self.module(description.module).await
    }

    /// What the types of the applications of a module look like.
    pub async fn module(&self, module: ModuleId) -> Result<Description, Failure> {
        let service = self.published(module.service_blob()).await?;
        described(&*self.engine, &service, self.limits)
    }

    /// What tells what the events of an application say. Where its service does not describe itself, they are bytes.
    pub async fn events(&self, application: ApplicationId) -> Result<EventReader, Failure> {
        match self.application(application).await {
            Err(failure) if failure.code == Code::General => Ok(EventReader(None)),
            description => Ok(EventReader(Some(description?))),
        }
    }

    async fn published(&self, id: BlobId) -> Result<Blob, Failure> {
        let missing = || Failure::new(Code::NotFound, format_args!("no validator that answers has {id}"));
        self.node.blob(id).await?.ok_or_else(missing)
    }
}

impl EventReader {
    /// What an event says: JSON of the type that the application declares, or hexadecimal digits.
    pub fn value(&self, bytes: &Opaque) -> Value {
        match &self.0 {
            Some(types) => json_of(types, &types.event, &bytes.0),
            None => Value::String(hex::encode(&bytes.0)),
        }
    }
}

/// The name of a stream as people write it: a text, or 0x and hexadecimal digits where it is none.
pub fn stream_name(name: &Opaque) -> String {
    match std::str::from_utf8(&name.0) {
        Ok(text) if !text.starts_with("0x") && !text.contains(char::is_control) => text.into(),
        _ => format!("0x{}", hex::encode(&name.0)),
    }
}

/// The name of a stream that people write so.
pub fn stream_named(text: &str) -> Opaque {
    let bytes = text.strip_prefix("0x").and_then(|digits| hex::decode(digits).ok());
    Opaque(bytes.unwrap_or_else(|| text.as_bytes().to_vec()))
}

/// What the types of a service's application look like, as the service itself says.
pub fn described(engine: &dyn Engine, service: &Blob, limits: CodeLimits) -> Result<Description, Failure> {
    let answer = ask_for_description(engine, service, limits)?;
    let described: Described = serde_json::from_slice(&answer).map_err(|error| {
        Failure::new(Code::General, "the service describes its types in a way that this program does not know")
            .because(&error)
    })?;
    Ok(described.formats)
}

fn ask_for_description(engine: &dyn Engine, service: &Blob, limits: CodeLimits) -> Result<Vec<u8>, Failure> {
    let failed = |why: String| Failure::new(Code::General, format_args!("the service does not describe itself: {why}"));
    let guest = engine.instantiate(service.id(), &service.bytes.0, limits);
    let mut guest = guest.map_err(|fault| failed(fault.to_string()))?;
    let mut fuel = DESCRIBE_FUEL;
    match guest.resume(Input::Call(Entry::Describe, &[]), &mut fuel) {
        Turn::Returns(answer) => Ok(answer),
        Turn::Asks(code, _) => Err(failed(format!("it asks question {code} where there is nobody to answer"))),
        Turn::Hungry => Err(failed("it takes too long".into())),
        Turn::Traps(trap) => Err(failed(trap.to_string())),
        Turn::Faults(fault) => Err(failed(fault.to_string())),
    }
}

/// Turns what a person wrote as JSON into the canonical bytes of a type. `what` it is, for errors.
pub fn bytes_of(description: &Description, format: &Format, value: &Value, what: &str) -> Result<Opaque, Failure> {
    let bytes = convert::to_bytes(description, format, value);
    let bytes = bytes.map_err(|misfit| Failure::new(Code::Usage, format_args!("the {what} does not fit: {misfit}")));
    Ok(Opaque(bytes?))
}

/// Turns canonical bytes of a type into JSON; bytes that do not fit are shown as they are.
pub fn json_of(description: &Description, format: &Format, bytes: &[u8]) -> Value {
    convert::to_json(description, format, bytes).unwrap_or_else(|_| Value::String(hex::encode(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_streams_are_written_so_that_they_are_read_again() {
        for (name, text) in [
            (&b"feed"[..], "feed"),
            (b"", ""),
            (b"0xfeed", "0x307866656564"),
            (b"\xff\0", "0xff00"),
            ("größe".as_bytes(), "größe"),
        ] {
            let name = Opaque(name.to_vec());
            assert_eq!(stream_name(&name), text);
            assert_eq!(stream_named(text), name);
        }
        assert_eq!(stream_named("0xyz"), Opaque(b"0xyz".to_vec()));
    }
}
