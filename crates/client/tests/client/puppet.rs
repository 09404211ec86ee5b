//! Applications without Wasm: an operation or message of one says what it asks. Shown events, it writes each of them down under
//! its index.

use crate::kit::{Net, TestClient, Wire, request};
use myceline_client::{FinalBlock, Options, SubmitError};
use myceline_execution::engine::{CodeLimits, Engine, EngineFault, Guest, Input, InvalidModule, Trap, Turn};
use myceline_node::{Offline, Web};
use myceline_storage::Memory;
use myceline_types::{
    ApplicationId, Blob, BlobId, BlobKind, ChainId, ModuleId, Opaque, Operation, Policy, StreamId, Transaction,
    encoding,
    guest::{self, Entry, KeyRange, Question, StreamUpdate},
};
use myceline_validator::Guests;
use std::{
    collections::{BTreeSet, VecDeque},
    sync::{Arc, Condvar, Mutex},
    time::{Duration, Instant},
};

/// Burns more fuel than anybody who has others to serve waits for, and then waits for the gate.
const TOIL: u32 = u32::MAX;
/// How much fuel that is.
const TOIL_FUEL: i64 = 10_000_000;

/// Keeps whoever toils until it is opened, or for a time in which they keep a core busy.
#[derive(Default)]
pub struct Gate(Mutex<bool>, Condvar, Duration);

impl Gate {
    pub fn opened() -> Arc<Gate> {
        let gate = Arc::new(Gate::default());
        gate.open();
        gate
    }

    /// Has whoever toils work for so long.
    #[allow(dead_code, reason = "for the measurement in examples")]
    pub fn working(time: Duration) -> Arc<Gate> {
        Arc::new(Gate(Mutex::new(true), Condvar::new(), time))
    }

    pub fn open(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }

    fn pass(&self) {
        let begun = Instant::now();
        while begun.elapsed() < self.2 {
            std::hint::spin_loop();
        }
        drop(self.1.wait_while(self.0.lock().unwrap(), |is_open| !*is_open).unwrap());
    }
}

/// What a puppet does in a call: questions in order, each with what is asked.
#[derive(Clone, Default)]
pub struct Strings(VecDeque<(u32, Vec<u8>)>);

impl Strings {
    /// Then asks this.
    pub fn ask<Q: Question>(mut self, asked: Q::Asked) -> Strings {
        self.0.push_back((Q::CODE, encoding::to_bytes(&asked)));
        self
    }

    /// Then takes long.
    pub fn toil(mut self) -> Strings {
        self.0.push_back((TOIL, Vec::new()));
        self
    }

    pub fn bytes(&self) -> Vec<u8> {
        encoding::to_bytes(&self.0)
    }
}

/// Makes puppets of any code. What it made once it has at hand.
#[derive(Default)]
pub struct Puppets {
    known: Mutex<BTreeSet<BlobId>>,
    gate: Arc<Gate>,
}

impl Puppets {
    pub fn behind(gate: &Arc<Gate>) -> Puppets {
        Puppets { known: Mutex::default(), gate: gate.clone() }
    }

    fn puppet(&self) -> Box<dyn Guest> {
        let gate = self.gate.clone();
        Box::new(Puppet { left: VecDeque::new(), last: Vec::new(), told: None, toil: 0, gate })
    }
}

impl Engine for Puppets {
    fn check(&self, _: BlobKind, _: &[u8], _: CodeLimits) -> Result<(), InvalidModule> {
        Ok(())
    }

    fn cached(&self, module: BlobId, _: CodeLimits) -> Result<Option<Box<dyn Guest>>, EngineFault> {
        Ok(self.known.lock().unwrap().contains(&module).then(|| self.puppet()))
    }

    fn instantiate(&self, module: BlobId, _: &[u8], _: CodeLimits) -> Result<Box<dyn Guest>, EngineFault> {
        self.known.lock().unwrap().insert(module);
        Ok(self.puppet())
    }
}

struct Puppet {
    left: VecDeque<(u32, Vec<u8>)>,
    last: Vec<u8>,
    /// The event that was asked for last.
    told: Option<u32>,
    toil: i64,
    gate: Arc<Gate>,
}

impl Guest for Puppet {
    fn resume(&mut self, input: Input<'_>, fuel: &mut i64) -> Turn {
        match input {
            Input::Call(Entry::Store, _) => return Turn::Returns(Vec::new()),
            Input::Call(Entry::Streams, updates) => self.left = reads(updates),
            Input::Call(_, argument) => match encoding::from_bytes(argument) {
                Ok(strings) => (self.left, self.last) = (strings, Vec::new()),
                Err(_) => return Turn::Traps(Trap::Unreachable),
            },
            Input::Answer(answer) => self.hear(answer),
            Input::Fuel => (),
        }
        self.go_on(fuel)
    }
}

/// Asks for every event of these updates.
fn reads(updates: &[u8]) -> VecDeque<(u32, Vec<u8>)> {
    let updates: Vec<StreamUpdate> = encoding::from_bytes(updates).expect("the host encodes updates");
    let mut questions = VecDeque::new();
    for StreamUpdate { chain, stream, first, next } in updates {
        for index in first..next {
            questions.push_back((guest::ReadEvent::CODE, encoding::to_bytes(&(chain, stream.clone(), index))));
        }
    }
    questions
}

