//! Who plays in the demo and what has happened so far: payments are made here, and told as they go through their stages.

use super::device::Device;
use crate::{
    CliError,
    command::net::FirstWallet,
    timeline::{DemoEvent, Payment, Stage, Timeline},
};
use myceline_types::Amount;
use std::{
    cell::RefCell,
    future::Future,
    time::{Duration, Instant},
};

/// Ann's wallet.
pub(super) const ANN: FirstWallet = FirstWallet { folder: "ann", chain: "ann", funds: Amount::from_tokens(1_000) };
/// Bob's wallet.
pub(super) const BOB: FirstWallet = FirstWallet { folder: "bob", chain: "bob", funds: Amount::from_tokens(1_000) };

/// How long a person gets to see what has changed in the picture.
const BEAT: Duration = Duration::from_millis(450);

/// Tells the story and remembers how long things took.
pub(super) struct Narrator {
    pub(super) stage: Stage,
    beat: Duration,
    payments: RefCell<Vec<Times>>,
    numbers: RefCell<u32>,
}

/// How long the stages of a payment took, since it was sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) preconfirmed: Duration,
    pub(super) finality: Duration,
    pub(super) received: Duration,
}

impl Narrator {
    /// Tells it on this timeline, at a pace that whoever looks can follow.
    pub(super) fn new(timeline: &Timeline) -> Narrator {
        let beat = if timeline.is_watched() { BEAT } else { Duration::ZERO };
        Narrator { stage: timeline.stage(), beat, payments: RefCell::default(), numbers: RefCell::default() }
    }

    /// Plays an act.
    pub(super) async fn act<T>(
        &self,
        title: &str,
        story: impl Future<Output = Result<T, CliError>>,
    ) -> Result<T, CliError> {
        self.stage.show(DemoEvent::Act { title: title.into() });
        let played = story.await.map_err(|error| error.during(format_args!("the demo failed at: {title}")))?;
        self.pause().await;
        Ok(played)
    }

    /// Lets whoever looks see what has changed.
    pub(super) async fn pause(&self) {
        tokio::time::sleep(self.beat).await;
    }

    /// Pays, and returns when the recipient can spend it.
    pub(super) async fn pay(&self, from: &Device, to: &Device, tokens: u64) -> Result<Times, CliError> {
        let payment = self.payment(from, to, tokens);
        let (told, begun) = (|| payment.clone(), Instant::now());
        self.stage.show(DemoEvent::Sent { payment: told() });
        let mut preconfirmed = None;
        let say = || {
            let after = *preconfirmed.get_or_insert_with(|| begun.elapsed());
            self.stage.show(DemoEvent::PreConfirmed { payment: told(), after });
        };
        let height = from.pay(to.chain, payment.amount, say).await?;
        let finality = begun.elapsed();
        self.stage.show(DemoEvent::Final { payment: told(), after: finality });
        to.receives(from.chain, height).await?;
        let received = begun.elapsed();
        self.stage.show(DemoEvent::Received { payment: told(), after: received });
        self.show_balance(from).await?;
        self.show_balance(to).await?;
        let times = Times { preconfirmed: preconfirmed.unwrap_or(finality), finality, received };
        self.payments.borrow_mut().push(times);
        Ok(times)
    }

    /// Says what a wallet holds.
    pub(super) async fn show_balance(&self, of: &Device) -> Result<(), CliError> {
        self.stage.show(DemoEvent::Balance { wallet: of.wallet.clone(), balance: of.balance().await? });
        Ok(())
    }

    /// How long all payments so far took.
    pub(super) fn payments(&self) -> Vec<Times> {
        self.payments.borrow().clone()
    }

    fn payment(&self, from: &Device, to: &Device, tokens: u64) -> Payment {
        let number = self.numbers.replace_with(|number| *number + 1) + 1;
        Payment { number, from: from.name.clone(), to: to.name.clone(), amount: Amount::from_tokens(tokens) }
    }
}
