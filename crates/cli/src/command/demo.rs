//! `myceline demo`: the whole of it in a few seconds, on a network of its own that is gone afterwards.
//!
//! What it shows is real: processes, disks, kill -9, two copies of one wallet. It decides nothing that a wallet or a
//! validator would not decide; how it looks is for [`timeline`](crate::timeline).

mod acts;
mod audit;
mod cast;
mod device;
mod link;
mod race;
mod summary;
mod troupe;

use crate::{CliError, Code, Context, interrupt::interrupted, live, timeline::Timeline};
use std::path::Path;
use summary::Summary;
use tempfile::TempDir;

/// Show all of it in a few seconds: payments, a killed validator, two devices at once
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline demo                 a picture that moves
  myceline demo | cat           a line of words for each event
  myceline --json demo          the same for scripts
It runs four validators on ports that are free, in a temporary folder, and leaves nothing behind unless it fails.")]
pub struct Demo {}

impl Demo {
    /// Plays it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let failed = |error: std::io::Error| CliError::new(Code::General, "cannot make a folder").because(&error);
        let folder = tempfile::Builder::new().prefix("myceline-demo-").tempdir().map_err(failed)?;
        let timeline = Timeline::start(&context.output);
        let runtime = live::runtime()?;
        let played = runtime.block_on(play_unless_interrupted(folder.path(), &timeline));
        // Tasks that are left over hold stores in the folder open.
        drop(runtime);
        match played {
            Ok(summary) => {
                timeline.close();
                folder.close().map_err(failed)?;
                context.output.report(&summary)
            }
            Err(error) => {
                drop(timeline);
                Err(explained(error, folder))
            }
        }
    }
}

async fn play_unless_interrupted(folder: &Path, timeline: &Timeline) -> Result<Summary, CliError> {
    tokio::select! {
        biased;
        () = interrupted() => Err(CliError::new(Code::Interrupted, "the demo was interrupted")),
        played = Box::pin(acts::play(folder, timeline)) => played,
    }
}

/// Whoever wants to know why a demo failed finds everything where it was.
fn explained(error: CliError, folder: TempDir) -> CliError {
    if error.code() == Code::Interrupted {
        return error;
    }
    let folder = folder.keep();
    error.hint(format!("see what the validators say: tail -n 20 {}/validator-*/log", folder.display()))
}
