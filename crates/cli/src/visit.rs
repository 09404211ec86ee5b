//! A wallet's node for a process that goes on, and yet is in nobody's way: it takes the wallet when it is asked something, and
//! gives it back a moment after the last answer.
//!
//! So commands of the same wallet, and a service, can be used meanwhile. Where a service has the wallet, calls go through that,
//! as those of commands do.

use crate::{Code, Context, live::KeySigner};
use futures_util::future::BoxFuture;
use myceline_service::{
    Carrier, Failure, Node,
    call::{Call, Outcome},
};
use std::time::Duration;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinSet,
};

/// Calls that wait for the wallet.
const CALLS_MAX: usize = 64;
/// How long a wallet is kept after the last answer: an agent's next question comes later, and the calls of one question sooner.
const REST: Duration = Duration::from_millis(200);

/// A call, and where its outcome is waited for.
struct Asked {
    call: Call,
    told: oneshot::Sender<Outcome>,
}

/// Carries calls to whoever visits the wallet.
pub struct Messenger(mpsc::Sender<Asked>);

/// Visits the wallet when there are calls.
pub struct Visitor(mpsc::Receiver<Asked>);

/// A visitor, and whoever brings calls to it.
pub fn visits() -> (Messenger, Visitor) {
    let (asks, asked) = mpsc::channel(CALLS_MAX);
    (Messenger(asks), Visitor(asked))
}

impl Carrier for Messenger {
    fn carry(&self, call: Call) -> BoxFuture<'_, Outcome> {
        Box::pin(async move {
            let gone = || Failure::new(Code::Interrupted, "this program is about to end");
            let (told, outcome) = oneshot::channel();
            self.0.send(Asked { call, told }).await.map_err(|_| gone())?;
            outcome.await.unwrap_or_else(|_| Err(gone()))
        })
    }
}

impl Visitor {
    /// Carries calls out until nobody can bring any more. It blocks, and wants a thread of its own.
    pub fn run(mut self, context: &Context) {
        let mut unlocked: Option<KeySigner> = None;
        while let Some(asked) = self.0.blocking_recv() {
            let mut first = Some(asked);
            // Keys are unlocked once: that takes a password, and time.
            let keys = || match &unlocked {
                Some(keys) => Ok(keys.clone()),
                None => Ok(unlocked.insert(KeySigner::new(context.keys_if_any()?)).clone()),
            };
            let visited = context.with_wallet_and_keys(keys, async |live| {
                // Nothing is held where a service has the wallet, and the service may be gone by the next call.
                let rest = if live.is_held_here() { REST } else { Duration::ZERO };
                self.visit(live.node, first.take(), rest).await;
                Ok(())
            });
            // Whoever asked has gone where this cannot be told.
            if let (Err(error), Some(Asked { told, .. })) = (visited, first) {
                let _ = told.send(Err(error.into()));
            }
        }
    }

    /// Carries out this call and all that come until nothing was to be done for so long.
    async fn visit(&mut self, node: Node, first: Option<Asked>, rest: Duration) {
        let mut answering = JoinSet::new();
        if let Some(asked) = first {
            answering.spawn(asked.answer(node.clone()));
        }
        while !(answering.is_empty() && rest.is_zero()) {
            tokio::select! {
                biased;
                Some(_) = answering.join_next() => (),
                asked = self.0.recv(), if answering.len() < CALLS_MAX => match asked {
                    Some(asked) => drop(answering.spawn(asked.answer(node.clone()))),
                    None => break,
                },
                () = tokio::time::sleep(rest), if answering.is_empty() => return,
            }
        }
        // What was begun is finished although whoever asked is gone.
        while answering.join_next().await.is_some() {}
    }
}

impl Asked {
    async fn answer(self, node: Node) {
        let outcome = node.carry(self.call).await;
        let _ = self.told.send(outcome);
    }
}
