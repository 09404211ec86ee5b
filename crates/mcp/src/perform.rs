//! Requests carried out by the wallet's node.

use crate::{
    answer,
    call::{Errand, Request, What},
    interface::Interface,
};
use myceline_sdk::describe::Description;
use myceline_service::{
    Code, Failure, Node,
    call::{Answer, KnownChain, Made},
    describe::{bytes_of, json_of},
};
use myceline_types::{ApplicationId, BlockHeight, ChainId, Operation, Transaction};
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Carries requests out.
#[derive(Debug)]
pub(crate) struct Performer {
    node: Node,
    /// The chain that is meant where none is named.
    default: ChainId,
    /// What the types of applications look like, where they say so.
    types: BTreeMap<ApplicationId, Description>,
}

impl Performer {
    pub(crate) fn new(node: Node, default: ChainId, interfaces: &[Interface]) -> Performer {
        let types = interfaces.iter().filter_map(|one| Some((one.id, one.types.clone()?))).collect();
        Performer { node, default, types }
    }

    /// Carries a request out.
    pub(crate) async fn perform(&self, request: Request) -> Result<Value, Failure> {
        let chain = match &request.chain {
            Some(named) => self.find(named).await?,
            None => self.default,
        };
        match request.what {
            What::Ask { application, query, field } => {
                read_once(&self.node, chain).await?;
                let asked = self.node.query(chain, application, query).await?;
                self.answered(chain, application, asked, (field, request.may_change)).await
            }
            What::Operate { application, operation } => {
                let types = self.types.get(&application).ok_or_else(|| {
                    Failure::new(Code::NotFound, "the application does not say what its operations look like")
                })?;
                let bytes = bytes_of(types, &types.operation, &operation, "operation")?;
                let made = self.make(chain, vec![Operation::Application { id: application, bytes }]).await?;
                Ok(answer::made(Value::Null, self.responses(application, &made), &made))
            }
            What::Wallet(errand) => self.run(chain, errand).await,
        }
    }

    /// What an application answered, and the block that it wanted.
    async fn answered(
        &self,
        chain: ChainId,
        id: ApplicationId,
        Answer { answer, scheduled }: Answer,
        (field, may_change): (Option<String>, bool),
    ) -> Result<Value, Failure> {
        let said = serde_json::from_slice(&answer.0).map_err(|error| {
            Failure::new(Code::General, "the application answers with something that is not JSON").because(&error)
        })?;
        let said = answer::data(said, field.as_deref())?;
        if scheduled.is_empty() {
            return Ok(json!({ "result": said }));
        }
        if !may_change {
            return Err(Failure::new(Code::ReadOnly, "this would make a block, and the tool only reads"));
        }
        let operations = scheduled.into_iter().map(|bytes| Operation::Application { id, bytes });
        let made = self.make(chain, operations.collect()).await?;
        Ok(answer::made(said, self.responses(id, &made), &made))
    }

    /// Makes a block, and has all validators see it: what it sent is then on its way, whatever becomes of this process.
    async fn make(&self, chain: ChainId, operations: Vec<Operation>) -> Result<Made, Failure> {
        read_once(&self.node, chain).await?;
        let transactions = operations.into_iter().map(Transaction::Execute).collect();
        let made = self.node.submit(chain, transactions, Vec::new()).await?;
        self.node.deliver(chain).await?;
        Ok(made)
    }

    fn responses(&self, application: ApplicationId, made: &Made) -> Vec<Value> {
        let types = self.types.get(&application);
        let response = |bytes: &[u8]| match types {
            Some(types) => json_of(types, &types.response, bytes),
            None => Value::Null,
        };
        made.results.iter().map(|result| response(&result.0)).collect()
    }

    async fn run(&self, chain: ChainId, errand: Errand) -> Result<Value, Failure> {
        let node = &self.node;
        match errand {
            Errand::Chains => Ok(json!({ "chains": self.chains().await? })),
            Errand::Balance(holder) => {
                read_once(&self.node, chain).await?;
                let balance = node.balance(chain, holder).await?;
                Ok(json!({ "chain": chain, "holder": holder, "balance": balance }))
            }
            Errand::Applications { after, limit } => {
                read_once(&self.node, chain).await?;
                let applications = node.applications(chain, after, limit).await?;
                Ok(json!({ "chain": chain, "applications": applications }))
            }
            Errand::Inbox => {
                let waiting = node.waiting(chain).await?;
                let bundle = |(origin, cursor): (ChainId, myceline_types::Cursor)| json!({ "origin": origin, "height": cursor.height, "transaction": cursor.transaction });
                Ok(json!({ "chain": chain, "bundles": waiting.into_iter().map(bundle).collect::<Value>() }))
            }
            Errand::Block(height) => self.block(chain, height).await,
            Errand::Sync => {
                let synced = node.sync(chain).await?;
                Ok(json!({ "chain": chain, "next_height": synced.next, "is_current": synced.is_current }))
            }
            Errand::Receive => {
                node.sync(chain).await?;
                let blocks = node.receive(chain).await?;
                node.deliver(chain).await?;
                Ok(json!({ "chain": chain, "blocks": blocks }))
            }
            Errand::Transfer { from, to, amount } => {
                let made = self.make(chain, vec![Operation::Transfer { from, to, amount }]).await?;
                Ok(json!({ "block": answer::block(&made) }))
            }
        }
    }

    async fn chains(&self) -> Result<Vec<Value>, Failure> {
        let chain = |known: KnownChain| {
            let KnownChain { chain, name, owner, .. } = known;
            json!({ "chain": chain, "name": name, "owner": owner, "is_default": chain == self.default })
        };
        Ok(self.node.known().await?.into_iter().map(chain).collect())
    }

    async fn block(&self, chain: ChainId, height: Option<BlockHeight>) -> Result<Value, Failure> {
        read_once(&self.node, chain).await?;
        let none = || Failure::new(Code::NotFound, "the chain has no such block, as far as it was read here");
        let height = match height {
            Some(height) => height,
            None => self.node.next_height(chain).await?.previous().ok_or_else(none)?,
        };
        let block = self.node.certified(chain, height).await?.ok_or_else(none)?;
        Ok(json!({ "chain": chain, "height": height, "hash": block.certificate.block, "block": told(&block.block)? }))
    }

    /// The chain that a caller means.
    async fn find(&self, named: &str) -> Result<ChainId, Failure> {
        let known = self.node.known().await?;
        if let Some(known) = known.iter().find(|known| known.name.as_deref() == Some(named)) {
            return Ok(known.chain);
        }
        let unknown =
            |_| Failure::new(Code::NotFound, format_args!("the wallet has no chain {named:?}, and it is no id"));
        named.parse().map_err(unknown)
    }
}

/// A chain that was never read here is read first.
pub(crate) async fn read_once(node: &Node, chain: ChainId) -> Result<(), Failure> {
    match node.chain(chain).await {
        Err(failure) if failure.code == Code::NotFound => node.sync(chain).await.map(drop),
        view => view.map(drop),
    }
}

fn told(value: &impl Serialize) -> Result<Value, Failure> {
    serde_json::to_value(value).map_err(|error| Failure::telling(Code::General, &error))
}
