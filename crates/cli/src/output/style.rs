//! The few colours of the program, by what they mean. They vanish at the stream where nobody would see them.

use anstyle::{AnsiColor, Effects, Style};
use std::fmt::Display;

const STRONG: Style = Style::new().effects(Effects::BOLD);
const DIM: Style = Style::new().effects(Effects::DIMMED);
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().effects(Effects::BOLD);
const BUSY: Style = AnsiColor::Yellow.on_default();
const FRESH: Style = AnsiColor::Cyan.on_default();

/// What to look at.
pub fn strong(text: impl Display) -> String {
    painted(STRONG, text)
}

/// What one can skip.
pub fn dim(text: impl Display) -> String {
    painted(DIM, text)
}

/// What is as it should be.
pub fn good(text: impl Display) -> String {
    painted(GOOD, text)
}

/// What failed.
pub fn bad(text: impl Display) -> String {
    painted(BAD, text)
}

/// What is under way.
pub fn busy(text: impl Display) -> String {
    painted(BUSY, text)
}

/// What is new and may still change.
pub fn fresh(text: impl Display) -> String {
    painted(FRESH, text)
}

fn painted(style: Style, text: impl Display) -> String {
    format!("{style}{text}{style:#}")
}
