//! Progress of what may take longer than a second, on stderr: it appears after that second and leaves no trace.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::{
    sync::mpsc::{self, RecvTimeoutError, SyncSender},
    thread,
    time::Duration,
};

/// What is quicker than this needs no bar.
const APPEARS_AFTER: Duration = Duration::from_secs(1);
/// Between two pictures of the spinner.
const TICK: Duration = Duration::from_millis(100);

/// How far something is. Dropping it removes the bar.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    /// Closed when the work ends, so that whoever waits to show the bar stops waiting.
    _end: Option<SyncSender<()>>,
}

impl Progress {
    /// Nobody looks.
    pub(super) fn hidden() -> Progress {
        Progress { bar: ProgressBar::hidden(), _end: None }
    }

    /// Somebody looks, from the first second on.
    pub(super) fn shown(what: &str, total: Option<u64>) -> Progress {
        let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden()).with_style(look(total));
        bar.set_message(what.to_owned());
        let (end, ended) = mpsc::sync_channel::<()>(0);
        let waiting = bar.clone();
        thread::spawn(move || {
            if ended.recv_timeout(APPEARS_AFTER) == Err(RecvTimeoutError::Timeout) {
                waiting.set_draw_target(ProgressDrawTarget::stderr());
                waiting.enable_steady_tick(TICK);
            }
        });
        Progress { bar, _end: Some(end) }
    }

    /// So many more are done.
    pub fn advance(&self, by: u64) {
        self.bar.inc(by);
    }

    /// Says what is being done now.
    pub fn say(&self, what: impl Into<String>) {
        self.bar.set_message(what.into());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn look(total: Option<u64>) -> ProgressStyle {
    let template = match total {
        Some(_) => "{spinner:.cyan} {msg} {bar:30.cyan/dim} {pos}/{len} {eta:.dim}",
        None => "{spinner:.cyan} {msg} {elapsed:.dim}",
    };
    ProgressStyle::with_template(template).expect("the templates are right").progress_chars("━━─")
}
