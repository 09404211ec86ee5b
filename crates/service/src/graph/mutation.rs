//! What can be done. Each mutation makes a block, waits until it is final, and answers with it and with what it made.

use super::{
    input::{OwnershipInput, PermissionsInput},
    parse, shared,
};
use crate::{
    call::{KnownChain, Made},
    code::Code,
    describe::{bytes_of, json_of},
    failure::Failure,
    node::Node,
};
use async_graphql::{Context, Json, Object, SimpleObject};
use myceline_types::{
    Account, Amount, ApplicationId, Blob, BlobKind, BlockHash, BlockHeight, ChainConfig, ChainId, Holder, ModuleId,
    Opaque, Operation, Owner, Ownership, Permissions, Transaction, encoding,
};
use serde_json::Value;

/// Makes blocks of the wallet's chains.
pub(crate) struct MutationRoot;

/// A block that was made.
#[derive(SimpleObject)]
struct MadeBlock {
    /// On which chain.
    chain_id: ChainId,
    /// At which height.
    height: BlockHeight,
    /// Its name.
    hash: BlockHash,
    /// Milliseconds until it was executed here.
    preconfirmed_ms: f64,
    /// Milliseconds until it was final.
    final_ms: Option<f64>,
}

/// A chain that was opened.
#[derive(SimpleObject)]
struct OpenedChain {
    /// The new chain.
    chain_id: ChainId,
    /// The block that opened it.
    block: MadeBlock,
}

/// Data that was published.
#[derive(SimpleObject)]
struct PublishedBlob {
    /// Its name.
    blob_id: String,
    /// The block that published it.
    block: MadeBlock,
}

/// Code that was published.
#[derive(SimpleObject)]
struct PublishedModule {
    /// Its name, as createApplication takes it.
    module_id: String,
    /// The block that published it.
    block: MadeBlock,
}

/// An application that was created.
#[derive(SimpleObject)]
struct CreatedApplication {
    /// Its id.
    application_id: ApplicationId,
    /// Where to ask it, below this service's address.
    path: String,
    /// The block that created it.
    block: MadeBlock,
}

/// What a contract was asked to do, and did.
#[derive(SimpleObject)]
struct Called {
    /// What it returned.
    response: Json<Value>,
    /// The block in which it did it.
    block: MadeBlock,
}

/// Where a chain stands.
#[derive(SimpleObject)]
struct SyncedChain {
    /// How many blocks it has: the height of the next one.
    next_height: BlockHeight,
    /// Whether enough validators say that there is no later block.
    is_current: bool,
}

#[Object]
impl MutationRoot {
    /// Brings a chain up to date, and finishes what was begun on it before.
    async fn sync(&self, context: &Context<'_>, chain_id: ChainId) -> Result<SyncedChain, Failure> {
        let synced = shared(context).node.sync(chain_id).await?;
        Ok(SyncedChain { next_height: synced.next, is_current: synced.is_current })
    }

    /// Takes in what waits for a chain. Answers the heights of the blocks that this took.
    async fn process_inbox(&self, context: &Context<'_>, chain_id: ChainId) -> Result<Vec<BlockHeight>, Failure> {
        writable(context)?.receive(chain_id).await
    }

    /// Sends tokens.
    #[graphql(name = "transfer")]
    async fn transfer(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The chain that sends")] chain_id: ChainId,
        #[graphql(desc = "Whose account on it pays: the chain's own where none is named")] holder: Option<Holder>,
        #[graphql(desc = "Who gets them: a chain's id, or CHAIN/OWNER")] recipient: Account,
        amount: Amount,
    ) -> Result<MadeBlock, Failure> {
        let from = holder.unwrap_or(Holder::Chain);
        execute(context, chain_id, Operation::Transfer { from, to: recipient, amount }).await
    }

    /// Sends tokens out of an account whose owner allows that.
    async fn transfer_from(
        &self,
        context: &Context<'_>,
        chain_id: ChainId,
        #[graphql(desc = "Whose account pays")] owner: Owner,
        recipient: Account,
        amount: Amount,
    ) -> Result<MadeBlock, Failure> {
        execute(context, chain_id, Operation::TransferFrom { owner, to: recipient, amount }).await
    }

    /// Lets somebody spend from the account of the owner who signs. A new allowance replaces the old one; zero ends it.
    async fn approve(
        &self,
        context: &Context<'_>,
        chain_id: ChainId,
        spender: Owner,
        amount: Amount,
    ) -> Result<MadeBlock, Failure> {
        execute(context, chain_id, Operation::Approve { spender, amount }).await
    }

    /// Asks another chain to pay out of the account that the signing owner has there.
    async fn claim(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The chain that asks")] chain_id: ChainId,
        #[graphql(desc = "The chain with the account")] from: ChainId,
        #[graphql(desc = "Who gets the tokens: the chain that asks where none is named")] recipient: Option<Account>,
        amount: Amount,
    ) -> Result<MadeBlock, Failure> {
        let to = recipient.unwrap_or(Account::of_chain(chain_id));
        execute(context, chain_id, Operation::Claim { chain: from, to, amount }).await
    }

