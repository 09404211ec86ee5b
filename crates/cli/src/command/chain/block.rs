//! `myceline chain block`: a certified block, what it does and what makes it final.

use crate::{
    CliError, Code, Context,
    output::{Table, human, style, table::Column},
};
use myceline_types::{
    BlockHash, BlockHeight, CertifiedBlock, ChainId, MessageContent, Operation, SystemMessage, Transaction,
};
use serde::Serialize;
use std::fmt;

/// Show a certified block of a chain
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline chain block                        the last one of the default chain
  myceline chain block 0 --chain savings      the first one of another
  myceline --json chain block 3 | jq .        all of it, certificate included")]
pub struct Block {
    /// Its height [default: the last block]
    height: Option<u64>,
    /// The chain [default: the wallet's default chain]
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
}

/// A block with its name.
#[derive(Serialize)]
struct Shown {
    chain: ChainId,
    height: BlockHeight,
    hash: BlockHash,
    #[serde(flatten)]
    certified: CertifiedBlock,
}

impl Block {
    /// Shows it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let shown = context.with_wallet(async |live| {
            let chain = live.chain(self.chain.as_deref())?;
            let next = live.node.sync(chain).await?.next;
            let height = self.height.map(BlockHeight).or(next.previous());
            let certified = match height {
                Some(height) => live.node.block(chain, height).await?,
                None => None,
            };
            let none =
                || CliError::new(Code::NotFound, format_args!("the chain has the blocks below height {next} only"));
            let certified = certified.ok_or_else(none)?;
            let (height, hash) = (certified.block.proposed.height, certified.certificate.block);
            Ok(Shown { chain, height, hash, certified })
        })?;
        context.output.report(&shown)
    }
}

impl fmt::Display for Shown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let CertifiedBlock { block, certificate } = &self.certified;
        writeln!(f, "Block {} of chain {}", style::strong(self.height), human::short(self.chain))?;
        writeln!(f, "name         {}", self.hash)?;
        if let Some(author) = block.proposed.author {
            writeln!(f, "author       {author}")?;
        }
        let signers: Vec<String> = certificate.signers.iter().map(|signer| signer.to_string()).collect();
        writeln!(f, "certificate  of round {}, signed by validators {}", certificate.round, signers.join(", "))?;
        writeln!(f, "state        {}\n", block.outcome.state)?;
        let mut table = Table::new([Column::Right("#"), Column::Left("transaction")]);
        for (index, transaction) in block.proposed.transactions.iter().enumerate() {
            table.row([index.to_string(), sentence(transaction)]);
        }
        write!(f, "{table}")
    }
}

/// A transaction in a few words.
fn sentence(transaction: &Transaction) -> String {
    match transaction {
        Transaction::Execute(operation) => operation_words(operation),
        Transaction::Receive(incoming) => {
            let from = format!("{} from block {}", human::short(incoming.origin), incoming.bundle.cursor.height);
            let contents = incoming.bundle.messages.iter().map(|message| message_words(&message.content));
            format!("receives {} of {from}", contents.collect::<Vec<_>>().join(", "))
        }
        Transaction::Skip { origin, up_to } => format!("skips what {} sent up to {up_to}", human::short(origin)),
    }
}

fn operation_words(operation: &Operation) -> String {
    match operation {
        Operation::Transfer { to, amount, .. } => format!("sends {} tokens to {to}", human::amount(*amount)),
        Operation::Approve { spender, amount } => format!("lets {spender} spend {}", human::amount(*amount)),
        Operation::TransferFrom { owner, to, amount } => {
            format!("sends {} tokens of {owner} to {to}", human::amount(*amount))
        }
        Operation::Claim { chain, to, amount } => {
            format!("claims {} tokens on {} for {to}", human::amount(*amount), human::short(chain))
        }
        Operation::OpenChain(config) => format!("opens a chain with {} tokens", human::amount(config.balance)),
        Operation::CloseChain => "closes the chain".into(),
        Operation::ChangeOwnership(_) => "changes the ownership".into(),
        Operation::ChangePermissions(_) => "changes the permissions".into(),
        Operation::PublishBlob(blob) => format!("publishes blob {blob}"),
        Operation::PublishModule(module) => format!("publishes the module of contract {}", module.contract),
        Operation::CreateApplication { module, .. } => {
            format!("creates an application of the module of contract {}", module.contract)
        }
        Operation::UpdateStream { application, update } => {
            format!("shows application {application} the events {} to {}", update.first, update.next.saturating_sub(1))
        }
        Operation::Epoch(_) => "changes or follows the committee".into(),
        Operation::Application { id, .. } => format!("calls application {id}"),
    }
}

fn message_words(content: &MessageContent) -> String {
    match content {
        MessageContent::System(SystemMessage::Credit { amount, .. }) => format!("{} tokens", human::amount(*amount)),
        MessageContent::System(SystemMessage::Withdraw { amount, .. }) => {
            format!("a claim of {} tokens", human::amount(*amount))
        }
        MessageContent::Application { id, .. } => format!("a message to application {id}"),
    }
}
