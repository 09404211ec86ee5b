//! `myceline wallet claim`: asks a faucet for a chain of one's own.

use super::follow::read;
use crate::{
    CliError, Code, Context,
    http::{self, Address},
    output::{human, style},
    wallet::WalletChain,
};
use myceline_types::{Amount, ChainId, Owner};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::fmt;

/// Ask a faucet for a chain of your own
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Asking again gives the same chain.

Examples:
  myceline wallet claim --faucet http://127.0.0.1:8081
  myceline wallet claim --faucet http://127.0.0.1:8081 --name mine")]
pub struct Claim {
    /// The faucet, as it says where it is
    #[arg(long, value_name = "URL")]
    faucet: Address,
    /// For which of the wallet's owners [default: the only one]
    #[arg(long)]
    owner: Option<Owner>,
    /// What the wallet calls the chain
    #[arg(long)]
    name: Option<String>,
}

/// What was given.
#[derive(Serialize)]
struct Claimed {
    chain: ChainId,
    owner: Owner,
    balance: Amount,
}

/// A faucet's answer, as GraphQL has it.
#[derive(Deserialize)]
struct Answer {
    data: Option<Data>,
    #[serde(default)]
    errors: Vec<Problem>,
}

#[derive(Deserialize)]
struct Data {
    claim: ChainId,
}

#[derive(Deserialize)]
struct Problem {
    message: String,
}

impl Claim {
    /// Asks for it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let claimed = context.with_wallet(async |live| {
            let owner = self.owner_among(live.owners.iter().copied().collect())?;
            let chain = self.ask(owner).await?;
            // The faucet is not believed: the chain counts when validators show it.
            let read = read(&live, chain).await?;
            if read.owner != Some(owner) {
                return Err(CliError::new(Code::Refused, format_args!("the faucet gave {chain}, which is not yours")));
            }
            live.keep(chain, WalletChain { name: self.name.clone(), owner: Some(owner) }).await?;
            Ok(Claimed { chain, owner, balance: read.balance })
        })?;
        context.output.report(&claimed)
    }

    fn owner_among(&self, owners: Vec<Owner>) -> Result<Owner, CliError> {
        match (self.owner, owners.as_slice()) {
            (Some(owner), _) if owners.contains(&owner) => Ok(owner),
            (Some(owner), _) => Err(CliError::new(Code::NotFound, format_args!("the wallet has no key of {owner}"))),
            (None, [owner]) => Ok(*owner),
            (None, []) => Err(CliError::new(Code::NotFound, "the wallet has no key").hint("make one: myceline keygen")),
            (None, _) => {
                Err(CliError::new(Code::Usage, "the wallet has more than one key").hint("say which: --owner OWNER"))
            }
        }
    }

    async fn ask(&self, owner: Owner) -> Result<ChainId, CliError> {
        let query = "mutation Claim($owner: String!) { claim(owner: $owner) }";
        let request = json!({ "query": query, "variables": { "owner": owner.to_string() } });
        let text = http::post(&self.faucet, request.to_string()).await?;
        let answer: Answer = serde_json::from_slice(&text).map_err(|error| {
            CliError::new(Code::General, format_args!("{} does not answer as faucets do", self.faucet)).because(&error)
        })?;
        match (answer.data, answer.errors.into_iter().next()) {
            (_, Some(problem)) => Err(CliError::new(Code::Refused, problem.message)),
            (Some(data), None) => Ok(data.claim),
            (None, None) => Err(CliError::new(Code::General, "the faucet gave nothing and says nothing")),
        }
    }
}

impl fmt::Display for Claimed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", style::strong(self.chain))?;
        write!(f, "is yours, with {} tokens, for {}", human::amount(self.balance), human::short(self.owner))
    }
}
