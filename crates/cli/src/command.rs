//! The commands, one file each. A command is its arguments as a type, and `run`.

mod allowance;
mod app;
mod approve;
mod balance;
mod bench;
mod blob;
mod chain;
mod claim;
mod completions;
mod demo;
mod explain;
mod faucet;
mod genesis;
mod inbox;
mod keygen;
mod mcp;
mod module;
mod net;
mod project;
mod proof;
mod service;
mod sync;
mod transfer;
mod validator;
mod wallet;
mod watch;

use crate::{CliError, Context};

/// What the program can do.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    Demo(demo::Demo),
    #[command(subcommand)]
    Net(net::Net),
    Transfer(transfer::Transfer),
    Balance(balance::Balance),
    Sync(sync::Sync),
    Inbox(inbox::Inbox),
    Watch(watch::Watch),
    Approve(approve::Approve),
    Allowance(allowance::Allowance),
    Claim(claim::Claim),
    #[command(subcommand)]
    Chain(chain::Chain),
    #[command(subcommand)]
    Wallet(wallet::Wallet),
    #[command(subcommand)]
    Blob(blob::Blob),
    #[command(subcommand)]
    Project(project::ProjectCommand),
    #[command(subcommand)]
    Module(module::Module),
    #[command(subcommand)]
    App(app::App),
    #[command(subcommand)]
    Proof(proof::Proof),
    Service(service::Service),
    Mcp(mcp::Mcp),
    Faucet(faucet::Faucet),
    Keygen(keygen::Keygen),
    #[command(subcommand)]
    Genesis(genesis::Genesis),
    #[command(subcommand)]
    Validator(validator::Validator),
    #[command(subcommand)]
    Bench(bench::Bench),
    Explain(explain::Explain),
    Completions(completions::Completions),
}

impl Command {
    /// Does it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        match self {
            Command::Demo(command) => command.run(context),
            Command::Net(command) => command.run(context),
            Command::Transfer(command) => command.run(context),
            Command::Balance(command) => command.run(context),
            Command::Sync(command) => command.run(context),
            Command::Inbox(command) => command.run(context),
            Command::Watch(command) => command.run(context),
            Command::Approve(command) => command.run(context),
            Command::Allowance(command) => command.run(context),
            Command::Claim(command) => command.run(context),
            Command::Chain(command) => command.run(context),
            Command::Wallet(command) => command.run(context),
            Command::Blob(command) => command.run(context),
            Command::Project(command) => command.run(context),
            Command::Module(command) => command.run(context),
            Command::App(command) => command.run(context),
            Command::Proof(command) => command.run(context),
            Command::Service(command) => command.run(context),
            Command::Mcp(command) => command.run(context),
            Command::Faucet(command) => command.run(context),
            Command::Keygen(command) => command.run(context),
            Command::Genesis(command) => command.run(context),
            Command::Validator(command) => command.run(context),
            Command::Bench(command) => command.run(context),
            Command::Explain(command) => command.run(context),
            Command::Completions(command) => command.run(context),
        }
    }
}
