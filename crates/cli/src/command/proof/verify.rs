//! `myceline proof verify`: checks a proof, offline, against what the network started from.

use super::KIND;
use crate::{
    CliError, Code, Context,
    command::genesis,
    document,
    live::network_of,
    output::{human, style},
    wallet::Wallet,
};
use myceline_client::{Claim, Proof};
use myceline_execution::system;
use myceline_types::{
    Amount, BlockHeight, ChainId, CryptoVerifier, EntryProof, Holder, List, Opaque, SentMessage, encoding,
};
use serde::Serialize;
use std::{fmt, path::PathBuf};

/// Check a proof, without asking anybody
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline proof verify balance.json                          in the wallet's network
  myceline proof verify balance.json --genesis genesis.json   without a wallet")]
pub struct Verify {
    /// The proof
    #[arg(value_name = "FILE")]
    proof: PathBuf,
    /// What the network started from [default: the wallet's]
    #[arg(long, value_name = "FILE")]
    genesis: Option<PathBuf>,
}

/// What is so.
#[derive(Serialize)]
struct Verified {
    chain: ChainId,
    height: BlockHeight,
    claim: Claim,
    /// The amount, where the claim is about the chain's own balance.
    balance: Option<Amount>,
}

impl Verify {
    /// Checks it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let genesis = match &self.genesis {
            Some(file) => genesis::read(file)?,
            None => Wallet::open(&context.folder)?.genesis().clone(),
        };
        let proof: Proof = document::read(&self.proof, KIND)?;
        let network = network_of(&genesis)?;
        proof.verify(&network, &CryptoVerifier::new()).map_err(|error| CliError::telling(Code::Refused, &error))?;
        let balance = balance(&proof.claim);
        let Proof { header, claim, .. } = proof;
        context.output.report(&Verified { chain: header.chain, height: header.height, claim, balance })
    }
}

/// What the claim says of the chain's own balance, if it is about that.
fn balance(claim: &Claim) -> Option<Amount> {
    match claim {
        Claim::State { key, value, .. } if key.0 == *system::balance_entry(&Holder::Chain) => match value {
            Some(value) => encoding::from_bytes(&value.0).ok(),
            None => Some(Amount(0)),
        },
        Claim::State { .. } | Claim::Entry(_) => None,
    }
}

impl fmt::Display for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let where_ = format!("block {} of chain {}", self.height, human::short(self.chain));
        write!(f, "{} ", style::good("proved:"))?;
        match (&self.claim, self.balance) {
            (_, Some(balance)) => write!(f, "after {where_} the chain had {} tokens", human::amount(balance)),
            (Claim::State { key, value: Some(Opaque(value)), .. }, None) => {
                write!(f, "after {where_} the state had {} under {}", hex::encode(value), hex::encode(&key.0))
            }
            (Claim::State { key, value: None, .. }, None) => {
                write!(f, "after {where_} the state had nothing under {}", hex::encode(&key.0))
            }
            (Claim::Entry(entry), None) => write!(f, "{where_} has {}", Entry(entry)),
        }
    }
}

/// An entry as people read it.
struct Entry<'a>(&'a EntryProof);

impl fmt::Display for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let EntryProof { list, entry, proof } = self.0;
        let what = match list {
            List::Transactions => "transaction",
            List::Messages => "message",
            List::Events => "event",
        };
        write!(f, "{what} {}", proof.path.index)?;
        match encoding::from_bytes::<SentMessage>(&entry.0) {
            Ok(sent) if *list == List::Messages => write!(f, " to chain {}", human::short(sent.recipient)),
            _ => Ok(()),
        }
    }
}
