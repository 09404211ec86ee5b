//! Plays a story that was written down beforehand, to judge the looks of the demo's timeline:
//!
//! ```text
//! cargo run -p myceline-cli --example timeline            in a terminal
//! cargo run -p myceline-cli --example timeline | cat      plain
//! cargo run -p myceline-cli --example timeline -- --json  for a script
//! ```

use myceline_cli::{
    output::{Format, Options, Output},
    timeline::{DemoEvent, Payment, Stage, Timeline},
};
use myceline_types::{Amount, BlockHeight, ChainId, Hash};
use std::time::{Duration, Instant};

/// The play, and the clock that it is played by.
struct Play {
    stage: Stage,
    payments: u32,
}

fn main() {
    let format = if std::env::args().any(|word| word == "--json") { Format::Json } else { Format::Human };
    let timeline = Timeline::start(&Output::new(Options { format, quiet: false }));
    let mut play = Play { stage: timeline.stage(), payments: 0 };
    play.network();
    play.payments();
    play.outage();
    play.race();
    timeline.close();
}

/// Time passes. Nobody else uses this thread.
fn wait(millis: u64) {
    let until = Instant::now() + Duration::from_millis(millis);
    while let Some(rest) = until.checked_duration_since(Instant::now()) {
        std::thread::park_timeout(rest);
    }
}

impl Play {
    fn act(&self, title: &str) {
        self.stage.show(DemoEvent::Act { title: title.into() });
    }

    fn network(&self) {
        self.act("Four validators start, each a process with its own disk");
        for validator in 1..=4 {
            self.stage.show(DemoEvent::Starting { validator, process: 4710 + u32::try_from(validator).unwrap_or(0) });
        }
        for validator in [2, 1, 4, 3] {
            wait(200);
            self.stage.show(DemoEvent::Ready { validator, after: Duration::from_millis(380) });
        }
        self.act("Ann and Bob open their wallets");
        for (wallet, digit) in [("ann", 0x3f), ("bob", 0xb2)] {
            wait(150);
            let (chain, balance) = (ChainId(Hash([digit; 32])), Amount::from_tokens(1000));
            self.stage.show(DemoEvent::Opened { wallet: wallet.into(), chain, balance });
        }
    }

    fn payments(&mut self) {
        self.act("They pay each other");
        self.pay("ann", "bob", 50, [9, 41, 87]);
        self.pay("bob", "ann", 20, [8, 39, 92]);
    }

    /// A payment whose stages are reached after so many tenths of a millisecond, shown slowly.
    fn pay(&mut self, from: &str, to: &str, tokens: u64, tenths: [u64; 3]) {
        self.payments += 1;
        let amount = Amount::from_tokens(tokens);
        let payment = || Payment { number: self.payments, from: from.into(), to: to.into(), amount };
        let [first, second, third] = tenths.map(|tenths| Duration::from_micros(100 * tenths));
        self.stage.show(DemoEvent::Sent { payment: payment() });
        wait(200);
        self.stage.show(DemoEvent::PreConfirmed { payment: payment(), after: first });
        wait(300);
        self.stage.show(DemoEvent::Final { payment: payment(), after: second });
        self.stage.show(DemoEvent::Balance { wallet: from.into(), balance: Amount::from_tokens(1000 - tokens) });
        wait(300);
        self.stage.show(DemoEvent::Received { payment: payment(), after: third });
        self.stage.show(DemoEvent::Balance { wallet: to.into(), balance: Amount::from_tokens(1000 + tokens) });
        wait(200);
    }

    fn outage(&mut self) {
        let validator = 3;
        self.act("One validator is killed, the other three carry on");
        wait(200);
        self.stage.show(DemoEvent::Killed { validator, process: 4713 });
        self.pay("ann", "bob", 12, [11, 63, 120]);
        self.pay("bob", "ann", 7, [9, 58, 113]);
        self.act("It comes back and catches up");
        self.stage.show(DemoEvent::Starting { validator, process: 4720 });
        wait(400);
        for behind in (0..=12).rev() {
            self.stage.show(DemoEvent::CatchingUp { validator, behind });
            wait(60);
        }
        self.stage.show(DemoEvent::CaughtUp { validator, blocks: 12, after: Duration::from_millis(213) });
        wait(500);
    }

    fn race(&self) {
        let (wallet, height) = (String::from("ann"), BlockHeight(4));
        self.act("Two copies of Ann's wallet propose at once");
        self.stage.show(DemoEvent::Raced { wallet: wallet.clone(), height });
        wait(900);
        self.stage.show(DemoEvent::Healed { wallet, height, after: Duration::from_millis(46) });
        wait(300);
    }
}
