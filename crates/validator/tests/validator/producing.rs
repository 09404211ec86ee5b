//! Public chains on a real network: what is sent to one is received in blocks that validators make.

use crate::kit::{network, owner_secret, transfer, validator, validator_secret};
use myceline_client::{Client, MemorySigner, Options, RequestId};
use myceline_node::Network;
use myceline_rpc::{GrpcPeer, grpc::PeerSettings};
use myceline_storage::Memory;
use myceline_types::{
    Amount, BlockHeight, ChainConfig, ChainId, Committee, Holder, Owner, Ownership, Permissions, Resilience,
    Validator as Member,
};
use std::{sync::Arc, time::Duration};
use tokio::{net::TcpListener, task::JoinHandle};

/// How long a story may take.
const LONG: Duration = Duration::from_secs(60);
/// How often somebody looks whether a block is there.
const LOOK: Duration = Duration::from_millis(20);

/// Validators behind sockets, a wallet with a chain of its own, and a public chain.
struct Public {
    wallet: Client<Memory, GrpcPeer, MemorySigner>,
    accounts: Vec<Owner>,
    mine: ChainId,
    public: ChainId,
    running: Vec<JoinHandle<()>>,
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
        genesis.chains.push(ChainConfig {
            ownership: Ownership::public(),
            permissions: Permissions::default(),
            balance: Amount::ZERO,
        });
        genesis.committee = Committee::new(members.clone(), Resilience::Classic).unwrap();
        let network = Arc::new(Network::new(genesis).unwrap());
        let chains = crate::kit::chains(&network);
        let here = (0..).zip(listeners).filter(|(place, _)| !away.contains(place));
        let running = here.map(|(place, listener)| run(&network, place, listener)).collect();
        let peers = members.iter().map(|member| GrpcPeer::new(&member.address, PeerSettings::default()).unwrap());
        let signer = MemorySigner::from_iter([owner_secret(0)]);
        let wallet = Client::open(network, Memory::new(), peers.collect(), signer, Options::default()).unwrap();
        let accounts = members.iter().map(|member| member.account).collect();
        Public { wallet, accounts, mine: chains[0], public: chains[1], running }
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

    /// Sends several tokens, one after the other, and looks at who made the blocks.
    async fn story(&self, tokens: u64) {
        for number in 0..tokens {
            self.send(number).await;
        }
        assert_eq!(self.balance().await, Amount::from_tokens(tokens));
        let next = self.wallet.next_height(self.public).await.unwrap();
        for height in (0..next.0).map(BlockHeight) {
            let block = self.wallet.block(self.public, height).await.unwrap().unwrap();
            let author = block.block.proposed.author.unwrap();
            assert!(self.accounts.contains(&author), "a validator made it");
        }
    }
}

impl Drop for Public {
    fn drop(&mut self) {
        self.running.iter().for_each(JoinHandle::abort);
    }
}

fn run(network: &Arc<Network>, place: u8, listener: TcpListener) -> JoinHandle<()> {
    let validator = validator(network, place, Memory::new());
    tokio::spawn(validator.run(listener, None, validator_secret(place).public(), std::future::pending()))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_to_a_public_chain_is_received_in_a_block_that_a_validator_makes() {
    let net = Public::start(&[]).await;
    tokio::time::timeout(LONG, net.story(5)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_chain_goes_on_while_a_validator_is_away() {
    let net = Public::start(&[2]).await;
    // Of so many heights the one that is away leads some: others have them left then.
    tokio::time::timeout(LONG, net.story(8)).await.unwrap();
}
