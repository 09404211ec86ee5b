//! A chain as it is known here.

use super::{Shared, block::BlockView, shared};
use crate::{call::ChainView, failure::Failure};
use async_graphql::{ComplexObject, Context, Enum, Object, SimpleObject};
use myceline_types::{
    Amount, ApplicationId, BlockHash, BlockHeight, ChainId, Cursor, Holder, Leaders, Owner, Ownership, Permissions,
    Timestamp,
};

/// Blocks told at once.
const BLOCKS_MAX: u32 = 100;

/// A chain. What is told is what this node has seen; sync brings it up to date.
pub(crate) struct Chain(pub(crate) ChainId);

/// Where a chain stands.
#[derive(SimpleObject)]
struct Tip {
    /// How many blocks it has: the height of the next one.
    next_height: BlockHeight,
    /// The last block, if there is one.
    hash: Option<BlockHash>,
    /// The time of the last block.
    timestamp: Timestamp,
}

/// Who leads the rounds of a chain.
#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum LedBy {
    /// Its owners.
    Owners,
    /// The validators: a public chain.
    Validators,
}

/// Who may propose blocks.
#[derive(SimpleObject)]
struct OwnershipView {
    /// Who leads.
    led_by: LedBy,
    /// Owners who may use the fast round.
    fast_owners: Vec<Owner>,
    /// Owners with their weights.
    owners: Vec<WeightedOwner>,
    /// Rounds in which any owner may propose, before they take turns.
    multi_leader_rounds: u32,
    /// Whether anybody at all may propose in those rounds.
    open_multi_leader: bool,
    /// How long a round lasts, in microseconds.
    timeout_us: u64,
    /// By how much rounds in which owners take turns get longer.
    growth_percent: u32,
}

/// An owner with a weight.
#[derive(SimpleObject)]
struct WeightedOwner {
    /// Who.
    owner: Owner,
    /// How often they lead where owners take turns.
    weight: u64,
}

/// What applications may do on a chain.
#[derive(SimpleObject)]
struct PermissionsView {
    /// Where given, only operations of these are allowed.
    operations: Option<Vec<ApplicationId>>,
    /// Every block has something of each of these.
    mandatory: Vec<ApplicationId>,
    /// These may close the chain and change its ownership and permissions.
    manage_chain: Vec<ApplicationId>,
    /// Where given, only these may ask oracles.
    oracles: Option<Vec<ApplicationId>>,
}

/// A bundle of messages that waits for a chain.
#[derive(SimpleObject)]
#[graphql(complex)]
struct WaitingBundle {
    /// The chain that sent it.
    origin: ChainId,
    /// The block that did.
    height: BlockHeight,
    /// The transaction of that block.
    transaction: u32,
    #[graphql(skip)]
    chain: ChainId,
    #[graphql(skip)]
    cursor: Cursor,
}

#[Object]
impl Chain {
    /// Its id.
    async fn chain_id(&self) -> ChainId {
        self.0
    }

    /// Where it stands.
    async fn tip(&self, context: &Context<'_>) -> Result<Tip, Failure> {
        let ChainView { next, tip, timestamp, .. } = self.view(context).await?;
        Ok(Tip { next_height: next, hash: tip, timestamp })
    }

    /// What is in an account of it: the chain's own where none is named.
    async fn balance(&self, context: &Context<'_>, holder: Option<Holder>) -> Result<Amount, Failure> {
        self.view(context).await?;
        shared(context).node.balance(self.0, holder.unwrap_or(Holder::Chain)).await
    }

    /// What an owner lets a spender spend.
    async fn allowance(&self, context: &Context<'_>, owner: Owner, spender: Owner) -> Result<Amount, Failure> {
        shared(context).node.allowance(self.0, owner, spender).await
    }

    /// Who may propose blocks.
    async fn ownership(&self, context: &Context<'_>) -> Result<OwnershipView, Failure> {
        Ok(self.view(context).await?.ownership.into())
    }

    /// What applications may do.
    async fn permissions(&self, context: &Context<'_>) -> Result<PermissionsView, Failure> {
        let Permissions { operations, mandatory, manage_chain, oracles } = self.view(context).await?.permissions;
        Ok(PermissionsView { operations, mandatory, manage_chain, oracles })
    }

