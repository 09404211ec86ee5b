//! A value of every encoded type and of every variant: what conformance pins and what hostile bytes are bent from.

mod answers;
mod blocks;
mod chains;
mod guest;
mod rounds;

pub use answers::{blob, info};
pub use blocks::{block, header};
pub use chains::{description, genesis, owner};
pub use rounds::{proposal, timeout_request, vote};

use myceline_types::{Hash, encoding, encoding::DecodeError};
use serde::{Serialize, de::DeserializeOwned};
use std::fmt;

/// A value in its canonical bytes, and how to read such bytes again.
pub struct Sample {
    /// `Type` or `Type::Variant`.
    pub name: String,
    /// The canonical encoding.
    pub bytes: Vec<u8>,
    /// Decodes bytes as the type and encodes what it finds.
    pub again: fn(&[u8]) -> Result<Vec<u8>, DecodeError>,
    /// What the encoding's own library makes of bytes as that type, written again.
    pub by_library: fn(&[u8]) -> Option<Vec<u8>>,
    /// The same by way of JSON, for bytes that decode.
    pub through_json: fn(&[u8]) -> Result<Vec<u8>, String>,
}

/// Collects samples.
#[derive(Default)]
pub struct Samples(Vec<Sample>);

impl Samples {
    fn one<T: Serialize + DeserializeOwned + PartialEq + fmt::Debug>(&mut self, name: &str, value: T) {
        let bytes = encoding::to_bytes(&value);
        assert_eq!(encoding::from_bytes(&bytes), Ok(value), "{name} does not survive its encoding");
        let (again, by_library, through_json) = (again::<T>, by_library::<T>, through_json::<T>);
        self.0.push(Sample { name: name.into(), bytes, again, by_library, through_json });
    }

    fn variants<T, const N: usize>(&mut self, name: &str, values: [(&str, T); N])
    where
        T: Serialize + DeserializeOwned + PartialEq + fmt::Debug,
    {
        for (variant, value) in values {
            self.one(&format!("{name}::{variant}"), value);
        }
    }
}

/// All samples.
pub fn all() -> Vec<Sample> {
    let mut samples = Samples::default();
    chains::add(&mut samples);
    blocks::add(&mut samples);
    rounds::add(&mut samples);
    answers::add(&mut samples);
    guest::add(&mut samples);
    samples.0
}

fn again<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<Vec<u8>, DecodeError> {
    encoding::from_bytes::<T>(bytes).map(|value| encoding::to_bytes(&value))
}

fn by_library<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Option<Vec<u8>> {
    bcs::from_bytes::<T>(bytes).ok().map(|value| encoding::to_bytes(&value))
}

fn through_json<T: Serialize + DeserializeOwned>(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let value: T = encoding::from_bytes(bytes).map_err(|why| why.to_string())?;
    let text = serde_json::to_string(&value).map_err(|why| why.to_string())?;
    let read: T = serde_json::from_str(&text).map_err(|why| format!("{why} in {text}"))?;
    Ok(encoding::to_bytes(&read))
}

/// A hash that is easy to see in a dump.
pub fn hash(byte: u8) -> Hash {
    Hash([byte; 32])
}
