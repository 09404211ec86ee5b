//! What the moving picture shows: the act that is being played, the validators' lights and the wallets.
//!
//! It turns events and a time into lines of text. When it is drawn, and where, is for the stage to say.

use super::event::{DemoEvent, Payment};
use crate::output::{human, style};
use console::{Alignment, measure_text_width, pad_str};
use myceline_types::Amount;
use std::{collections::BTreeMap, time::Duration};

/// The pictures of the spinner, and how long each one stays.
const SPINNER: [char; 10] = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
pub const SPINNER_STEP: Duration = Duration::from_millis(80);
/// How long a wallet's new balance stands out.
const NEWS: Duration = Duration::from_millis(900);
/// The stages of a payment, in their order.
const STAGES: [&str; 3] = ["pre-confirmed", "final", "received"];

/// The picture.
#[derive(Debug, Default)]
pub struct Scene {
    act: Option<Act>,
    validators: BTreeMap<usize, Light>,
    wallets: BTreeMap<String, Holding>,
}

/// A part of the story.
#[derive(Debug)]
struct Act {
    title: String,
    begun: Duration,
    items: Vec<Item>,
}

/// A line of an act.
#[derive(Debug)]
enum Item {
    Note { about: About, mark: Mark, text: String },
    Payment { payment: Payment, stages: [Option<Duration>; 3] },
}

/// Whom a note is about: news about the same replaces what was under way.
#[derive(Debug, PartialEq)]
enum About {
    Validator(usize),
    Wallet(String),
    Everybody,
}

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    Busy,
    Good,
    Bad,
}

/// How a validator is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Light {
    Starting,
    Up,
    Killed,
    CatchingUp,
}

/// What a wallet holds, and since when.
#[derive(Debug)]
struct Holding {
    balance: Amount,
    since: Duration,
}

impl Scene {
    /// Takes an event in. Where it begins an act, the lines of the act before it are returned: they change no more.
    pub fn apply(&mut self, now: Duration, event: &DemoEvent) -> Vec<String> {
        self.light(event);
        self.count(now, event);
        match event {
            DemoEvent::Act { title } => {
                let before = self.end(now, true);
                self.act = Some(Act { title: title.clone(), begun: now, items: Vec::new() });
                return before;
            }
            DemoEvent::Sent { payment } => self.payment(payment, None),
            DemoEvent::PreConfirmed { payment, after } => self.payment(payment, Some((0, *after))),
            DemoEvent::Final { payment, after } => self.payment(payment, Some((1, *after))),
            DemoEvent::Received { payment, after } => self.payment(payment, Some((2, *after))),
            DemoEvent::Starting { validator, .. } | DemoEvent::CatchingUp { validator, .. } => {
                self.note(About::Validator(*validator), Mark::Busy, event);
            }
            DemoEvent::Ready { validator, .. } | DemoEvent::CaughtUp { validator, .. } => {
                self.note(About::Validator(*validator), Mark::Good, event);
            }
            DemoEvent::Killed { validator, .. } => self.note(About::Validator(*validator), Mark::Bad, event),
            DemoEvent::Raced { wallet, .. } => self.note(About::Wallet(wallet.clone()), Mark::Busy, event),
            DemoEvent::Split { wallet, .. } => self.note(About::Wallet(wallet.clone()), Mark::Bad, event),
            DemoEvent::Opened { wallet, .. } | DemoEvent::Healed { wallet, .. } => {
                self.note(About::Wallet(wallet.clone()), Mark::Good, event);
            }
            DemoEvent::Conserved { .. } => self.note(About::Everybody, Mark::Good, event),
            DemoEvent::Balance { .. } => {}
        }
        Vec::new()
    }

    /// Ends the act that is being played and returns its lines.
    pub fn end(&mut self, now: Duration, well: bool) -> Vec<String> {
        let mark = if well { Mark::Good } else { Mark::Bad };
        self.act.take().map_or(Vec::new(), |act| act.lines(now, mark))
    }

    /// The lines that still change.
    pub fn lines(&self, now: Duration) -> Vec<String> {
        let act = self.act.iter().flat_map(|act| act.lines(now, Mark::Busy));
        act.chain(self.state(now)).collect()
    }

    /// The validators and the wallets, one line each.
    pub fn state(&self, now: Duration) -> Vec<String> {
        let lights: Vec<String> = self.validators.iter().map(|(number, light)| light.show(*number, now)).collect();
        let wallets: Vec<String> = self.wallets.iter().map(|(name, holding)| holding.show(name, now)).collect();
        [("validators", lights), ("wallets", wallets)]
            .into_iter()
            .filter(|(_, parts)| !parts.is_empty())
            .enumerate()
            .flat_map(|(index, (title, parts))| {
                let gap = (index == 0).then(String::new);
                gap.into_iter().chain([format!("  {}  {}", style::dim(format!("{title:10}")), parts.join("   "))])
            })
            .collect()
    }

