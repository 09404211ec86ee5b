//! What a browser has in place of gRPC: nobody is a validator there, so there are no streams of answers.

use myceline_types::api::Response;

/// The place of an answer in a stream: none exists.
#[derive(Debug)]
pub enum Slot {}

impl Slot {
    pub fn fill(self, _: &Response) {
        match self {}
    }
}
