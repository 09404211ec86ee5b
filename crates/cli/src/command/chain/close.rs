//! `myceline chain close`: ends a chain. What is still on its way to it goes back to where it came from.

use crate::{
    CliError, Code, Context,
    output::{human, style},
};
use myceline_types::{BlockHeight, ChainId, Holder, Operation, Transaction};
use serde::Serialize;
use std::fmt;

/// Close a chain for ever
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline transfer 15 --chain savings --to main    first take everything out
  myceline chain close savings
A closed chain only sends back what others still send to it.")]
pub struct Close {
    /// The chain
    chain: String,
    /// Go on although tokens stay on the chain, where nobody can spend them any more
    #[arg(long)]
    lose_tokens: bool,
}

/// What was closed.
#[derive(Serialize)]
struct Closed {
    chain: ChainId,
    height: BlockHeight,
    final_ms: f64,
}

impl Close {
    /// Closes it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let closed = context.with_wallet(async |live| {
            let chain = live.chain(Some(&self.chain))?;
            let left = live.node.balance(chain, Holder::Chain).await?;
            if !left.is_zero() && !self.lose_tokens {
                let left = human::amount(left);
                return Err(CliError::new(Code::Usage, format_args!("{left} tokens on the chain would be lost"))
                    .hint(format!("myceline transfer {left} --chain {} --to ACCOUNT", self.chain))
                    .hint("the same command with --lose-tokens, if that is what you want"));
            }
            let settled = live.submit(chain, vec![Transaction::Execute(Operation::CloseChain)]).await?;
            Ok(Closed { chain, height: settled.height, final_ms: settled.final_ms })
        })?;
        context.output.report(&closed)
    }
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let chain = style::strong(human::short(self.chain));
        write!(f, "{chain} is closed since block {}, final after {:.1} ms", self.height, self.final_ms)
    }
}
