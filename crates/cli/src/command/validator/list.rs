//! `myceline validator list`: the committee, and who of it answers.

use super::asking::{Asked, ask};
use crate::{
    CliError, Context,
    command::genesis,
    live::{peers_of, runtime},
    output::{Table, human, style, table::Column},
    wallet::Wallet,
};
use futures_util::future;
use myceline_types::ValidatorKey;
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// List the validators of the network, and who of them answers
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline validator list                          of the wallet's network
  myceline validator list --genesis genesis.json   without a wallet")]
pub struct List {
    /// What the network started from [default: the wallet's]
    #[arg(long, value_name = "FILE")]
    genesis: Option<PathBuf>,
}

/// The committee.
#[derive(Serialize)]
struct Listed {
    network: String,
    validators: Vec<Member>,
}

/// One of it.
#[derive(Serialize)]
struct Member {
    place: usize,
    key: ValidatorKey,
    address: String,
    weight: u64,
    #[serde(flatten)]
    asked: Asked,
}

impl List {
    /// Lists them.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let genesis = match &self.genesis {
            Some(file) => genesis::read(file)?,
            None => Wallet::open(&context.folder)?.genesis().clone(),
        };
        let network = genesis.network();
        let answers = runtime()?.block_on(async {
            let peers = peers_of(&genesis)?;
            Ok::<_, CliError>(future::join_all(peers.iter().map(|peer| ask(peer, network))).await)
        })?;
        let members = genesis.committee.validators().iter().zip(answers).enumerate();
        let member = |(place, (validator, asked)): (usize, (&myceline_types::Validator, Asked))| Member {
            place,
            key: validator.key,
            address: validator.address.clone(),
            weight: validator.weight,
            asked,
        };
        context.output.report(&Listed { network: genesis.name.clone(), validators: members.map(member).collect() })
    }
}

impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let columns = [
            Column::Right("place"),
            Column::Left("key"),
            Column::Right("weight"),
            Column::Left("address"),
            Column::Left("answers"),
        ];
        let mut table = Table::new(columns);
        for member in &self.validators {
            table.row([
                member.place.to_string(),
                human::short(member.key),
                member.weight.to_string(),
                member.address.clone(),
                member.asked.to_string(),
            ]);
        }
        write!(f, "Network {}\n{table}", style::strong(&self.network))
    }
}
