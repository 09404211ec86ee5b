//! From JSON to canonical bytes and back, by a description.
//!
//! For every type that derives its description the result is what serde makes of the type itself, but for numbers of 16 bytes,
//! which are texts in JSON here so that no reader rounds them.

mod read;
mod write;

pub use read::to_json;
pub use write::to_bytes;

/// Something that does not fit a description.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{}{problem}", at(.place))]
pub struct Misfit {
    /// Where it is: names of fields and positions, the outermost first.
    place: Vec<String>,
    problem: String,
}

/// How deep values may be nested: a stranger's description must not exhaust the stack.
const DEPTH_MAX: usize = 64;
/// How many values may be read without any bytes: a list of units is as long as it says.
const EMPTY_MAX: u64 = 1 << 16;

impl Misfit {
    fn new(problem: impl Into<String>) -> Misfit {
        Misfit { place: Vec::new(), problem: problem.into() }
    }

    fn expected(what: &str, found: &serde_json::Value) -> Misfit {
        Misfit::new(format!("expected {what}, found {found}"))
    }

    fn within(mut self, name: impl Into<String>) -> Misfit {
        self.place.insert(0, name.into());
        self
    }
}

fn at(place: &[String]) -> String {
    if place.is_empty() { String::new() } else { format!("{}: ", place.join(".")) }
}

fn deeper(depth: usize) -> Result<usize, Misfit> {
    if depth < DEPTH_MAX { Ok(depth + 1) } else { Err(Misfit::new(format!("nested deeper than {DEPTH_MAX} times"))) }
}
