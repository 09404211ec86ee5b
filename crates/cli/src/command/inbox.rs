//! `myceline inbox`: what waits for a chain.

use crate::{
    CliError, Context,
    output::{Table, human, table::Column},
};
use myceline_service::Node;
use myceline_types::{Amount, Bundle, ChainId, Cursor};
use serde::Serialize;
use std::fmt;

/// Show what waits for a chain
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline inbox                   of the default chain
  myceline inbox --chain savings   of another one
  myceline sync                    takes it in")]
pub struct Inbox {
    /// The chain [default: the wallet's default chain]
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
}

/// What waits.
#[derive(Serialize)]
struct Waiting {
    chain: ChainId,
    bundles: Vec<WaitingBundle>,
}

/// A bundle that waits.
#[derive(Serialize)]
struct WaitingBundle {
    origin: ChainId,
    cursor: Cursor,
    /// How many messages it has, where the block that sent it can be had.
    messages: Option<usize>,
    /// The tokens that it brings, likewise.
    amount: Option<Amount>,
}

impl Inbox {
    /// Shows it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let progress = context.output.progress("reading what was sent", None);
        let waiting = context.with_wallet(async |live| {
            let chain = live.chain(self.chain.as_deref())?;
            let mut bundles = Vec::new();
            for (origin, cursor) in live.node.waiting(chain).await? {
                let bundle = sent(&live.node, chain, origin, cursor).await?;
                let (messages, amount) = (bundle.as_ref().map(|bundle| bundle.messages.len()), bundle.map(credit));
                bundles.push(WaitingBundle { origin, cursor, messages, amount });
                progress.advance(1);
            }
            Ok(Waiting { chain, bundles })
        })?;
        drop(progress);
        context.output.report(&waiting)
    }
}

/// The bundle that `origin` sent to `chain` at `cursor`.
async fn sent(node: &Node, chain: ChainId, origin: ChainId, cursor: Cursor) -> Result<Option<Bundle>, CliError> {
    let Some(certified) = node.certified(origin, cursor.height).await? else { return Ok(None) };
    let bundles = certified.block.bundles().into_iter();
    Ok(bundles.filter(|(to, bundle)| *to == chain && bundle.cursor == cursor).map(|(_, bundle)| bundle).next())
}

/// The tokens that a bundle brings, as far as numbers go.
fn credit(bundle: Bundle) -> Amount {
    let amounts = bundle.messages.iter().map(|message| message.value().0);
    Amount(amounts.fold(0, u128::saturating_add))
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.bundles.is_empty() {
            return write!(f, "Nothing waits for {}", human::short(self.chain));
        }
        let columns =
            [Column::Left("from"), Column::Right("block"), Column::Right("messages"), Column::Right("tokens")];
        let mut table = Table::new(columns);
        for bundle in &self.bundles {
            let unknown = || "?".to_owned();
            table.row([
                human::short(bundle.origin),
                bundle.cursor.height.to_string(),
                bundle.messages.map_or_else(unknown, |messages| messages.to_string()),
                bundle.amount.map_or_else(unknown, human::amount),
            ]);
        }
        write!(f, "{table}\ntake it in with: myceline sync")
    }
}
