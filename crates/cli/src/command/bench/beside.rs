//! `myceline bench beside`: one transfer after the other, as in `bench latency`, while another chain runs a contract that takes
//! seconds, again and again. What that costs the transfers is the difference between the two. From many chains at once it is
//! the other way round: a flood of transfers, and how long the contract takes in it.

use super::{
    ground::BenchClient,
    run::{Common, Outcome, Scenario, Scene},
    transfers::{payments, send},
};
use crate::{CliError, Code, Context};
use myceline_node::rows::RequestId;
use myceline_types::{ApplicationId, Blob, BlobKind, ChainId, ModuleId, Opaque, Operation, Transaction, encoding};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// The contract that takes long, and a service that does nothing, as text.
const CONTRACT: &str = include_str!("guests/toil.wat");
const SERVICE: &str = include_str!("guests/rest.wat");
/// Divisions by which it is found out how many there are in a second.
const SAMPLE: u64 = 50_000_000;
/// The lane of the requests that belong to no lane of transfers.
const LANE: u32 = u32::MAX - 1;

/// Send one transfer after the other while another chain runs a contract that takes seconds
#[derive(Debug, clap::Args)]
pub struct Beside {
    /// How long the contract takes where nothing else runs; what burns more fuel than a block may is refused
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = humantime::parse_duration)]
    contract: Duration,
    /// Chains that send
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = super::chains())]
    chains: u32,
    #[command(flatten)]
    common: Common,
}

impl Beside {
    /// Runs it.
    pub fn run(self, context: &mut Context) -> Result<(), CliError> {
        // Those that send, one that is only sent to, and one that toils.
        let senders = super::as_usize(self.chains);
        let scenario = Scenario { name: "beside", chains: senders + 2, transactions: 1 };
        self.common.run(&scenario, context, async |scene| {
            let (toiler, others) = scene.chains.split_last().ok_or_else(nobody)?;
            let lanes = others.iter().take(senders).map(|chain| vec![*chain]).collect();
            let toil = Toil::prepare(scene, *toiler, self.contract).await?;
            let is_over = toil.is_over.clone();
            let toiling = tokio::spawn(toil.again_and_again());
            let sent = send(scene, lanes, payments(others.into(), 1)).await;
            is_over.store(true, Ordering::Relaxed);
            let contract_ms = toiling.await.map_err(|why| CliError::telling(Code::General, &why))??;
            Ok(Outcome { contract_ms, ..sent? })
        })
    }
}

fn nobody() -> CliError {
    CliError::new(Code::General, "there are too few chains")
}

/// A contract that takes long, on a chain of its own.
struct Toil {
    client: BenchClient,
    chain: ChainId,
    contract: ApplicationId,
    divisions: u64,
    request: Box<dyn Fn(u32) -> RequestId + Send + Sync>,
    is_over: Arc<AtomicBool>,
}

impl Toil {
    /// Publishes the contract and finds out how much of it takes so long.
    async fn prepare(scene: &Scene, chain: ChainId, long: Duration) -> Result<Toil, CliError> {
        let purse = scene.purse.clone();
        let request = Box::new(move |turn| purse.request(LANE, turn));
        let (client, is_over) = (scene.client.clone(), Arc::new(AtomicBool::new(false)));
        let contract = publish(&client, chain, request(0)).await?;
        let mut toil = Toil { client, chain, contract, divisions: SAMPLE, request, is_over };
        // The first run compiles it.
        toil.run(1).await?;
        let took = toil.run(2).await?;
        let share = long.as_secs_f64() / took.as_secs_f64().max(f64::MIN_POSITIVE);
        toil.divisions = times(SAMPLE, share);
        Ok(toil)
    }

    /// Runs it once. Says how long it took to be executed here.
    async fn run(&self, turn: u32) -> Result<Duration, CliError> {
        let bytes = Opaque(self.divisions.to_le_bytes().to_vec());
        let call = Transaction::Execute(Operation::Application { id: self.contract, bytes });
        let begun = Instant::now();
        let submission = self.client.submit(self.chain, (self.request)(turn), vec![call], Vec::new()).await?;
        let took = begun.elapsed();
        submission.finality().await?;
        Ok(took)
    }

    /// Runs it until it is told to end. Says how long each run took to be final while others sent, in milliseconds: nothing of
    /// those that ended later, which others had left alone by then.
    async fn again_and_again(self) -> Result<Vec<f64>, CliError> {
        let mut took = Vec::new();
        for turn in 3.. {
            let begun = Instant::now();
            self.run(turn).await?;
            if self.is_over.load(Ordering::Relaxed) {
                break;
            }
            took.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        Ok(took)
    }
}

async fn publish(client: &BenchClient, chain: ChainId, request: RequestId) -> Result<ApplicationId, CliError> {
    let (contract, service) = (code(BlobKind::Contract, CONTRACT)?, code(BlobKind::Service, SERVICE)?);
    let module = ModuleId { contract: contract.id().hash, service: service.id().hash };
    let (parameters, argument) = (Opaque(Vec::new()), Opaque(Vec::new()));
    let wanted = [Operation::PublishModule(module), Operation::CreateApplication { module, parameters, argument }];
    let wanted = wanted.map(Transaction::Execute).into();
    let block = client.submit(chain, request, wanted, vec![contract, service]).await?.finality().await?;
    let created = block.block().outcome.results.last().and_then(|result| encoding::from_bytes(&result.bytes.0).ok());
    created.ok_or_else(|| CliError::new(Code::General, "the block does not name what it created"))
}

fn code(kind: BlobKind, text: &str) -> Result<Blob, CliError> {
    let bytes = wat::parse_str(text).map_err(|error| CliError::telling(Code::General, &error))?;
    Ok(Blob { kind, bytes: Opaque(bytes) })
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a rough number"
)]
fn times(number: u64, share: f64) -> u64 {
    (number as f64 * share) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use myceline_execution::engine::CodeLimits;

    #[test]
    fn the_guests_can_be_published() {
        let limits = CodeLimits { metering: 0, memory_pages: 16 };
        for (kind, text) in [(BlobKind::Contract, CONTRACT), (BlobKind::Service, SERVICE)] {
            let blob = code(kind, text).expect("it is Wasm");
            assert_eq!(myceline_wasm::check(kind, &blob.bytes.0, limits), Ok(()));
        }
    }
}
