//! Where the timeline is shown: a thread that takes events and draws, prints or serialises them.

use super::{
    event::{DemoEvent, millis},
    scene::{SPINNER_STEP, Scene},
};
use crate::output::{Format, Output};
use console::{Term, truncate_str};
use serde::Serialize;
use std::{
    io::{self, IsTerminal as _, Write as _},
    sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// Events that may wait to be shown. A demo that is faster than the eye waits for the picture, not the other way round.
const EVENTS_MAX: usize = 256;

/// The timeline while it is shown. Dropping it without [`Timeline::close`] shows that the last act failed.
#[derive(Debug)]
pub struct Timeline {
    stage: Stage,
    is_watched: bool,
    thread: Option<JoinHandle<()>>,
}

/// Where to tell what happens. Clones tell the same timeline.
#[derive(Debug, Clone)]
pub struct Stage {
    sender: SyncSender<Message>,
}

/// What reaches the thread.
#[derive(Debug)]
enum Message {
    Event(DemoEvent),
    End { well: bool },
}

/// How the timeline is shown.
enum Form {
    Live(Live),
    Lines(Format),
    Silent,
}

/// A picture that moves: lines that change no more scroll up, those below them are drawn again and again.
struct Live {
    term: Term,
    scene: Scene,
    /// How many lines will be drawn over.
    drawn: usize,
}

/// An event as a script reads it.
#[derive(Serialize)]
struct JsonLine<'a> {
    #[serde(rename = "at_ms", serialize_with = "millis")]
    at: Duration,
    #[serde(flatten)]
    event: &'a DemoEvent,
}

impl Timeline {
    /// Shows what will happen, in the form that fits whoever reads `output`.
    pub fn start(output: &Output) -> Timeline {
        let form = match output.format() {
            Format::Json => Form::Lines(Format::Json),
            Format::Human if output.is_quiet() => Form::Silent,
            Format::Human if can_move() => Form::Live(Live::new()),
            Format::Human => Form::Lines(Format::Human),
        };
        let (sender, receiver) = mpsc::sync_channel(EVENTS_MAX);
        let is_watched = matches!(form, Form::Live(_));
        Timeline { stage: Stage { sender }, is_watched, thread: Some(thread::spawn(move || play(form, &receiver))) }
    }

    /// Whether somebody watches a picture that moves, and wants to see what happens in it.
    pub fn is_watched(&self) -> bool {
        self.is_watched
    }

    /// Where to tell what happens.
    pub fn stage(&self) -> Stage {
        self.stage.clone()
    }

    /// Ends the last act well, and returns when everything is shown.
    pub fn close(mut self) {
        self.end(true);
    }

    fn end(&mut self, well: bool) {
        let Some(thread) = self.thread.take() else { return };
        // The thread may have ended by a panic of its own, and a picture is not worth another one.
        let _ = self.stage.sender.send(Message::End { well });
        let _ = thread.join();
    }
}

impl Drop for Timeline {
    fn drop(&mut self) {
        self.end(false);
    }
}

impl Stage {
    /// Tells what happened. After the timeline has ended nobody listens.
    pub fn show(&self, event: DemoEvent) {
        let _ = self.sender.send(Message::Event(event));
    }
}

/// Whether stdout is a terminal that can draw over what it shows. One that calls itself dumb cannot.
fn can_move() -> bool {
    io::stdout().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Takes events until the end, and draws between them.
fn play(mut form: Form, receiver: &Receiver<Message>) {
    let begun = Instant::now();
    loop {
        match receiver.recv_timeout(SPINNER_STEP) {
            Ok(Message::Event(event)) => form.show(begun.elapsed(), &event),
            Ok(Message::End { well }) => return form.end(begun.elapsed(), well),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return form.end(begun.elapsed(), false),
        }
        form.draw(begun.elapsed());
    }
}

/// What cannot be shown is lost without harm: the demo is what it is, with or without spectators.
impl Form {
    fn show(&mut self, at: Duration, event: &DemoEvent) {
        let _ = match self {
            Form::Live(live) => live.show(at, event),
            Form::Lines(format) => writeln!(anstream::stdout(), "{}", line(*format, at, event)),
            Form::Silent => Ok(()),
        };
    }

    fn draw(&mut self, now: Duration) {
        if let Form::Live(live) = self {
            let _ = live.draw(now);
        }
    }

    fn end(&mut self, now: Duration, well: bool) {
        if let Form::Live(live) = self {
            let _ = live.end(now, well);
        }
    }
}

impl Live {
    fn new() -> Live {
        let term = Term::buffered_stdout();
        // Without it the cursor jumps about; a terminal that cannot hide it is still a terminal.
        let _ = term.hide_cursor();
        Live { term, scene: Scene::default(), drawn: 0 }
    }

    fn show(&mut self, now: Duration, event: &DemoEvent) -> io::Result<()> {
        let settled = self.scene.apply(now, event);
        if settled.is_empty() { Ok(()) } else { self.replace(&settled, &[]) }
    }

    fn draw(&mut self, now: Duration) -> io::Result<()> {
        let lines = self.scene.lines(now);
        self.replace(&[], &lines)
    }

    fn end(&mut self, now: Duration, well: bool) -> io::Result<()> {
        let mut settled = self.scene.end(now, well);
        settled.extend(self.scene.state(now));
        settled.push(String::new());
        self.replace(&settled, &[])?;
        self.term.show_cursor()
    }

    /// Draws over the lines of the last picture: first what stays for good, then what will be drawn over. Each line is
    /// cleared as it is written, since a screen that is cleared whole flickers, and in some terminals scrolls away.
    fn replace(&mut self, settled: &[String], changing: &[String]) -> io::Result<()> {
        self.term.move_cursor_up(self.drawn)?;
        let width = usize::from(self.term.size().1);
        let has_colours = anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never;
        for line in settled.iter().chain(changing) {
            let fitting = truncate_str(line, width, "…");
            let plain = (!has_colours).then(|| anstream::adapter::strip_str(&fitting).to_string());
            self.term.clear_line()?;
            self.term.write_line(plain.as_deref().unwrap_or(&fitting))?;
        }
        if settled.len() + changing.len() < self.drawn {
            self.term.clear_to_end_of_screen()?;
        }
        self.drawn = changing.len();
        self.term.flush()
    }
}

/// An event as one line of text.
fn line(format: Format, at: Duration, event: &DemoEvent) -> String {
    match (format, event) {
        (Format::Json, event) => {
            serde_json::to_string(&JsonLine { at, event }).expect("events have text keys and no other way to fail")
        }
        (Format::Human, DemoEvent::Act { title }) => format!("{:7.3} s  {title}", at.as_secs_f64()),
        (Format::Human, event) => format!("{:7.3} s    {event}", at.as_secs_f64()),
    }
}

#[cfg(test)]
mod tests;
