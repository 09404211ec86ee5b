//! What the load says on its standard output: each question to the recorded validator before it is put, each answer when
//! it has come. One line each, written by one call, so that a cut never divides one.

use myceline_types::{
    api::{Request, Response},
    encoding,
};
use serde::{Deserialize, Serialize};
use std::io::Write as _;

/// Tells these lines from those of the test runner.
const MARK: &str = "load:";

/// A question or an answer.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub enum Line {
    /// This is about to be asked.
    Asked(u64, Request),
    /// The answer to the question with this number.
    Answered(u64, Response),
}

impl Line {
    /// Says it.
    pub fn say(&self) {
        // The runner may have left a line open, so this begins one of its own.
        let line = format!("\n{MARK}{}\n", hex::encode(encoding::to_bytes(self)));
        std::io::stdout().lock().write_all(line.as_bytes()).unwrap();
    }

    /// What was said, in order.
    pub fn read_all(said: &[String]) -> Vec<Line> {
        let ours = said.iter().filter_map(|line| line.strip_prefix(MARK));
        ours.map(|line| encoding::from_bytes(&hex::decode(line).unwrap()).unwrap()).collect()
    }
}
