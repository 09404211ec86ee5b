//! The handle through which everybody uses a wallet's node: commands, GraphQL and live queries alike. Whether the node is
//! in this process or in a service that runs, only the [`Carrier`] knows.

use crate::{
    call::{Answer, Call, ChainView, KnownChain, Made, Order, Outcome, Reply, Synced, Wait},
    code::Code,
    failure::Failure,
};
use futures_util::future::BoxFuture;
use myceline_client::{MessagePolicy, News, Proof, RequestId, StreamEvent};
use myceline_types::{
    Amount, ApplicationId, Blob, BlobId, BlockHeight, CertifiedBlock, ChainId, Cursor, Holder, List, Opaque, Operation,
    Owner, StreamId, Transaction,
};
use std::{collections::BTreeSet, fmt, sync::Arc};

/// Carries calls to a node.
pub trait Carrier: Send + Sync + 'static {
    /// Carries one call.
    fn carry(&self, call: Call) -> BoxFuture<'_, Outcome>;
}

/// A wallet's node. A value of this type is a handle.
#[derive(Clone)]
pub struct Node(Arc<dyn Carrier>);

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Node")
    }
}

/// Takes the one reply that fits a call.
macro_rules! reply {
    ($self:ident, $call:expr, $reply:path) => {
        match $self.0.carry($call).await? {
            $reply(value) => Ok(value),
            _ => Err(misfit()),
        }
    };
}

fn misfit() -> Failure {
    Failure::new(Code::General, "the reply does not fit the call: the service is of another version")
}

impl Node {
    /// A node that is reached so.
    pub fn new(carrier: impl Carrier) -> Node {
        Node(Arc::new(carrier))
    }

    /// A node that is reached so, by somebody who has other uses for the carrier.
    pub fn shared(carrier: Arc<impl Carrier>) -> Node {
        Node(carrier)
    }

    /// Carries a call from elsewhere.
    pub async fn carry(&self, call: Call) -> Outcome {
        self.0.carry(call).await
    }

    /// For whom there are keys.
    pub async fn owners(&self) -> Result<BTreeSet<Owner>, Failure> {
        reply!(self, Call::Owners, Reply::Owners)
    }

    /// The chains of the wallet.
    pub async fn known(&self) -> Result<Vec<KnownChain>, Failure> {
        reply!(self, Call::Known, Reply::Known)
    }

    /// Keeps a chain in the wallet, or says something new about it.
    pub async fn keep(&self, known: KnownChain) -> Result<(), Failure> {
        self.0.carry(Call::Keep(known)).await.map(drop)
    }

    /// Calls an application so in the wallet.
    pub async fn name_application(&self, name: String, application: ApplicationId) -> Result<(), Failure> {
        self.0.carry(Call::NameApplication(name, application)).await.map(drop)
    }

    /// From now on, this becomes of what others send to a chain of the wallet.
    pub async fn set_policy(&self, chain: ChainId, policy: MessagePolicy) -> Result<(), Failure> {
        self.0.carry(Call::SetPolicy(chain, Box::new(policy))).await.map(drop)
    }

    /// Brings a chain up to date.
    pub async fn sync(&self, chain: ChainId) -> Result<Synced, Failure> {
        reply!(self, Call::Sync(chain), Reply::Synced)
    }

    /// Takes in what waits for a chain. Gives the heights of the blocks that this took.
    pub async fn receive(&self, chain: ChainId) -> Result<Vec<BlockHeight>, Failure> {
        reply!(self, Call::Receive(chain), Reply::Blocks)
    }

    /// Shows a chain's last block to all validators.
    pub async fn deliver(&self, chain: ChainId) -> Result<(), Failure> {
        self.0.carry(Call::Deliver(chain)).await.map(drop)
    }

    /// Makes a block, and waits until it is final.
    pub async fn submit(
        &self,
        chain: ChainId,
        transactions: Vec<Transaction>,
        blobs: Vec<Blob>,
    ) -> Result<Made, Failure> {
        self.submit_and_wait(chain, transactions, blobs, Wait::Final).await
    }

