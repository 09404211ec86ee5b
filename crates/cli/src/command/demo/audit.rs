//! Somebody without a key and without a past reads every chain from its first block, executes all of it, and counts.

use super::{cast::Narrator, device::Device, troupe::Troupe};
use crate::{
    CliError, Code,
    live::{network_of, peers_of},
    output::human,
    timeline::DemoEvent,
};
use myceline_client::{Client, MemorySigner, Options};
use myceline_rpc::GrpcPeer;
use myceline_storage::Memory;
use myceline_types::{Amount, ChainId, Holder};

/// What was counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Audit {
    /// All tokens that there are.
    pub(super) supply: Amount,
    /// Blocks that were executed again.
    pub(super) blocks: u64,
}

/// Reads the chains of these wallets, and fails unless everybody agrees and nothing is lost.
pub(super) async fn audit(troupe: &Troupe, narrator: &Narrator, wallets: [&Device; 2]) -> Result<Audit, CliError> {
    let genesis = &troupe.plan().genesis;
    let (nobody, store) = (MemorySigner::from_iter([]), Memory::new());
    let stranger = Client::open(network_of(genesis)?, store, peers_of(genesis)?, nobody, Options::default())
        .map_err(|error| CliError::telling(Code::General, &error))?;
    let (mut balances, mut blocks) = (Vec::new(), 0);
    for wallet in wallets {
        let (balance, height) = read(&stranger, troupe, wallet.chain).await?;
        if wallet.balance().await? != balance {
            return Err(CliError::new(Code::General, format_args!("{}'s wallet shows another balance", wallet.wallet)));
        }
        balances.push(balance);
        blocks += height;
    }
    let found = Amount::checked_sum(balances);
    let Some(supply) = found.filter(|found| genesis.supply() == Some(*found)) else {
        let words = |amount: Option<Amount>| amount.map_or("more than can be counted".into(), human::amount);
        let (found, supply) = (words(found), words(genesis.supply()));
        return Err(CliError::new(Code::General, format_args!("{found} tokens were found, and there are {supply}")));
    };
    narrator.stage.show(DemoEvent::Conserved { supply, blocks, chains: wallets.len() });
    Ok(Audit { supply, blocks })
}

/// What is on a chain, and its height, as all four validators have it.
async fn read(
    stranger: &Client<Memory, GrpcPeer, MemorySigner>,
    troupe: &Troupe,
    chain: ChainId,
) -> Result<(Amount, u64), CliError> {
    stranger.sync(chain).await?;
    let look = stranger.look(chain, |work| Ok((*work.tip(), work.balance(&Holder::Chain)?)));
    let (tip, balance) = look.await?;
    let last = tip.block.ok_or_else(|| CliError::new(Code::General, "a chain has no blocks"))?;
    troupe.agree(chain, tip.next, last).await?;
    Ok((balance, tip.next.0))
}
