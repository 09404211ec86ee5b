//! `myceline mcp`: applications and the wallet's chains as tools for AI agents, by the Model Context Protocol.

use super::service::reachable;
use crate::{
    CliError, Code, Context,
    access::AccessArguments,
    engine::Applications,
    interrupt::interrupted,
    live::runtime,
    output::style,
    visit::{Messenger, visits},
    wallet::Wallet,
};
use myceline_mcp::{Interface, PATH, Server, router};
use myceline_service::{Access, Node, describe::Describer};
use myceline_types::{ApplicationId, ChainId};
use serde::Serialize;
use std::{
    fmt,
    io::{self, IsTerminal as _},
    net::SocketAddr,
    thread,
};
use tokio::net::TcpListener;

/// Applications that are offered where none is named: each has tools of its own, and agents read all of them.
const APPLICATIONS_MAX: usize = 16;

/// Offer applications to AI agents as tools, by the Model Context Protocol
#[derive(Debug, clap::Args)]
#[command(after_help = "\
An MCP client starts it and talks to it over stdin and stdout; with --http it is reached at /mcp. Every query and every
mutation of an application is a tool with a JSON schema, and so is what the wallet's chains can tell. It holds the wallet only
while it answers: other commands, and a service, can be used meanwhile.

Examples:
  myceline mcp poll                               offer the application poll
  myceline mcp --read-only                        all applications that the wallet has names for, to read only
  myceline mcp poll --http 127.0.0.1:8090         over HTTP, for clients on this machine
  myceline mcp --http 0.0.0.0:8090 --token-file F for others too, who need the token

In the configuration of a client:
  {\"mcpServers\": {\"myceline\": {\"command\": \"myceline\", \"args\": [\"mcp\", \"poll\", \"--wallet\", \"DIR\"]}}}")]
pub struct Mcp {
    /// The applications: names in the wallet, or ids [default: all that the wallet has names for]
    #[arg(value_name = "APPLICATION")]
    applications: Vec<String>,
    /// The chain that is meant where an agent names none [default: the wallet's default chain]
    #[arg(long, value_name = "CHAIN")]
    chain: Option<String>,
    /// Offer only what makes no blocks
    #[arg(long)]
    read_only: bool,
    /// Let agents send the wallet's tokens; applications can do what they do without this
    #[arg(long, conflicts_with = "read_only")]
    allow_transfers: bool,
    /// Serve over HTTP at this address, such as 127.0.0.1:8090; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS")]
    http: Option<SocketAddr>,
    #[command(flatten)]
    access: AccessArguments,
}

/// What runs.
#[derive(Serialize)]
struct Running {
    url: String,
    needs_token: bool,
    read_only: bool,
    applications: usize,
    tools: usize,
    ready: bool,
}

