//! The seam behind which servers are asked on behalf of applications.

use myceline_types::{
    WebPolicy,
    guest::{HttpAnswer, HttpRequest},
};

/// Asks servers.
pub trait Web: Send + Sync {
    /// Asks a server, and tells what the request's projection keeps of its answer, or why there is none. Does not wait.
    fn ask(&self, question: Question, tell: Tell);
}

/// What is asked, and within which bounds.
#[derive(Clone, Debug)]
pub struct Question {
    /// The request.
    pub request: HttpRequest,
    /// Who may be asked, and for how long.
    pub policy: WebPolicy,
    /// Bytes that the answer may have after the projection.
    pub answer_bytes: u64,
}

/// Is told an answer, or why there is none.
pub type Tell = Box<dyn FnOnce(Result<HttpAnswer, String>) + Send>;

/// Asks nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Offline;

impl Web for Offline {
    fn ask(&self, _: Question, tell: Tell) {
        tell(Err("this node asks no servers".into()));
    }
}
