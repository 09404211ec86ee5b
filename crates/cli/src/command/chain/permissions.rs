//! `myceline chain permissions`: what may be done on a chain, to look at or to replace.

use super::describe::Permitted;
use crate::{CliError, Code, Context};
use myceline_types::{ApplicationId, ChainId, Operation, Permissions, Transaction};
use serde::Serialize;
use std::fmt;

/// Show what may be done on a chain, or replace all of it
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline chain permissions savings                              show them
  myceline chain permissions shop --manager APPLICATION           an application may close it and change its owners
  myceline chain permissions shop --reset                         everything is allowed again")]
pub struct ShowPermissions {
    /// The chain [default: the wallet's default chain]
    chain: Option<String>,
    /// Allow operations of this application, and no others: transfers and changes of these permissions end too
    #[arg(long = "only", value_name = "APPLICATION")]
    operations: Vec<ApplicationId>,
    /// Every block must hold an operation or an accepted message of this application
    #[arg(long, value_name = "APPLICATION")]
    mandatory: Vec<ApplicationId>,
    /// Only this application may ask oracles; several are allowed [default: all may]
    #[arg(long = "oracle", value_name = "APPLICATION")]
    oracles: Vec<ApplicationId>,
    /// This application may close the chain and change its ownership and permissions
    #[arg(long = "manager", value_name = "APPLICATION")]
    managers: Vec<ApplicationId>,
    /// Allow everything to the owners again
    #[arg(long, conflicts_with_all = ["operations", "mandatory", "managers"])]
    reset: bool,
    /// Go on although nobody could ever change the permissions again
    #[arg(long)]
    for_ever: bool,
}

/// What may be done.
#[derive(Serialize)]
struct Shown {
    chain: ChainId,
    permissions: Permissions,
    changed: bool,
}

impl ShowPermissions {
    /// Shows or replaces them.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let wanted = self.wanted()?;
        let shown = context.with_wallet(async |live| {
            let chain = live.chain(self.chain.as_deref())?;
            let Some(permissions) = wanted else {
                let permissions = live.node.chain(chain).await?.permissions;
                return Ok(Shown { chain, permissions, changed: false });
            };
            let change = Operation::ChangePermissions(permissions.clone());
            live.submit(chain, vec![Transaction::Execute(change)]).await?;
            Ok(Shown { chain, permissions, changed: true })
        })?;
        context.output.report(&shown)
    }

    /// What was asked for, if anything was.
    fn wanted(&self) -> Result<Option<Permissions>, CliError> {
        let permissions = Permissions {
            operations: (!self.operations.is_empty()).then(|| self.operations.clone()),
            mandatory: self.mandatory.clone(),
            manage_chain: self.managers.clone(),
            oracles: (!self.oracles.is_empty()).then(|| self.oracles.clone()),
        };
        if permissions == Permissions::default() && !self.reset {
            return Ok(None);
        }
        if permissions.operations.is_some() && permissions.manage_chain.is_empty() && !self.for_ever {
            return Err(CliError::new(Code::Usage, "nobody could ever change these permissions again")
                .hint("name an application that may: --manager APPLICATION")
                .hint("the same command with --for-ever, if that is what you want"));
        }
        Ok(Some(permissions))
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.changed {
            writeln!(f, "from now on")?;
        }
        write!(f, "{}", Permitted(&self.permissions))
    }
}
