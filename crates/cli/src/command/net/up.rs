//! `myceline net up`: a network of validators on this machine, with a funded wallet, until it is interrupted.

use super::{MAIN, Plan, Processes, Wanted};
use crate::{
    CliError, Code, Context,
    command::{
        faucet::{OpenFaucet, Running as Faucet, Terms},
        genesis::PolicyArguments,
    },
    interrupt::interrupted,
    output::{human, style},
};
use myceline_service::Inboxes;
use myceline_types::{Amount, ChainId, NetworkId, guest::server_of};
use serde::Serialize;
use std::{
    fmt,
    net::{IpAddr, Ipv4Addr},
    path::PathBuf,
    time::Duration,
};

/// How often validators are looked after.
const LOOK_PAUSE: Duration = Duration::from_millis(500);

/// Run a network of validators on this machine, until Ctrl-C
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline net up                          four validators, forgotten at the end
  myceline net up --dir mynet              kept in a folder; the same command goes on with it
  myceline net up --faucet                 and a faucet at port 8081, for those who come with nothing but a key
The same seed gives the same ids to everybody. Its keys are known to everybody too, so it listens on loopback only.")]
pub struct Up {
    /// How many validators
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u16).range(1..=64))]
    validators: u16,
    /// Keep the network in this folder, and go on with what is there
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// What all keys and ids follow from
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Public chains besides, which the validators lead
    #[arg(long, value_name = "N", default_value_t = 0)]
    public: u16,
    /// The port of the first validator; the others follow. 0 takes any that are free
    #[arg(long, default_value_t = 9100)]
    port: u16,
    /// A server that contracts may ask, as scheme, host and port. May be given several times
    #[arg(long = "allow-web", value_name = "SERVER", value_parser = server)]
    servers: Vec<String>,
    #[command(flatten)]
    policy: PolicyArguments,
    /// A faucet besides, at this port [default: 8081]; 0 takes any that is free
    #[arg(long, value_name = "PORT", num_args = 0..=1, default_missing_value = "8081")]
    faucet: Option<u16>,
    /// The tokens that a chain from the faucet has
    #[arg(long, value_name = "TOKENS", default_value = "10", requires = "faucet")]
    faucet_amount: Amount,
    /// Chains that the faucet gives in a minute, and at once
    #[arg(long, value_name = "N", default_value_t = 600, requires = "faucet")]
    faucet_per_minute: u32,
}

/// What runs.
#[derive(Serialize)]
struct Running {
    network: NetworkId,
    endpoints: Vec<String>,
    monitors: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    faucet: Option<Faucet>,
    processes: Vec<u32>,
    dir: PathBuf,
    wallet: PathBuf,
    chain: Option<ChainId>,
    public_chains: Vec<ChainId>,
    ready: bool,
}

impl Up {
    /// Runs it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        let failed = |error: std::io::Error| CliError::telling(Code::General, &error);
        let temporary = tempfile::tempdir().map_err(failed)?;
        let dir = match &self.dir {
            Some(dir) => std::path::absolute(dir).map_err(failed)?,
            None => temporary.path().into(),
        };
        let tap =
            self.faucet.map(|port| (port, Terms { amount: self.faucet_amount, per_minute: self.faucet_per_minute }));
        let Up { validators, seed, port, public, servers, policy, .. } = self;
        let policy = policy.read()?;
        let plan = Plan::open(&dir, Wanted { validators, seed, port, public, wallets: &[MAIN], policy, servers })?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(failed)?;
        let mut processes = runtime.block_on(Processes::start(&plan))?;
        match tap {
            None => runtime.block_on(run_until_interrupted(&plan, &mut processes, context))?,
            Some(tap) => run_with_faucet(&plan, &mut processes, context, tap)?,
        }
        context.output.note("ending the validators");
        processes.stop();
        Ok(())
    }
}

/// A server as the policy names it.
fn server(text: &str) -> Result<String, String> {
    server_of(text).ok_or_else(|| "expected a server like https://api.example.org or http://127.0.0.1:8080".into())
}

async fn run_until_interrupted(plan: &Plan, processes: &mut Processes, context: &Context) -> Result<(), CliError> {
    let interrupted = interrupted();
    context.output.report(&Running::new(plan, processes, None))?;
    tokio::select! {
        () = interrupted => Ok(()),
        why = look_after(plan, processes) => Err(why),
    }
}

/// The same with a faucet, which ends before the validators do: whoever is being given a chain still gets it.
fn run_with_faucet(
    plan: &Plan,
    processes: &mut Processes,
    context: &Context,
    (port, terms): (u16, Terms),
) -> Result<(), CliError> {
    super::faucet::wallet(plan, context)?.keep_wallet(Inboxes::Manual, async |live| {
        let listen = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let faucet = OpenFaucet::open(&live, live.chain(None)?, terms, (listen, port)).await?;
        let interrupted = interrupted();
        context.output.report(&Running::new(plan, processes, Some(faucet.running())))?;
        tokio::select! {
            served = faucet.serve(interrupted) => served,
            why = look_after(plan, processes) => Err(why),
        }
    })
}

/// Is done when a validator has ended by itself, and says so.
async fn look_after(plan: &Plan, processes: &mut Processes) -> CliError {
    loop {
        tokio::time::sleep(LOOK_PAUSE).await;
        if let Some(index) = processes.ended() {
            let log = plan.log(index);
            return CliError::new(Code::General, format_args!("validator {index} ended by itself"))
                .hint(format!("it may have said why in {}", log.display()));
        }
    }
}

impl Running {
    fn new(plan: &Plan, processes: &Processes, faucet: Option<Faucet>) -> Running {
        Running {
            network: plan.genesis.network(),
            endpoints: plan.genesis.committee.validators().iter().map(|validator| validator.address.clone()).collect(),
            monitors: (0..plan.configs.len()).filter_map(|index| plan.monitor(index)).collect(),
            faucet,
            processes: processes.ids(),
            dir: plan.dir.clone(),
            wallet: plan.wallet(&MAIN).path().into(),
            chain: plan.chain(),
            public_chains: plan.public(),
            ready: true,
        }
    }
}

impl fmt::Display for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} {}", style::strong("Network"), self.network)?;
        for (index, endpoint) in self.endpoints.iter().enumerate() {
            writeln!(f, "  validator {index}  {endpoint}")?;
        }
        if let Some(chain) = self.chain {
            writeln!(f, "  funded chain {chain}")?;
        }
        self.public_chains.iter().try_for_each(|chain| writeln!(f, "  public chain {chain}"))?;
        if let Some(faucet) = &self.faucet {
            writeln!(f, "  faucet       {}  {} tokens each", faucet.url, human::amount(faucet.amount))?;
        }
        for (index, monitor) in self.monitors.iter().enumerate() {
            writeln!(f, "  watch {index}  {monitor}/metrics  {monitor}/readyz")?;
        }
        writeln!(f, "\n{}", style::dim("# in another shell"))?;
        writeln!(f, "export MYCELINE_WALLET='{}'", self.wallet.display())?;
        writeln!(f, "\n{}", style::dim("# then try"))?;
        writeln!(f, "myceline balance\nmyceline chain open --balance 10\nmyceline transfer 5 --to CHAIN\n")?;
        if let Some(Faucet { url, .. }) = &self.faucet {
            writeln!(f, "{}", style::dim("# or, with a wallet of your own"))?;
            writeln!(f, "myceline wallet init --genesis {url}genesis\nmyceline keygen")?;
            writeln!(f, "myceline wallet claim --faucet {url}\n")?;
        }
        write!(f, "READY  Ctrl-C ends it")
    }
}