impl Puppet {
    /// An event that was told is written down.
    fn hear(&mut self, answer: &[u8]) {
        match self.told.take() {
            Some(index) => {
                let event: Opaque = encoding::from_bytes(answer).expect("an event");
                let put = (Opaque(index.to_be_bytes().to_vec()), Some(event));
                self.left.push_front((guest::Put::CODE, encoding::to_bytes(&put)));
            }
            None => self.last = answer.to_vec(),
        }
    }

    fn go_on(&mut self, fuel: &mut i64) -> Turn {
        if self.toil > 0 {
            // As guests of engines do, it is hungry below zero only.
            let eaten = self.toil.min(fuel.saturating_add(1));
            (self.toil, *fuel) = (self.toil - eaten, *fuel - eaten);
            if self.toil > 0 {
                return Turn::Hungry;
            }
            self.gate.pass();
        }
        match self.left.pop_front() {
            Some((TOIL, _)) => {
                self.toil = TOIL_FUEL;
                self.go_on(fuel)
            }
            Some((code, asked)) => {
                if code == guest::ReadEvent::CODE {
                    let (_, _, index): (ChainId, StreamId, u32) =
                        encoding::from_bytes(&asked).expect("as it was encoded");
                    self.told = Some(index);
                }
                Turn::Asks(code, asked)
            }
            None => Turn::Returns(std::mem::take(&mut self.last)),
        }
    }
}

/// A network whose validators run puppets, each with an engine of its own.
pub fn net(owners: &[&str]) -> Net {
    net_with(owners, Policy::default(), &Gate::opened(), |_| Arc::new(Offline))
}

/// The same, with a gate for those that toil and a view of the web for each validator.
pub fn net_with(owners: &[&str], policy: Policy, gate: &Arc<Gate>, web: impl Fn(u8) -> Arc<dyn Web>) -> Net {
    Net::start_with(owners, policy, |place| Guests { engine: Arc::new(Puppets::behind(gate)), web: web(place) })
}

/// A client that runs puppets.
pub fn client(net: &Net, people: &[&str]) -> TestClient {
    client_over(net, Memory::new(), net.wires(), people)
}

pub fn client_over(net: &Net, store: Memory, wires: Vec<Wire>, people: &[&str]) -> TestClient {
    let options = Options { engine: Arc::new(Puppets::behind(&Gate::opened())), ..Options::default() };
    net.client_with(store, wires, people, options)
}

/// Makes a block and waits until it is final, and until all validators that answer have it.
pub async fn make(
    client: &TestClient,
    chain: ChainId,
    id: u8,
    transactions: Vec<Transaction>,
    blobs: Vec<Blob>,
) -> Result<FinalBlock, SubmitError> {
    let block = client.submit(chain, request(id), transactions, blobs).await?.finality().await?;
    client.deliver(chain).await?;
    Ok(block)
}

/// Has an application do something.
pub async fn call(
    client: &TestClient,
    chain: ChainId,
    id: u8,
    application: ApplicationId,
    strings: Strings,
) -> Result<FinalBlock, SubmitError> {
    make(client, chain, id, vec![operation(application, &strings)], Vec::new()).await
}

pub fn operation(id: ApplicationId, strings: &Strings) -> Transaction {
    Transaction::Execute(Operation::Application { id, bytes: Opaque(strings.bytes()) })
}

/// Publishes a module on a chain and creates an application of it, in two blocks.
pub async fn create(client: &TestClient, chain: ChainId) -> ApplicationId {
    let code = |kind| Blob { kind, bytes: Opaque(b"puppet".to_vec()) };
    let (contract, service) = (code(BlobKind::Contract), code(BlobKind::Service));
    let module = ModuleId { contract: contract.id().hash, service: service.id().hash };
    let publish = vec![Transaction::Execute(Operation::PublishModule(module))];
    make(client, chain, 101, publish, vec![contract, service]).await.unwrap();
    let (parameters, argument) = (Opaque(Vec::new()), Opaque(Strings::default().bytes()));
    let create = vec![Transaction::Execute(Operation::CreateApplication { module, parameters, argument })];
    let block = make(client, chain, 102, create, Vec::new()).await.unwrap();
    encoding::from_bytes(&block.block().outcome.results[0].bytes.0).unwrap()
}

/// What an application has written down on a chain.
pub async fn notes(client: &TestClient, chain: ChainId, application: ApplicationId) -> Vec<(Vec<u8>, Vec<u8>)> {
    let range = KeyRange { prefix: Opaque(Vec::new()), start: Opaque(Vec::new()), limit: 1_000 };
    let query = Strings::default().ask::<guest::Scan>(range).bytes();
    let answered = client.query(chain, application, query).await.unwrap();
    let entries: Vec<(Opaque, Opaque)> = encoding::from_bytes(&answered.answer).unwrap();
    entries.into_iter().map(|(key, value)| (key.0, value.0)).collect()
}