    /// Whether it is closed: it then only sends back what others still send to it.
    async fn is_closed(&self, context: &Context<'_>) -> Result<bool, Failure> {
        Ok(self.view(context).await?.is_closed)
    }

    /// The applications that keep something here, in the order of their ids.
    async fn applications(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Only those after this one")] after: Option<ApplicationId>,
        #[graphql(desc = "At most so many", default = 100)] limit: u32,
    ) -> Result<Vec<ApplicationId>, Failure> {
        shared(context).node.applications(self.0, after, limit).await
    }

    /// What waits to be received.
    async fn inbox(&self, context: &Context<'_>) -> Result<Vec<WaitingBundle>, Failure> {
        let waiting = shared(context).node.waiting(self.0).await?;
        let bundle = |(origin, cursor): (ChainId, Cursor)| WaitingBundle {
            origin,
            height: cursor.height,
            transaction: cursor.transaction,
            chain: self.0,
            cursor,
        };
        Ok(waiting.into_iter().map(bundle).collect())
    }

    /// A certified block: the last one where no height is given.
    async fn block(&self, context: &Context<'_>, height: Option<BlockHeight>) -> Result<Option<BlockView>, Failure> {
        Ok(blocks(shared(context), self.0, height, 1).await?.pop())
    }

    /// Its certified blocks from a height downwards, the newest first.
    async fn blocks(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The first one told; the last one of the chain where none is named")] from: Option<
            BlockHeight,
        >,
        #[graphql(desc = "At most so many, and at most 100", default = 10)] limit: u32,
    ) -> Result<Vec<BlockView>, Failure> {
        blocks(shared(context), self.0, from, limit).await
    }
}

impl Chain {
    /// Where it stands; a chain that was never read here is read first.
    async fn view(&self, context: &Context<'_>) -> Result<ChainView, Failure> {
        shared(context).node.read_chain(self.0).await
    }
}

#[ComplexObject]
impl WaitingBundle {
    /// The tokens that it brings, where the block that sent it can be had.
    async fn amount(&self, context: &Context<'_>) -> Result<Option<Amount>, Failure> {
        let Some(sent) = shared(context).node.certified(self.origin, self.height).await? else { return Ok(None) };
        let mut bundles = sent.block.bundles().into_iter();
        let bundle = bundles.find(|(to, bundle)| *to == self.chain && bundle.cursor == self.cursor);
        let values = |bundle: myceline_types::Bundle| {
            bundle.messages.iter().map(|message| message.value().0).fold(0, u128::saturating_add)
        };
        Ok(bundle.map(|(_, bundle)| Amount(values(bundle))))
    }
}

/// Certified blocks from a height downwards.
pub(super) async fn blocks(
    shared: &Shared,
    chain: ChainId,
    from: Option<BlockHeight>,
    limit: u32,
) -> Result<Vec<BlockView>, Failure> {
    let mut height = match from {
        Some(height) => Some(height),
        None => shared.node.next_height(chain).await?.previous(),
    };
    let mut blocks = Vec::new();
    for _ in 0..limit.min(BLOCKS_MAX) {
        let Some(this) = height else { break };
        let Some(block) = shared.node.certified(chain, this).await? else { break };
        blocks.push(BlockView(block));
        height = this.previous();
    }
    Ok(blocks)
}

impl From<Ownership> for OwnershipView {
    fn from(ownership: Ownership) -> OwnershipView {
        let Ownership { leaders, timeouts } = ownership;
        let (led_by, owners) = match leaders {
            Leaders::Owners(owners) => (LedBy::Owners, owners),
            Leaders::Validators => (LedBy::Validators, Default::default()),
        };
        let weighted = |(owner, weight)| WeightedOwner { owner, weight };
        OwnershipView {
            led_by,
            fast_owners: owners.fast.into_iter().collect(),
            owners: owners.regular.into_iter().map(weighted).collect(),
            multi_leader_rounds: owners.multi_leader_rounds,
            open_multi_leader: owners.open_multi_leader,
            timeout_us: timeouts.base.0,
            growth_percent: timeouts.growth_percent,
        }
    }
}
