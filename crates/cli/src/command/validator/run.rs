//! `myceline validator run`: one validator in the foreground, until it is told to end.

use super::init::{CONFIG_KIND, KEY_KIND, SecretPart};
use crate::{
    CliError, Code,
    command::genesis,
    document,
    engine::{Applications, asker},
    interrupt::interrupted,
};
use myceline_node::{Network, layout};
use myceline_storage::{Embedded, embedded::Options};
use myceline_types::crypto::ValidatorSecret;
use myceline_validator::{Config, Guests, Validator, Watching};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{io::AsyncReadExt as _, net::TcpListener};

/// Where a validator writes at which address it is watched, beside its configuration.
pub(crate) const MONITOR_FILE: &str = "monitor";

/// Run a validator until SIGINT or SIGTERM
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  myceline validator run --config v0/config.json
  myceline -v validator run --config v0/config.json    say what happens")]
pub struct Run {
    /// Its configuration, as made by `validator init`
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
    /// End as soon as standard input does: for programs that start validators
    #[arg(long, hide = true)]
    end_with_stdin: bool,
}

impl Run {
    /// Runs it.
    pub fn run(self) -> Result<(), CliError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .worker_threads(cores())
            .build()
            .map_err(|error| CliError::telling(Code::General, &error))?;
        let served = runtime.block_on(self.serve());
        // Everything that was acknowledged is on disk, and a read from standard input may never end.
        runtime.shutdown_background();
        served
    }

    async fn serve(self) -> Result<(), CliError> {
        let config: Config = document::read(&self.config, CONFIG_KIND)?;
        let folder = self.config.parent().unwrap_or(Path::new("."));
        check_exposure(&config)?;
        let genesis = genesis::read(&folder.join(&config.genesis))?;
        let document = genesis::text(&genesis);
        let network = Network::new(genesis).map_err(|error| CliError::telling(Code::General, &error))?;
        let network = Arc::new(network);
        let secret = read_secret(&folder.join(&config.key))?;
        let options = Options::new(network.id().0, &layout::APPENDED);
        let store = Embedded::open(&folder.join(&config.store), &options)
            .map_err(|error| CliError::telling(Code::Busy, &error))?;
        if store.is_copy() {
            return Err(CliError::new(
                Code::General,
                "the store is a copy: it may not know what this validator has signed since",
            )
            .hint("start with an empty store folder and a new key"));
        }
        let key = secret.public();
        let workers = config.workers.unwrap_or_else(cores);
        let guests = Guests { engine: Applications::OfServers.shared(), web: asker() };
        let validator = Validator::start(network, store, secret, workers, guests, |error| {
            tracing::error!(%error, "this validator ends");
            std::process::abort();
        })
        .map_err(|error| CliError::telling(Code::Usage, &error))?;
        let monitor = match config.monitor {
            Some(address) => Some(Watching { listener: watched(folder, address).await?, genesis: document }),
            None => None,
        };
        let listener = bind(config.listen).await?;
        tracing::info!(%key, listen = %config.listen, "serving");
        validator.run(listener, monitor, key, told_to_end(self.end_with_stdin)).await;
        Ok(())
    }
}

/// A key that anybody can make is refused outside loopback.
fn check_exposure(config: &Config) -> Result<(), CliError> {
    if config.insecure_key && !config.listen.ip().is_loopback() {
        return Err(CliError::new(
            Code::Usage,
            "this validator's key was made from a published seed: anybody can sign with it",
        )
        .hint("listen on 127.0.0.1, or make a key of your own with `myceline validator init`"));
    }
    Ok(())
}

fn read_secret(path: &Path) -> Result<ValidatorSecret, CliError> {
    let SecretPart { secret } = document::read(path, KEY_KIND)?;
    let mut bytes = [0; 32];
    hex::decode_to_slice(&secret, &mut bytes)
        .map_err(|_| CliError::new(Code::General, format_args!("{} holds no key of 64 hex digits", path.display())))?;
    ValidatorSecret::from_bytes(bytes).map_err(|error| CliError::telling(Code::General, &error))
}

/// Listens for watchers, and writes down where: the configuration may leave the port open.
async fn watched(folder: &Path, address: std::net::SocketAddr) -> Result<TcpListener, CliError> {
    let listener = bind(address).await?;
    let failed = |error: std::io::Error| CliError::telling(Code::General, &error);
    let bound = listener.local_addr().map_err(failed)?;
    std::fs::write(folder.join(MONITOR_FILE), format!("{bound}\n")).map_err(failed)?;
    tracing::info!(monitor = %bound, "watched");
    Ok(listener)
}

async fn bind(address: std::net::SocketAddr) -> Result<TcpListener, CliError> {
    TcpListener::bind(address).await.map_err(|error| {
        CliError::new(Code::Busy, format_args!("cannot listen on {address}"))
            .because(&error)
            .hint("another program may use this port: choose another one in the configuration")
    })
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Is done when this process is asked to end.
fn told_to_end(with_stdin: bool) -> impl Future<Output = ()> + Send + 'static {
    let interrupted = interrupted();
    async move {
        tokio::select! {
            () = interrupted => (),
            () = stdin_ended(), if with_stdin => (),
        }
    }
}

async fn stdin_ended() {
    let mut stdin = tokio::io::stdin();
    let mut nothing = [0; 64];
    while matches!(stdin.read(&mut nothing).await, Ok(count) if count > 0) {}
}
