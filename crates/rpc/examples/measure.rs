//! What a request costs on the wire: CPU time of both ends together, by the clock of the process in which both run.
//! The table that it prints stands in docs/performance/rpc.md.
//!
//! `cargo run --release -p myceline-rpc --example measure`

use myceline_rpc::{GrpcPeer, Handler, Incoming, Limits, Outgoing, Peer, Subscriber, grpc::PeerSettings, serve};
use myceline_types::{
    Blob, BlobKind, ChainId, Hash, Opaque, Refusal,
    api::{Request, Response, Subscribe},
    encoding,
};
use rustix::time::{ClockId, clock_gettime};
use std::{
    hint::black_box,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread,
    time::{Duration, Instant},
};
use tokio::{net::TcpListener, runtime::Builder, task::JoinSet};

/// Bytes of a request and of an answer.
const SIZE: usize = 400;
/// Each row is the best of so many rounds, since other programs can only make it worse…
const ROUNDS: usize = 6;
/// … each of them so long.
const ROUND: Duration = Duration::from_millis(500);
/// Batches that wait for the validator's worker thread.
const WORK_MAX: usize = 1_024;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let runtime = Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    println!("encoding and decoding of request and answer: {:.2} us\n", encoding_cost());
    println!("| call | answered by | in flight | CPU, us | time, us | calls/s | requests together |");
    println!("|---|---|--:|--:|--:|--:|--:|");
    for in_flight in [1, 8, 64, 512] {
        for worker in [false, true] {
            runtime.block_on(measure(Case { alone: false, worker, in_flight }))?;
        }
    }
    for in_flight in [1, 64] {
        runtime.block_on(measure(Case { alone: true, worker: false, in_flight }))?;
    }
    Ok(())
}

/// One row.
#[derive(Clone, Copy)]
struct Case {
    /// A call by itself instead of one in the stream.
    alone: bool,
    /// Answered by a thread instead of at once.
    worker: bool,
    in_flight: usize,
}

async fn measure(case: Case) -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let address = format!("http://{}", listener.local_addr()?);
    let validator = Arc::new(Validator::new(case.worker));
    let server = tokio::spawn(serve(listener, validator.clone(), Limits::default(), std::future::pending()));
    let peer = GrpcPeer::new(&address, PeerSettings::default())?;
    let mut best = round(&peer, case, &validator).await?;
    for _ in 1..ROUNDS {
        let next = round(&peer, case, &validator).await?;
        if next.cpu_us < best.cpu_us {
            best = next;
        }
    }
    best.print(case);
    server.abort();
    Ok(())
}

/// Keeps so many calls in flight for so long. How many there were.
async fn load(peer: &GrpcPeer, case: Case, long: Duration) -> Result<u64, Box<dyn std::error::Error>> {
    let until = Instant::now() + long;
    let mut callers = JoinSet::new();
    for _ in 0..case.in_flight {
        let peer = peer.clone();
        callers.spawn(async move {
            let mut calls = 0_u64;
            while Instant::now() < until {
                // Encoded each time, as it is for a real call.
                let request = Outgoing::from(request());
                let answered = if case.alone { peer.call_alone(request).await } else { peer.call(request).await };
                black_box(answered?);
                calls += 1;
            }
            Ok::<u64, myceline_rpc::CallError>(calls)
        });
    }
    let mut calls = 0;
    while let Some(caller) = callers.join_next().await {
        calls += caller??;
    }
    Ok(calls)
}

/// What a round says about one call.
struct Costs {
    cpu_us: f64,
    wall_us: f64,
    requests_per_batch: f64,
}

#[expect(clippy::cast_precision_loss, reason = "numbers to look at")]
async fn round(peer: &GrpcPeer, case: Case, validator: &Validator) -> Result<Costs, Box<dyn std::error::Error>> {
    validator.batches.store(0, Ordering::Relaxed);
    let (cpu, wall) = (cpu_time(), Instant::now());
    let calls = load(peer, case, ROUND).await? as f64;
    let per_call = |time: Duration| time.as_secs_f64() * 1e6 / calls;
    let (cpu_us, wall_us) = (per_call(cpu_time() - cpu), per_call(wall.elapsed()));
    Ok(Costs { cpu_us, wall_us, requests_per_batch: calls / validator.batches.load(Ordering::Relaxed) as f64 })
}

impl Costs {
    fn print(&self, case: Case) {
        let call = if case.alone { "alone" } else { "in the stream" };
        let by = if case.worker { "another thread" } else { "the reader" };
        let (in_flight, calls_per_s) = (case.in_flight, 1e6 / self.wall_us);
        println!(
            "| {call} | {by} | {in_flight} | {:.1} | {:.1} | {calls_per_s:.0} | {:.1} |",
            self.cpu_us, self.wall_us, self.requests_per_batch
        );
    }
}

fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// Microseconds to encode and decode a request and an answer, which every transport pays.
fn encoding_cost() -> f64 {
    const TIMES: u32 = 200_000;
    let begun = cpu_time();
    for _ in 0..TIMES {
        let (asked, answered) = (encoding::to_bytes(&request()), encoding::to_bytes(&response()));
        let _ = black_box(encoding::from_bytes::<Request>(black_box(&asked)));
        let _ = black_box(encoding::from_bytes::<Response>(black_box(&answered)));
    }
    (cpu_time() - begun).as_secs_f64() * 1e6 / f64::from(TIMES)
}

fn request() -> Request {
    Request::StateProof { chain: ChainId(Hash([1; 32])), key: Opaque(vec![2; SIZE - 35]) }
}

fn response() -> Response {
    Response::Blob(Some(Blob { kind: BlobKind::Data, bytes: Opaque(vec![3; SIZE - 5]) }))
}

/// Answers everything with the same bytes, at once or from a thread as a validator does.
struct Validator {
    worker: Option<mpsc::SyncSender<Vec<Incoming>>>,
    batches: AtomicU64,
}

impl Validator {
    fn new(worker: bool) -> Validator {
        Validator { worker: worker.then(start_worker), batches: AtomicU64::new(0) }
    }
}

fn start_worker() -> mpsc::SyncSender<Vec<Incoming>> {
    let (work, batches) = mpsc::sync_channel(WORK_MAX);
    thread::spawn(move || batches.into_iter().for_each(answer));
    work
}

fn answer(requests: Vec<Incoming>) {
    for incoming in requests {
        incoming.reply.send(response());
    }
}

impl Handler for Validator {
    fn handle(&self, requests: Vec<Incoming>) {
        self.batches.fetch_add(1, Ordering::Relaxed);
        match &self.worker {
            // Dropped where the queue is full: their replies say that the validator is busy.
            Some(worker) => drop(worker.try_send(requests)),
            None => answer(requests),
        }
    }

    fn subscribe(&self, _: Subscribe, _: Subscriber) -> Result<(), Refusal> {
        Err(Refusal::Busy)
    }
}