    /// Opens a chain of one owner, with a fast round.
    async fn open_chain(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The chain that opens it")] chain_id: ChainId,
        #[graphql(desc = "Whose it is")] owner: Owner,
        #[graphql(desc = "The tokens that it starts with")] balance: Option<Amount>,
        #[graphql(desc = "What the wallet calls it, if it has the owner's key")] name: Option<String>,
    ) -> Result<OpenedChain, Failure> {
        open(context, chain_id, Ownership::single_fast(owner), Permissions::default(), balance, name).await
    }

    /// Opens a chain of several owners, or one that the validators lead.
    async fn open_multi_owner_chain(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The chain that opens it")] chain_id: ChainId,
        ownership: OwnershipInput,
        permissions: Option<PermissionsInput>,
        #[graphql(desc = "The tokens that it starts with")] balance: Option<Amount>,
        #[graphql(desc = "What the wallet calls it, if it has an owner's key")] name: Option<String>,
    ) -> Result<OpenedChain, Failure> {
        let permissions = permissions.map(Permissions::from).unwrap_or_default();
        open(context, chain_id, ownership.ownership()?, permissions, balance, name).await
    }

    /// Closes a chain for ever. Tokens that stay on it are lost: they are refused unless loseTokens says so.
    async fn close_chain(
        &self,
        context: &Context<'_>,
        chain_id: ChainId,
        #[graphql(default)] lose_tokens: bool,
    ) -> Result<MadeBlock, Failure> {
        let left = writable(context)?.balance(chain_id, Holder::Chain).await?;
        if !left.is_zero() && !lose_tokens {
            return Err(Failure::new(Code::Usage, format_args!("{left} tokens on the chain would be lost"))
                .hint("transfer them first, or say loseTokens: true"));
        }
        execute(context, chain_id, Operation::CloseChain).await
    }

    /// Replaces all that says who may propose on a chain, from the next block on.
    async fn change_ownership(
        &self,
        context: &Context<'_>,
        chain_id: ChainId,
        ownership: OwnershipInput,
        #[graphql(desc = "Go on although no key of this wallet could propose any more", default)] give_away: bool,
    ) -> Result<MadeBlock, Failure> {
        let (node, ownership) = (writable(context)?, ownership.ownership()?);
        let owner = own_key(node, &ownership).await?;
        if owner.is_none() && !give_away {
            return Err(Failure::new(Code::Usage, "no key of this wallet could propose on the chain any more")
                .hint("say giveAway: true, if that is what you want"));
        }
        let made = execute(context, chain_id, Operation::ChangeOwnership(Box::new(ownership))).await?;
        let before = node.known().await?.into_iter().find(|known| known.chain == chain_id);
        node.keep(KnownChain { chain: chain_id, name: before.and_then(|known| known.name), owner, is_default: false })
            .await?;
        Ok(made)
    }

    /// Replaces all that says what applications may do on a chain.
    async fn change_application_permissions(
        &self,
        context: &Context<'_>,
        chain_id: ChainId,
        permissions: PermissionsInput,
    ) -> Result<MadeBlock, Failure> {
        execute(context, chain_id, Operation::ChangePermissions(permissions.into())).await
    }

    /// Publishes data for all chains, under a name that is its hash.
    async fn publish_data_blob(
        &self,
        context: &Context<'_>,
        chain_id: ChainId,
        bytes: Opaque,
    ) -> Result<PublishedBlob, Failure> {
        let blob = Blob::data(bytes.0);
        let id = blob.id();
        let made = publish(context, chain_id, Operation::PublishBlob(id), vec![blob]).await?;
        Ok(PublishedBlob { blob_id: id.to_string(), block: made.into() })
    }

    /// Publishes the code of a contract and its service. What cannot run everywhere alike is refused, with the reason.
    async fn publish_module(
        &self,
        context: &Context<'_>,
        chain_id: ChainId,
        #[graphql(desc = "The contract's Wasm")] contract: Opaque,
        #[graphql(desc = "The service's Wasm")] service: Opaque,
    ) -> Result<PublishedModule, Failure> {
        let contract = Blob { kind: BlobKind::Contract, bytes: contract };
        let service = Blob { kind: BlobKind::Service, bytes: service };
        let module = ModuleId { contract: contract.id().hash, service: service.id().hash };
        let made = publish(context, chain_id, Operation::PublishModule(module), vec![contract, service]).await?;
        Ok(PublishedModule { module_id: module.to_string(), block: made.into() })
    }