impl Mcp {
    /// Runs it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let context: &Context = context;
        let wallet = Wallet::open(&context.folder)?;
        let chain = wallet.chain(self.chain.as_deref())?;
        let site = self
            .http
            .map(|address| Ok::<_, CliError>((address, self.access.for_listener(address.ip())?)))
            .transpose()?;
        let (messenger, visitor) = visits();
        thread::scope(|scope| {
            scope.spawn(|| visitor.run(context));
            let runtime = runtime()?;
            let served = runtime.block_on(self.serve(context, &wallet, chain, (messenger, site)));
            // A read from stdin that has begun cannot be called off, and nobody waits for it.
            runtime.shutdown_background();
            served
        })
    }

    async fn serve(
        &self,
        context: &Context,
        wallet: &Wallet,
        chain: ChainId,
        (messenger, site): (Messenger, Option<(SocketAddr, Access)>),
    ) -> Result<(), CliError> {
        let node = Node::new(messenger);
        let describer = Describer::new(node.clone(), Applications::OfCommands.shared(), wallet.genesis());
        let interfaces = self.interfaces(context, wallet, chain, (&node, &describer)).await?;
        let settings =
            myceline_mcp::Settings { chain, is_read_only: self.read_only, may_transfer: self.allow_transfers };
        let server = Server::new(node, &settings, &interfaces);
        match site {
            Some(site) => self.serve_http(context, server, site, interfaces.len()).await,
            None => serve_stdio(context, server).await,
        }
    }

    /// What the applications say about themselves. One that was named must; of the others, those that do are offered.
    async fn interfaces(
        &self,
        context: &Context,
        wallet: &Wallet,
        chain: ChainId,
        (node, describer): (&Node, &Describer),
    ) -> Result<Vec<Interface>, CliError> {
        let mut interfaces = Vec::new();
        for (name, id) in self.wanted(wallet)? {
            match Interface::discover(node, describer, chain, (name.clone(), id)).await {
                Ok(interface) => interfaces.push(interface),
                Err(failure) if self.applications.is_empty() && failure.code != Code::Locked => {
                    context.output.note(format_args!("{name} is left out: {}", failure.message));
                }
                Err(failure) => return Err(CliError::from(failure).during(format_args!("{name} cannot be offered"))),
            }
        }
        if interfaces.is_empty() {
            context
                .output
                .note("no applications are offered, only the wallet's chains; name one: myceline mcp APPLICATION");
        }
        Ok(interfaces)
    }

    fn wanted(&self, wallet: &Wallet) -> Result<Vec<(String, ApplicationId)>, CliError> {
        if self.applications.is_empty() {
            let named = wallet.applications().iter().map(|(name, id)| (name.clone(), *id));
            return Ok(named.take(APPLICATIONS_MAX).collect());
        }
        let find = |text: &String| Ok((name_of(text), wallet.find_application(text)?));
        self.applications.iter().map(find).collect()
    }

    async fn serve_http(
        &self,
        context: &Context,
        server: Server,
        (address, access): (SocketAddr, Access),
        applications: usize,
    ) -> Result<(), CliError> {
        let listener = TcpListener::bind(address).await.map_err(|error| {
            CliError::new(Code::General, format_args!("cannot listen at {address}"))
                .because(&error)
                .hint("port 0 takes any that is free")
        })?;
        let failed = |error: io::Error| CliError::telling(Code::General, &error);
        let running = Running {
            url: format!("http://{}{PATH}", reachable(listener.local_addr().map_err(failed)?)),
            needs_token: access.token.is_some(),
            read_only: self.read_only,
            applications,
            tools: server.tools(),
            ready: true,
        };
        let interrupted = interrupted();
        context.output.report(&running)?;
        myceline_service::serve(router(server, access), listener, interrupted).await.map_err(failed)
    }
}

/// An id says nothing to an agent, and would fill the names of tools: its beginning tells it apart.
fn name_of(text: &str) -> String {
    match text.parse::<ApplicationId>() {
        Ok(id) => format!("app_{}", &id.to_string()[..8]),
        Err(_) => text.to_owned(),
    }
}

async fn serve_stdio(context: &Context, server: Server) -> Result<(), CliError> {
    if io::stdin().is_terminal() {
        context.output.note("this talks to MCP clients, which start it themselves: see --help; Ctrl-C ends it");
    }
    tokio::select! {
        served = myceline_mcp::serve(server, tokio::io::stdin(), tokio::io::stdout()) => {
            served.map_err(|error| CliError::new(Code::General, "the client cannot be talked to").because(&error))
        }
        () = interrupted() => Ok(()),
    }
}

impl fmt::Display for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", style::strong("MCP"), self.url)?;
        writeln!(f, "  applications   {}", self.applications)?;
        writeln!(f, "  tools          {}", self.tools)?;
        let who = if self.needs_token { "whoever shows the token" } else { "this machine" };
        let what = if self.read_only { ", to read only" } else { "" };
        writeln!(f, "  open to        {who}{what}")?;
        write!(f, "\nREADY  Ctrl-C ends it; other commands of this wallet can be used meanwhile")
    }
}
