//! `myceline project …`: writing applications.

mod build;
mod new;
mod publish;
mod test;

use crate::{CliError, Code, Context, project::Project};
use std::path::PathBuf;

/// Begin an application, build it, test it and publish it
#[derive(Debug, clap::Subcommand)]
#[command(after_help = "\
Examples:
  myceline project new poll
  cd poll
  myceline project test
  myceline project publish --argument 5      with a network running: myceline net up")]
pub enum ProjectCommand {
    New(new::New),
    Build(build::Build),
    Test(test::Test),
    Publish(publish::Publish),
}

impl ProjectCommand {
    /// Does it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            ProjectCommand::New(command) => command.run(context),
            ProjectCommand::Build(command) => command.run(context),
            ProjectCommand::Test(command) => command.run(context),
            ProjectCommand::Publish(command) => command.run(context),
        }
    }
}

/// Which project is meant.
#[derive(Debug, clap::Args)]
struct Which {
    /// The project's folder [default: the one that you are in]
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
}

impl Which {
    fn find(&self) -> Result<Project, CliError> {
        let here = || std::env::current_dir().map_err(|error| CliError::telling(Code::General, &error));
        Project::find(&self.project.clone().map_or_else(here, Ok)?)
    }
}
