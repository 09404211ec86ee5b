//! `myceline service`: a wallet's node behind GraphQL, for front ends and for other commands, until it is interrupted.

use crate::{
    CliError, Code, Context,
    access::AccessArguments,
    book::WalletBook,
    engine::Applications,
    interrupt::interrupted,
    live::{KeySigner, WalletNode, open_client, runtime},
    output::style,
    pass::Pass,
    wallet::Wallet,
};
use myceline_service::{Access, Hub, Inboxes, Local, Node, Service as Serving, Settings, new_token};
use serde::Serialize;
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::Arc,
};
use tokio::net::TcpListener;

/// Serve a wallet's chains and applications over GraphQL, until Ctrl-C
#[derive(Debug, clap::Args)]
#[command(after_help = "\
It holds the wallet: other commands of the same wallet go through it by themselves.

Examples:
  myceline service                                   on this machine only
  myceline service --port 0                          at any port that is free
  myceline service --cors http://localhost:5173      a page served from elsewhere may ask
  myceline service --listen 0.0.0.0 --token-file F   for others too, who need the token")]
pub struct Service {
    /// The port; 0 takes any that is free
    #[arg(long, default_value_t = 8080)]
    port: u16,
    /// Where to listen; beyond this machine only with a token
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    listen: IpAddr,
    #[command(flatten)]
    access: AccessArguments,
    /// Make no blocks for those who ask, and leave inboxes alone
    #[arg(long)]
    read_only: bool,
    /// Leave what arrives until somebody asks for it
    #[arg(long)]
    manual_inboxes: bool,
}

/// What runs.
#[derive(Serialize)]
struct Running {
    url: String,
    websocket: String,
    needs_token: bool,
    read_only: bool,
    chains: usize,
    ready: bool,
}

impl Service {
    /// Runs it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let access = self.access.for_listener(self.listen)?;
        let lock = Arc::new(context.lock_wallet()?);
        let wallet = Wallet::open(&context.folder)?;
        let keys = context.keys_if_any()?;
        let runtime = runtime()?;
        let served = runtime.block_on(async {
            let listener = TcpListener::bind((self.listen, self.port)).await.map_err(|error| self.no_place(&error))?;
            let keys = KeySigner::new(keys);
            let client = open_client(&context.folder, &wallet, keys, Applications::OfServers, |_, peer| peer)?;
            let book = Arc::new(WalletBook::new(wallet.clone(), context.folder.clone(), lock.clone()));
            let hub = Arc::new(Hub::default());
            let local = Arc::new(Local::new(client, book, hub.clone()));
            self.serve(context, listener, (local, hub), &wallet, access).await
        });
        Pass::remove(&context.folder);
        // Tasks that still run hold the store: they end before another command may have the wallet.
        drop(runtime);
        drop(lock);
        served
    }

    async fn serve(
        &self,
        context: &Context,
        listener: TcpListener,
        (local, hub): (Arc<WalletNode>, Arc<Hub>),
        wallet: &Wallet,
        access: Access,
    ) -> Result<(), CliError> {
        let failed = |error: std::io::Error| CliError::telling(Code::General, &error);
        let address = listener.local_addr().map_err(failed)?;
        let pass = Pass { address: reachable(address), token: new_token()? };
        let settings = Settings { access, wallet_token: pass.token.clone(), is_read_only: self.read_only };
        let running = Running::new(address, &settings, wallet.chains().len());
        let inboxes = if self.read_only || self.manual_inboxes { Inboxes::Manual } else { Inboxes::Automatic };
        let node = Node::shared(local.clone());
        let serving = Serving::new(node, hub, Applications::OfServers.shared(), wallet.genesis(), settings);
        pass.write(&context.folder)?;
        let interrupted = interrupted();
        context.output.report(&running)?;
        let following = tokio::spawn(async move { local.follow(inboxes).await });
        let served = serving.serve(listener, interrupted).await.map_err(failed);
        following.abort();
        served
    }

    fn no_place(&self, error: &std::io::Error) -> CliError {
        CliError::new(Code::General, format_args!("cannot listen at port {} of {}", self.port, self.listen))
            .because(error)
            .hint("--port 0 takes any port that is free")
    }
}

/// Where this machine reaches what listens at an address: one that means all of them is none to connect to.
pub(super) fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => std::net::Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

impl Running {
    fn new(address: SocketAddr, settings: &Settings, chains: usize) -> Running {
        let address = reachable(address);
        Running {
            url: format!("http://{address}/"),
            websocket: format!("ws://{address}/ws"),
            needs_token: settings.access.token.is_some(),
            read_only: settings.is_read_only,
            chains,
            ready: true,
        }
    }
}

impl fmt::Display for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", style::strong("Service"), self.url)?;
        writeln!(f, "  subscriptions  {}", self.websocket)?;
        writeln!(f, "  applications   {}chains/CHAIN/applications/APPLICATION", self.url)?;
        writeln!(f, "  chains         {}", self.chains)?;
        let who = if self.needs_token { "whoever shows the token" } else { "this machine" };
        let what = if self.read_only { ", to read only" } else { "" };
        writeln!(f, "  open to        {who}{what}")?;
        write!(f, "\nREADY  Ctrl-C ends it; other commands of this wallet go through it")
    }
}
