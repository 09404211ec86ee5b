//! `myceline project new`: begins an application.

use crate::{
    CliError, Context,
    output::style,
    project::template::{self, Name},
};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Begin an application: a package with contract, service and tests
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  myceline project new poll\n  myceline project new poll --dir apps/poll")]
pub struct New {
    /// What it is called: letters, digits, - and _
    name: String,
    /// Where it is written [default: a folder of its name]
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// The SDK that it uses [default: the one beside which this program was built]
    #[arg(long, value_name = "PATH")]
    sdk: Option<PathBuf>,
}

/// What was written.
#[derive(Serialize)]
struct Begun {
    dir: PathBuf,
    sdk: PathBuf,
}

impl New {
    /// Writes it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let (name, sdk) = (Name::parse(&self.name)?, template::sdk(self.sdk.as_deref())?);
        let dir = self.dir.unwrap_or_else(|| PathBuf::from(&self.name));
        template::write(&dir, &name, &sdk)?;
        context.output.report(&Begun { dir, sdk })
    }
}

impl fmt::Display for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dir = self.dir.display();
        writeln!(f, "{} holds a new application\n", style::strong(&dir))?;
        writeln!(f, "{}", style::dim("# then try"))?;
        write!(f, "cd {dir}\nmyceline project test\nmyceline project publish --argument 5")
    }
}
