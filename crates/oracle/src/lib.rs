//! Asks servers on behalf of applications: only those that the network's policy names, never behind their names, within bounds
//! of time and size, and keeps of an answer what the request's projection keeps.
//!
//! A redirect is an answer like any other: it is not followed, since where it leads nobody has agreed to. A name that leads to
//! an address of a private network or of this machine is refused, and the address that was checked is the one that is
//! connected to, so that a name cannot lead elsewhere in between.

mod address;
mod exchange;
mod project;

use exchange::AskError;
use myceline_execution::web::{Question, Tell, Web};
use myceline_types::guest::HttpAnswer;
use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{runtime::Handle, sync::Semaphore, time::timeout};
use tokio_rustls::{TlsConnector, rustls::RootCertStore};

/// Questions that are asked at once; more wait for their turn, as long as their answers may take.
const QUESTIONS_MAX: usize = 64;
/// How long an answer may take where the policy does not say.
const USUAL_TIMEOUT: Duration = Duration::from_secs(5);
/// How long an answer may take whatever the policy says.
const TIMEOUT_MAX: Duration = Duration::from_secs(30);

/// Asks servers in tasks of a runtime.
pub struct Asker {
    runtime: Handle,
    turns: Arc<Semaphore>,
    /// Made when the first secure server is asked: to read certificates takes its time.
    tls: Arc<OnceLock<TlsConnector>>,
}

impl Asker {
    /// Asks on this runtime. Servers prove who they are to the certificates that this machine trusts.
    pub fn new(runtime: Handle) -> Asker {
        Asker { runtime, turns: Arc::new(Semaphore::new(QUESTIONS_MAX)), tls: Arc::default() }
    }

    /// The same, with servers that prove who they are to these certificates only.
    pub fn trusting(runtime: Handle, roots: RootCertStore) -> Asker {
        let asker = Asker::new(runtime);
        asker.tls.get_or_init(|| exchange::connector(roots));
        asker
    }
}

impl Web for Asker {
    fn ask(&self, question: Question, tell: Tell) {
        let (turns, tls) = (self.turns.clone(), self.tls.clone());
        drop(self.runtime.spawn(async move {
            let answer = timeout(patience(&question), in_turn(&turns, &tls, &question)).await;
            let answer = answer.unwrap_or(Err(AskError::Late));
            tell(answer.map_err(|why| why.to_string()));
        }));
    }
}

fn patience(question: &Question) -> Duration {
    match question.policy.timeout_ms {
        0 => USUAL_TIMEOUT,
        timeout_ms => Duration::from_millis(timeout_ms).min(TIMEOUT_MAX),
    }
}

async fn in_turn(turns: &Semaphore, tls: &OnceLock<TlsConnector>, question: &Question) -> Result<HttpAnswer, AskError> {
    // Nobody closes the semaphore.
    let _turn = turns.acquire().await.map_err(|_| AskError::Late)?;
    let raw = exchange::ask(tls, question).await?;
    project::project(raw, &question.request.projection, question.answer_bytes)
}