    fn light(&mut self, event: &DemoEvent) {
        let (validator, light) = match event {
            DemoEvent::Starting { validator, .. } => (validator, Light::Starting),
            DemoEvent::Ready { validator, .. } | DemoEvent::CaughtUp { validator, .. } => (validator, Light::Up),
            DemoEvent::Killed { validator, .. } => (validator, Light::Killed),
            DemoEvent::CatchingUp { validator, .. } => (validator, Light::CatchingUp),
            _ => return,
        };
        self.validators.insert(*validator, light);
    }

    fn count(&mut self, now: Duration, event: &DemoEvent) {
        if let DemoEvent::Opened { wallet, balance, .. } | DemoEvent::Balance { wallet, balance } = event {
            self.wallets.insert(wallet.clone(), Holding { balance: *balance, since: now });
        }
    }

    fn note(&mut self, about: About, mark: Mark, event: &DemoEvent) {
        let Some(act) = &mut self.act else { return };
        let under_way = act.items.iter_mut().find_map(|item| match item {
            Item::Note { about: other, mark: Mark::Busy, .. } if *other == about => Some(item),
            Item::Note { .. } | Item::Payment { .. } => None,
        });
        let note = Item::Note { about, mark, text: event.to_string() };
        match under_way {
            Some(item) => *item = note,
            None => act.items.push(note),
        }
    }

    fn payment(&mut self, of: &Payment, reached: Option<(usize, Duration)>) {
        let Some(act) = &mut self.act else { return };
        let known = act.items.iter_mut().find_map(|item| match item {
            Item::Payment { payment, stages } if payment == of => Some(stages),
            Item::Note { .. } | Item::Payment { .. } => None,
        });
        match (known, reached) {
            (Some(stages), Some((stage, after))) => stages[stage] = Some(after),
            (Some(_), None) => {}
            (None, reached) => {
                let stages =
                    std::array::from_fn(|stage| reached.filter(|(at, _)| *at == stage).map(|(_, after)| after));
                act.items.push(Item::Payment { payment: of.clone(), stages });
            }
        }
    }
}

impl Act {
    fn lines(&self, now: Duration, mark: Mark) -> Vec<String> {
        let took = human::duration(now.saturating_sub(self.begun));
        let title = format!("  {} {}  {}", mark.show(now), style::strong(&self.title), style::dim(took));
        let has_ended = mark != Mark::Busy;
        let payments = self.items.iter().filter_map(Item::payment_text);
        let width = payments.map(|text| measure_text_width(&text)).max().unwrap_or_default();
        let items = self.items.iter().map(|item| item.line(now, has_ended, width));
        [String::new(), title].into_iter().chain(items).collect()
    }
}

impl Item {
    fn payment_text(&self) -> Option<String> {
        match self {
            Item::Payment { payment, .. } => Some(payment.to_string()),
            Item::Note { .. } => None,
        }
    }

    /// One line. Stages of payments begin in the same column, `width` after the mark.
    fn line(&self, now: Duration, has_ended: bool, width: usize) -> String {
        match self {
            Item::Note { mark: Mark::Busy, text, .. } if has_ended => format!("    {} {text}", style::dim('·')),
            Item::Note { mark, text, .. } => format!("    {} {text}", mark.show(now)),
            Item::Payment { payment, stages } => {
                let mark = match stages.iter().all(Option::is_some) {
                    true => Mark::Good.show(now),
                    false if has_ended => style::dim('·'),
                    false => Mark::Busy.show(now),
                };
                let payment = pad_str(&payment.to_string(), width, Alignment::Left, None).into_owned();
                format!("    {mark} {payment}  {}", stages_line(stages))
            }
        }
    }
}

/// The stages that a payment has reached, and dim those that it has not.
fn stages_line(stages: &[Option<Duration>; 3]) -> String {
    let shown = STAGES.iter().zip(stages).map(|(name, reached)| match reached {
        Some(after) => format!("{} {name} {}", style::good('●'), style::fresh(human::duration(*after))),
        None => style::dim(format!("○ {name}")),
    });
    shown.collect::<Vec<String>>().join("  ")
}

impl Mark {
    fn show(self, now: Duration) -> String {
        match self {
            Mark::Busy => style::fresh(spinner(now)),
            Mark::Good => style::good('✔'),
            Mark::Bad => style::bad('✘'),
        }
    }
}

impl Light {
    /// A sign and a number; words where something is unusual, because not everybody tells colours apart.
    fn show(self, number: usize, now: Duration) -> String {
        match self {
            Light::Starting => style::dim(format!("○ {number}")),
            Light::Up => format!("{} {number}", style::good('●')),
            Light::Killed => format!("{} {number} {}", style::bad('✘'), style::bad("killed")),
            Light::CatchingUp => format!("{} {number} {}", style::busy(spinner(now)), style::busy("catching up")),
        }
    }
}

impl Holding {
    fn show(&self, name: &str, now: Duration) -> String {
        let balance = human::amount(self.balance);
        let is_news = now.saturating_sub(self.since) < NEWS;
        format!("{name} {}", if is_news { style::fresh(balance) } else { style::strong(balance) })
    }
}

fn spinner(now: Duration) -> char {
    let step = now.as_millis() / SPINNER_STEP.as_millis();
    let index = step % SPINNER.len() as u128;
    SPINNER[usize::try_from(index).unwrap_or_default()]
}