    /// Makes a block, and waits as long as is wanted.
    pub async fn submit_and_wait(
        &self,
        chain: ChainId,
        transactions: Vec<Transaction>,
        blobs: Vec<Blob>,
        wait: Wait,
    ) -> Result<Made, Failure> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|error| Failure::telling(Code::General, &error))?;
        let order = Order { chain, request: RequestId(id), transactions, blobs, wait };
        reply!(self, Call::Submit(Box::new(order)), Reply::Made).map(|made| *made)
    }

    /// Makes a block of one operation, and waits until it is final.
    pub async fn execute(&self, chain: ChainId, operation: Operation) -> Result<Made, Failure> {
        self.submit(chain, vec![Transaction::Execute(operation)], Vec::new()).await
    }

    /// Where a chain stands, as it is known here.
    pub async fn chain(&self, chain: ChainId) -> Result<ChainView, Failure> {
        reply!(self, Call::Chain(chain), Reply::Chain).map(|view| *view)
    }

    /// Where a chain stands, as it is known here; one that was never read here is read first.
    pub async fn read_chain(&self, chain: ChainId) -> Result<ChainView, Failure> {
        match self.chain(chain).await {
            Err(failure) if failure.code == Code::NotFound => {
                self.sync(chain).await?;
                self.chain(chain).await
            }
            view => view,
        }
    }

    /// The next height of a chain, as it is known here.
    pub async fn next_height(&self, chain: ChainId) -> Result<BlockHeight, Failure> {
        Ok(self.chain(chain).await?.next)
    }

    /// What is in an account, as it is known here.
    pub async fn balance(&self, chain: ChainId, holder: Holder) -> Result<Amount, Failure> {
        reply!(self, Call::Balance(chain, holder), Reply::Amount)
    }

    /// What an owner lets a spender spend, as it is known here.
    pub async fn allowance(&self, chain: ChainId, owner: Owner, spender: Owner) -> Result<Amount, Failure> {
        reply!(self, Call::Allowance { chain, owner, spender }, Reply::Amount)
    }

    /// The applications that keep something on a chain.
    pub async fn applications(
        &self,
        chain: ChainId,
        after: Option<ApplicationId>,
        limit: u32,
    ) -> Result<Vec<ApplicationId>, Failure> {
        reply!(self, Call::Applications { chain, after, limit }, Reply::Applications)
    }

    /// The streams on which an application has emitted on a chain, as it is known here, with how many events each has.
    pub async fn streams(
        &self,
        chain: ChainId,
        application: ApplicationId,
        after: Option<Opaque>,
        limit: u32,
    ) -> Result<Vec<(Opaque, u32)>, Failure> {
        reply!(self, Call::Streams { chain, application, after, limit }, Reply::Streams)
    }

    /// Events of a stream in order, from here or with proof from a validator. It ends before the first that nobody shows.
    pub async fn events(
        &self,
        chain: ChainId,
        stream: StreamId,
        from: u32,
        limit: u32,
    ) -> Result<Vec<StreamEvent>, Failure> {
        reply!(self, Call::Events { chain, stream, from, limit }, Reply::Events)
    }

    /// Where to begin with [`Node::news`] of these chains, for whoever wants to know what happens from now on.
    pub async fn news_place(&self, chains: BTreeSet<ChainId>) -> Result<u64, Failure> {
        match self.0.carry(Call::News { chains, place: None }).await? {
            Reply::News(_, place) => Ok(place),
            _ => Err(misfit()),
        }
    }

    /// What has happened to these chains since a place, and where to go on. Where nothing happens for long, that is nothing.
    pub async fn news(&self, chains: BTreeSet<ChainId>, place: u64) -> Result<(Vec<News>, u64), Failure> {
        match self.0.carry(Call::News { chains, place: Some(place) }).await? {
            Reply::News(news, place) => Ok((news, place)),
            _ => Err(misfit()),
        }
    }

    /// Asks the service of an application.
    pub async fn query(&self, chain: ChainId, application: ApplicationId, query: Vec<u8>) -> Result<Answer, Failure> {
        reply!(self, Call::Query { chain, application, query: Opaque(query) }, Reply::Answer)
    }

    /// A certified block that is here.
    pub async fn block(&self, chain: ChainId, height: BlockHeight) -> Result<Option<CertifiedBlock>, Failure> {
        reply!(self, Call::Block(chain, height), Reply::Block).map(|block| block.map(|block| *block))
    }

    /// A certified block, from here or from a validator.
    pub async fn certified(&self, chain: ChainId, height: BlockHeight) -> Result<Option<CertifiedBlock>, Failure> {
        reply!(self, Call::Certified(chain, height), Reply::Block).map(|block| block.map(|block| *block))
    }

    /// A published blob, from a validator that has it.
    pub async fn blob(&self, id: BlobId) -> Result<Option<Blob>, Failure> {
        reply!(self, Call::Blob(id), Reply::Blob)
    }

    /// The bundles that wait for a chain.
    pub async fn waiting(&self, chain: ChainId) -> Result<BTreeSet<(ChainId, Cursor)>, Failure> {
        reply!(self, Call::Waiting(chain), Reply::Waiting)
    }

    /// The chains of an owner.
    pub async fn chains_of(&self, owner: Owner) -> Result<Vec<ChainId>, Failure> {
        reply!(self, Call::ChainsOf(owner), Reply::Chains)
    }

    /// Proves an entry of a list of a block, where somebody shows it.
    pub async fn prove_entry(
        &self,
        chain: ChainId,
        height: BlockHeight,
        list: List,
        index: usize,
    ) -> Result<Option<Proof>, Failure> {
        let call = Call::ProveEntry { chain, height, list, index: index as u64 };
        reply!(self, call, Reply::Proof).map(|proof| proof.map(|proof| *proof))
    }

    /// Proves an entry of a chain's state, where somebody shows it.
    pub async fn prove_state(&self, chain: ChainId, key: Vec<u8>) -> Result<Option<Proof>, Failure> {
        reply!(self, Call::ProveState(chain, Opaque(key)), Reply::Proof).map(|proof| proof.map(|proof| *proof))
    }
}
