//! Lines for whoever watches the log of a node. They are no part of what a transaction does.

use crate::host::ask;
use myceline_types::guest::{self, LogLine};

pub use myceline_types::guest::LogLevel;

/// Writes a line.
pub fn write(level: LogLevel, text: impl Into<String>) {
    ask::<guest::Log>(&LogLine { level, text: text.into() });
}

/// Something happened.
pub fn info(text: impl Into<String>) {
    write(LogLevel::Info, text);
}

/// Something may go wrong.
pub fn warn(text: impl Into<String>) {
    write(LogLevel::Warn, text);
}

/// Something went wrong.
pub fn error(text: impl Into<String>) {
    write(LogLevel::Error, text);
}