    /// Creates an application of a published module.
    async fn create_application(
        &self,
        context: &Context<'_>,
        chain_id: ChainId,
        #[graphql(desc = "The module, as publishModule said")] module_id: String,
        #[graphql(desc = "What its instances see on every chain")] parameters: Option<Json<Value>>,
        #[graphql(desc = "What only its beginning on this chain sees")] argument: Option<Json<Value>>,
    ) -> Result<CreatedApplication, Failure> {
        let module: ModuleId = parse(&module_id)?;
        let types = shared(context).describer.module(module).await?;
        let value = |json: Option<Json<Value>>| json.map_or(Value::Null, |Json(value)| value);
        let create = Operation::CreateApplication {
            module,
            parameters: bytes_of(&types, &types.parameters, &value(parameters), "parameters")?,
            argument: bytes_of(&types, &types.argument, &value(argument), "argument")?,
        };
        let made = writable(context)?.execute(chain_id, create).await?;
        let id = made.results.first().and_then(|result| encoding::from_bytes(&result.0).ok());
        let application_id: ApplicationId =
            id.ok_or_else(|| Failure::new(Code::General, "the block does not name what it created"))?;
        let path = format!("/chains/{chain_id}/applications/{application_id}");
        Ok(CreatedApplication { application_id, path, block: made.into() })
    }

    /// Has a contract do something. Its GraphQL mutations, at the application's own address, do the same.
    async fn call_application(
        &self,
        context: &Context<'_>,
        chain_id: ChainId,
        application_id: ApplicationId,
        #[graphql(desc = "JSON of the type that the application declares")] operation: Json<Value>,
    ) -> Result<Called, Failure> {
        let types = shared(context).describer.application(application_id).await?;
        let bytes = bytes_of(&types, &types.operation, &operation.0, "operation")?;
        let operation = Operation::Application { id: application_id, bytes };
        let made = writable(context)?.execute(chain_id, operation).await?;
        let response = made.results.first().map_or(Value::Null, |result| json_of(&types, &types.response, &result.0));
        Ok(Called { response: Json(response), block: made.into() })
    }

    /// Follows a chain: it is kept in the wallet, and read as it grows.
    async fn follow_chain(
        &self,
        context: &Context<'_>,
        chain_id: ChainId,
        #[graphql(desc = "What the wallet calls it")] name: Option<String>,
    ) -> Result<SyncedChain, Failure> {
        let node = writable(context)?;
        let synced = node.sync(chain_id).await?;
        let owner = own_key(node, &node.chain(chain_id).await?.ownership).await?;
        node.keep(KnownChain { chain: chain_id, name, owner, is_default: false }).await?;
        Ok(SyncedChain { next_height: synced.next, is_current: synced.is_current })
    }
}

/// The node, where blocks may be made.
fn writable<'a>(context: &Context<'a>) -> Result<&'a Node, Failure> {
    let shared = shared(context);
    shared.check_writable()?;
    Ok(&shared.node)
}

async fn execute(context: &Context<'_>, chain: ChainId, operation: Operation) -> Result<MadeBlock, Failure> {
    Ok(writable(context)?.execute(chain, operation).await?.into())
}

async fn publish(
    context: &Context<'_>,
    chain: ChainId,
    operation: Operation,
    blobs: Vec<Blob>,
) -> Result<Made, Failure> {
    let node = writable(context)?;
    let made = node.submit(chain, vec![Transaction::Execute(operation)], blobs).await?;
    // Blobs are read from validators, and whoever published one may want it at once.
    node.deliver(chain).await?;
    Ok(made)
}

async fn open(
    context: &Context<'_>,
    chain: ChainId,
    ownership: Ownership,
    permissions: Permissions,
    balance: Option<Amount>,
    name: Option<String>,
) -> Result<OpenedChain, Failure> {
    let node = writable(context)?;
    let owner = own_key(node, &ownership).await?;
    let config = ChainConfig { ownership, permissions, balance: balance.unwrap_or_default() };
    let made = node.execute(chain, Operation::OpenChain(Box::new(config))).await?;
    let opened = made.opened.first().copied();
    let opened = opened.ok_or_else(|| Failure::new(Code::General, "the block does not name what it opened"))?;
    if owner.is_some() {
        node.keep(KnownChain { chain: opened, name, owner, is_default: false }).await?;
    }
    Ok(OpenedChain { chain_id: opened, block: made.into() })
}

/// The key of this wallet that may propose.
async fn own_key(node: &Node, ownership: &Ownership) -> Result<Option<Owner>, Failure> {
    let owners = node.owners().await?;
    Ok(ownership.all_owners().into_iter().find(|owner| owners.contains(owner)))
}

impl From<Made> for MadeBlock {
    fn from(made: Made) -> MadeBlock {
        let ms = |us: u64| std::time::Duration::from_micros(us).as_secs_f64() * 1_000.0;
        MadeBlock {
            chain_id: made.chain,
            height: made.height,
            hash: made.hash,
            preconfirmed_ms: ms(made.preconfirmed_us),
            final_ms: made.final_us.map(ms),
        }
    }
}
