//! `myceline faucet`: gives newcomers chains of their own, from a chain of the wallet, until it is interrupted.

use crate::{
    CliError, Code, Context,
    interrupt::interrupted,
    live::LiveWallet,
    output::{human, style},
};
use futures_util::{FutureExt as _, future::BoxFuture};
use myceline_faucet::{About, Book, Faucet as Tap, GiveError, Giver, Settings, serve};
use myceline_service::{Code as Cause, Failure, Inboxes, Node};
use myceline_types::{
    Amount, BlockHeight, ChainConfig, ChainId, Operation, Owner, Ownership, Permissions, Transaction,
};
use serde::Serialize;
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
};
use tokio::{net::TcpListener, sync::Mutex};

/// Give newcomers a chain of their own, until Ctrl-C
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A page for people and GraphQL for programs; one chain for each owner, however often they ask. What was given stands on the
chain that gives, so the faucet can be started again anywhere. Other commands of the same wallet work meanwhile.

Examples:
  myceline faucet                                    ten tokens each, sixty owners a minute
  myceline faucet --amount 1 --per-minute 6000
  myceline wallet claim --faucet http://127.0.0.1:8081")]
pub struct Faucet {
    /// The tokens that a new chain has
    #[arg(long, value_name = "TOKENS", default_value = "10")]
    amount: Amount,
    /// Chains that it gives in a minute, and at once
    #[arg(long, value_name = "N", default_value_t = 60)]
    per_minute: u32,
    /// The chain that gives [default: the wallet's default chain]
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
    /// The port; 0 takes any that is free
    #[arg(long, default_value_t = 8081)]
    port: u16,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    listen: IpAddr,
}

/// What runs.
#[derive(Serialize)]
pub(crate) struct Running {
    pub(crate) url: String,
    chain: ChainId,
    pub(crate) amount: Amount,
    given: usize,
    ready: bool,
}

impl Faucet {
    /// Runs it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let output = context.output;
        context.keep_wallet(Inboxes::Manual, async |live| {
            let chain = live.chain(self.chain.as_deref())?;
            let terms = Terms { amount: self.amount, per_minute: self.per_minute };
            let open = OpenFaucet::open(&live, chain, terms, (self.listen, self.port)).await?;
            let interrupted = interrupted();
            output.report(&open.running())?;
            open.serve(interrupted).await
        })
    }
}

/// What each newcomer gets, and how fast.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms {
    /// The tokens that a new chain has.
    pub(crate) amount: Amount,
    /// Chains that it gives in a minute, and at once.
    pub(crate) per_minute: u32,
}

/// A faucet that is ready to be served.
pub(crate) struct OpenFaucet {
    listener: TcpListener,
    tap: Tap,
    about: About,
    chain: ChainId,
    address: SocketAddr,
}

impl OpenFaucet {
    /// A faucet that gives from a chain of the wallet, at this address.
    pub(crate) async fn open(
        live: &LiveWallet,
        chain: ChainId,
        terms: Terms,
        (listen, port): (IpAddr, u16),
    ) -> Result<OpenFaucet, CliError> {
        let listener = TcpListener::bind((listen, port)).await.map_err(|error| no_place(listen, port, &error))?;
        let address = listener.local_addr().map_err(|error| CliError::telling(Code::General, &error))?;
        let bank = Bank::new(live.node.clone(), chain, terms.amount);
        let settings = Settings { per_minute: terms.per_minute };
        let tap = Tap::open(bank, settings).await.map_err(|error| CliError::telling(Code::General, &error))?;
        let genesis = live.wallet.genesis();
        let about = About {
            network: genesis.network(),
            amount: terms.amount,
            genesis: String::from_utf8_lossy(&super::genesis::text(genesis)).into(),
        };
        Ok(OpenFaucet { listener, tap, about, chain, address })
    }

    /// What to tell about it.
    pub(crate) fn running(&self) -> Running {
        let OpenFaucet { chain, address, about, tap, .. } = self;
        let url = format!("http://{address}/");
        Running { url, chain: *chain, amount: about.amount, given: tap.given(), ready: true }
    }

    /// Serves until `end` comes.
    pub(crate) async fn serve(self, end: impl Future<Output = ()> + Send + 'static) -> Result<(), CliError> {
        let served = serve(self.listener, self.tap, self.about, end).await;
        served.map_err(|error| CliError::telling(Code::General, &error))
    }
}

fn no_place(listen: IpAddr, port: u16, error: &std::io::Error) -> CliError {
    CliError::new(Code::General, format_args!("cannot listen at port {port} of {listen}"))
        .because(error)
        .hint("0 takes any port that is free")
}

/// The chain that gives, and what is known of what it gave.
struct Bank {
    node: Node,
    chain: ChainId,
    amount: Amount,
    read: Mutex<(BlockHeight, Book)>,
}

impl Bank {
    fn new(node: Node, chain: ChainId, amount: Amount) -> Bank {
        Bank { node, chain, amount, read: Mutex::new((BlockHeight(0), Book::default())) }
    }

    async fn open(&self, owners: &[Owner]) -> Result<Vec<ChainId>, GiveError> {
        let open = |owner: &Owner| {
            let ownership = Ownership::single_fast(*owner);
            let config = ChainConfig { ownership, permissions: Permissions::default(), balance: self.amount };
            Transaction::Execute(Operation::OpenChain(Box::new(config)))
        };
        let made = self.node.submit(self.chain, owners.iter().map(open).collect(), Vec::new()).await;
        let made = made.map_err(|failure| match failure.code {
            Cause::InsufficientFunds => GiveError::Empty,
            Cause::Refused if owners.len() > 1 => GiveError::TooMany,
            _ => failed(&failure),
        })?;
        // Newcomers ask the validators about their chains at once: those must have them before anybody is told.
        self.node.deliver(self.chain).await.map_err(|failure| failed(&failure))?;
        Ok(made.opened)
    }

    /// Reads the chain's blocks from where it was read before.
    async fn read(&self) -> Result<Book, GiveError> {
        let mut read = self.read.lock().await;
        let (next, book) = &mut *read;
        let end = self.node.sync(self.chain).await.map_err(|failure| failed(&failure))?.next;
        while *next < end {
            let block = self.node.certified(self.chain, *next).await.map_err(|failure| failed(&failure))?;
            let lacks = || GiveError::Failed(format!("nobody shows block {next} of the chain that gives"));
            let block = block.ok_or_else(lacks)?.block;
            book.read(&block);
            *next = next.next().ok_or_else(lacks)?;
        }
        Ok(book.clone())
    }
}

impl Giver for Bank {
    fn give<'a>(&'a self, owners: &'a [Owner]) -> BoxFuture<'a, Result<Vec<ChainId>, GiveError>> {
        self.open(owners).boxed()
    }

    fn recall(&self) -> BoxFuture<'_, Result<Book, GiveError>> {
        self.read().boxed()
    }
}

fn failed(failure: &Failure) -> GiveError {
    GiveError::Failed(failure.message.clone())
}

impl fmt::Display for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", style::strong("Faucet"), self.url)?;
        writeln!(f, "  each gets  {} tokens", human::amount(self.amount))?;
        writeln!(f, "  so far     {} owners", self.given)?;
        writeln!(f, "\n{}", style::dim("# newcomers try"))?;
        writeln!(f, "myceline wallet init --genesis {}genesis\nmyceline keygen", self.url)?;
        writeln!(f, "myceline wallet claim --faucet {}", self.url)?;
        write!(f, "\nREADY  Ctrl-C ends it")
    }
}
