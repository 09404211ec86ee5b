//! Public chains on a real network: what is sent to one is received in blocks that validators make.

use crate::kit::{network, owner_secret, transfer, validator, validator_secret};
use myceline_client::{Client, MemorySigner, Options, RequestId};
use myceline_node::Network;
use myceline_rpc::{GrpcPeer, grpc::PeerSettings};
use myceline_storage::Memory;
use myceline_types::{
    Amount, BlockHeight, ChainConfig, ChainId, Committee, Holder, Operation, Ownership, Permissions, Resilience,
    Transaction, Validator as Member,
};
use std::{ops::Range, sync::Arc, time::Duration};
use tokio::{net::TcpListener, task::JoinHandle};

/// How long a story may take.
const LONG: Duration = Duration::from_secs(60);
/// How often somebody looks whether a block is there.
const LOOK: Duration = Duration::from_millis(20);

/// Validators behind sockets, a wallet with a chain of its own, and a public chain.
struct Public {
    network: Arc<Network>,
    stores: Vec<Memory>,
    wallet: Client<Memory, GrpcPeer, MemorySigner>,
    mine: ChainId,
    public: ChainId,
    running: Vec<JoinHandle<()>>,
}

/// How public chains begin here.
fn public_chain() -> ChainConfig {
    ChainConfig { ownership: Ownership::public(), permissions: Permissions::default(), balance: Amount::ZERO }
}

impl Public {
    /// Starts four validators but for those that are away.
    async fn start(away: &[u8]) -> Public {
        let mut listeners = Vec::new();
        for _ in 0..4 {
            listeners.push(TcpListener::bind("127.0.0.1:0").await.unwrap());
        }
        let member = |(place, listener): (u8, &TcpListener)| {
            let (secret, address) = (validator_secret(place), format!("http://{}", listener.local_addr().unwrap()));
            Member { key: secret.public(), account: secret.address(), weight: 1, address }
        };
        let mut genesis = network(1).genesis().clone();
        let members: Vec<Member> = (0..).zip(&listeners).map(member).collect();
        genesis.chains.push(public_chain());
        genesis.committee = Committee::new(members.clone(), Resilience::Classic).unwrap();
        let network = Arc::new(Network::new(genesis).unwrap());
        let chains = crate::kit::chains(&network);
        let stores: Vec<Memory> = (0..4).map(|_| Memory::new()).collect();
        let here = (0..).zip(listeners).filter(|(place, _)| !away.contains(place));
        let running =
            here.map(|(place, listener)| run(&network, place, &stores[usize::from(place)], listener)).collect();
        let peers = members.iter().map(|member| GrpcPeer::new(&member.address, PeerSettings::default()).unwrap());
        let signer = MemorySigner::from_iter([owner_secret(0)]);
        let wallet = Client::open(network.clone(), Memory::new(), peers.collect(), signer, Options::default()).unwrap();
        Public { network, stores, wallet, mine: chains[0], public: chains[1], running }
    }

    /// Goes on with a public chain that a block opens.
    async fn open(&mut self) {
        let open = vec![Transaction::Execute(Operation::OpenChain(Box::new(public_chain())))];
        let submitted = self.wallet.submit(self.mine, RequestId([0xff; 16]), open, Vec::new()).await.unwrap();
        self.public = submitted.finality().await.unwrap().opened()[0];
    }

    /// Ends all validators, and starts them from what they have stored.
    async fn restart(&mut self) {
        for validator in self.running.drain(..) {
            validator.abort();
            assert!(validator.await.unwrap_err().is_cancelled());
        }
        for (place, member) in (0..).zip(self.network.genesis().committee.validators()) {
            let listener = TcpListener::bind(member.address.strip_prefix("http://").unwrap()).await.unwrap();
            self.running.push(run(&self.network, place, &self.stores[usize::from(place)], listener));
        }
    }

    /// Sends a token to the public chain and waits until a block has received it.
    async fn send(&self, number: u64) {
        let before = self.balance().await;
        let (id, what) = (RequestId(u128::from(number).to_be_bytes()), vec![transfer(self.public, 1)]);
        let sent = self.wallet.submit(self.mine, id, what, Vec::new()).await.unwrap();
        sent.finality().await.unwrap();
        while self.balance().await == before {
            tokio::time::sleep(LOOK).await;
        }
    }

    async fn balance(&self) -> Amount {
        self.wallet.sync(self.public).await.unwrap();
        self.wallet.balance(self.public, Holder::Chain).await.unwrap()
    }

    /// Sends several tokens, one after the other.
    async fn send_all(&self, numbers: Range<u64>) {
        for number in numbers {
            self.send(number).await;
        }
    }

    /// Looks at what has arrived, and at who made the blocks.
    async fn check(&self, tokens: u64) {
        assert_eq!(self.balance().await, Amount::from_tokens(tokens));
        let members = self.network.genesis().committee.validators();
        let next = self.wallet.next_height(self.public).await.unwrap();
        for height in (0..next.0).map(BlockHeight) {
            let block = self.wallet.block(self.public, height).await.unwrap().unwrap();
            let author = block.block.proposed.author.unwrap();
            assert!(members.iter().any(|member| member.account == author), "a validator made it");
        }
    }
}

impl Drop for Public {
    fn drop(&mut self) {
        self.running.iter().for_each(JoinHandle::abort);
    }
}

fn run(network: &Arc<Network>, place: u8, store: &Memory, listener: TcpListener) -> JoinHandle<()> {
    let validator = validator(network, place, store.clone());
    tokio::spawn(validator.run(listener, None, validator_secret(place).public(), std::future::pending()))
}

async fn in_time(story: impl Future<Output = ()>) {
    tokio::time::timeout(LONG, story).await.expect("the story ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_to_a_public_chain_is_received_in_a_block_that_a_validator_makes() {
    let net = Public::start(&[]).await;
    in_time(async {
        net.send_all(0..5).await;
        net.check(5).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_chain_goes_on_while_a_validator_is_away() {
    let net = Public::start(&[2]).await;
    in_time(async {
        // Of so many heights the one that is away leads some: others have them left then.
        net.send_all(0..8).await;
        net.check(8).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_chain_that_a_block_opened_is_attended_to_also_after_a_restart() {
    let mut net = Public::start(&[]).await;
    in_time(async {
        net.open().await;
        net.send_all(0..3).await;
        net.restart().await;
        net.send_all(3..6).await;
        net.check(6).await;
    })
    .await;
}
