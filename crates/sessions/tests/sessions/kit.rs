//! A network in one thread for tests of sessions: real chains, real signatures, and messages that arrive when the test says.

use myceline_node::{
    Answers, Cell, Draft, KnownBlobs, Lacking, Moment, NativeOnly, Network, Patience, Role, Sealer, Staged, VoteKey,
    Work, layout::BIRTHS, read,
};
use myceline_sessions::{
    Receipts, Repair, Setting, Settlement, Trust,
    receive::Room,
    repair::{self, Found, Want},
    settle::{Effect, Ending, Event, Own},
};
use myceline_state::MemorySnapshot;
use myceline_types::{
    Account, Amount, Blob, BlockHash, BlockHeight, Certificate, CertifiedBlock, ChainConfig, ChainDescription, ChainId,
    Committee, CryptoVerifier, Epoch, Fact, Genesis, Hash, Holder, Operation, Owner, OwnerSecret, Ownership,
    Permissions, Policy, Proposal, Refusal, Resilience, TimeDelta, Timestamp, Transaction, Validator, ValidatorSecret,
    api::{CertificateRequest, Request, Response},
    genesis::PROTOCOL_VERSION,
};
use std::{collections::BTreeMap, collections::BTreeSet, sync::Arc};

/// When stories begin.
pub const START: Timestamp = Timestamp(1_000_000_000);
/// How long a message travels.
const TRAVEL: TimeDelta = TimeDelta(500);
/// How long an owner tries.
pub const PATIENCE: TimeDelta = TimeDelta::from_millis(60_000);

/// Rows and the chains loaded over them: what validators and devices have in common.
pub struct Place {
    network: Arc<Network>,
    verifier: Arc<CryptoVerifier>,
    role: Role,
    sealer: Sealer,
    pub rows: MemorySnapshot,
    cells: BTreeMap<ChainId, Cell>,
}

impl Place {
    fn new(network: &Arc<Network>, verifier: &Arc<CryptoVerifier>, role: Role, key: Option<VoteKey>) -> Place {
        let (rows, sealer) = (MemorySnapshot::new(), Sealer::new(key, 0));
        Place { network: network.clone(), verifier: verifier.clone(), role, sealer, rows, cells: BTreeMap::new() }
    }

    /// Forgets what is not in the store.
    pub fn restart(&mut self) {
        self.cells.clear();
    }

    /// Takes a step and makes it durable; `None` where the chain does not exist.
    pub fn step<T>(
        &mut self,
        now: Timestamp,
        chain: ChainId,
        act: impl FnOnce(&mut Work<'_, MemorySnapshot>) -> Result<T, Lacking>,
    ) -> Option<(T, Option<Response>)> {
        if !self.cells.contains_key(&chain) {
            self.cells.insert(chain, Cell::load(&self.network, chain, &self.rows).unwrap()?);
        }
        let cell = self.cells.get_mut(&chain).unwrap();
        let moment = Moment {
            now,
            view: &self.rows,
            verifier: &*self.verifier,
            known_blobs: &KnownBlobs::default(),
            role: self.role,
            engine: &NativeOnly,
            web: &Answers::new(),
            patience: Patience::Endless,
        };
        let mut value = None;
        let step = cell.step(moment, |work| act(work).map(|done| value = Some(done))).unwrap();
        let sealed = self.sealer.seal(&self.rows, vec![step]).unwrap();
        sealed.batches.into_iter().for_each(|batch| self.rows.apply(batch));
        Some((value.unwrap(), sealed.responses.into_iter().next().flatten()))
    }

    /// What a validator answers.
    pub fn handle(&mut self, now: Timestamp, request: &Request) -> Response {
        let (chain, answer) = match request {
            Request::Propose(request) => {
                let chain = request.proposal.body.proposed.chain;
                (chain, self.step(now, chain, |work| work.propose(request)))
            }
            Request::Certificate(request) => {
                let chain = request.certificate.slot.chain;
                (chain, self.step(now, chain, |work| work.certificate(request)))
            }
            Request::TimeoutCertificate(timeout) => {
                (timeout.slot.chain, self.step(now, timeout.slot.chain, |work| work.timeout_certificate(timeout)))
            }
            Request::LeaveRound(request) => {
                let chain = request.request.slot.chain;
                (chain, self.step(now, chain, |work| work.leave_round(request)))
            }
            Request::Info { chain, nonce } => {
                let info = |work: &mut Work<'_, MemorySnapshot>| {
                    work.info(*nonce);
                    Ok(())
                };
                (*chain, self.step(now, *chain, info))
            }
            Request::Blocks { chain, from, limit } => {
                return Response::Blocks(read::blocks(&self.rows, *chain, *from, *limit as usize).unwrap());
            }
            Request::Inbox { chain, after, limit } => {
                return Response::Inbox(read::waiting(&self.rows, *chain, *after, *limit as usize).unwrap());
            }
            Request::Blob(id) => return Response::Blob(read::blob(&self.rows, *id).unwrap()),
            other => panic!("no session asks {other:?}"),
        };
        match answer {
            Some((_, answer)) => answer.expect("every request has an answer"),
            None => Response::Refused(Box::new(Refusal::UnknownChain(chain))),
        }
    }

    /// The tip's height and block.
    pub fn tip(&mut self, chain: ChainId) -> (BlockHeight, Option<BlockHash>) {
        self.step(START, chain, |work| Ok((work.tip().next, work.tip().block))).map(|(tip, _)| tip).unwrap_or_default()
    }

    /// The chain's balance.
    pub fn balance(&mut self, chain: ChainId) -> Amount {
        self.step(START, chain, |work| Ok(work.balance(&Holder::Chain)?)).unwrap().0
    }

    fn certified(&self, chain: ChainId, from: BlockHeight, up_to: BlockHeight) -> Vec<(CertifiedBlock, Vec<Blob>)> {
        let count = (up_to.0 - from.0 + 1) as usize;
        let blocks = read::blocks(&self.rows, chain, from, count).unwrap();
        blocks.into_iter().map(|block| (block, Vec::new())).collect()
    }
}

/// How a validator behaves on the way from and to a device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Link {
    /// Everything arrives.
    Up,
    /// Nothing arrives, and the device learns of it at once.
    Down,
    /// Requests arrive, answers do not.
    Deaf,
}

/// Validators, and devices of one owner or several.
pub struct World {
    pub network: Arc<Network>,
    pub verifier: Arc<CryptoVerifier>,
    pub validators: Vec<Place>,
    pub now: Timestamp,
}

/// An owner's key and store.
pub struct Device {
    pub place: Place,
    pub secret: OwnerSecret,
    pub links: Vec<Link>,
    /// Proposals that were written down.
    pub written: Vec<Arc<Proposal>>,
}

/// How an attempt to settle a height ended.
#[derive(Debug)]
pub struct Settled {
    pub ending: Ending,
    pub exchanges: u32,
}

impl Settled {
    /// The final block's name and whether it is the device's own.
    pub fn block(&self) -> (BlockHash, bool) {
        match &self.ending {
            Ending::Final { certificate, is_own, .. } => (certificate.block, *is_own),
            other => panic!("not final: {other:?}"),
        }
    }

    pub fn certificate(&self) -> &Certificate {
        match &self.ending {
            Ending::Final { certificate, .. } => certificate,
            other => panic!("not final: {other:?}"),
        }
    }
}

/// The secret of an owner.
pub fn secret(name: &str) -> OwnerSecret {
    OwnerSecret::from_seed(Hash::of_parts(&[name.as_bytes()]).0)
}

impl World {
    /// So many validators of weight 1, of which `slow` may be slow, and root chains of these ownerships with 1000 tokens.
    pub fn new(count: u8, slow: u64, chains: Vec<Ownership>) -> World {
        let secrets: Vec<ValidatorSecret> = (0..count).map(|index| ValidatorSecret::from_seed([index; 32])).collect();
        let member = |secret: &ValidatorSecret| Validator {
            key: secret.public(),
            account: secret.address(),
            weight: 1,
            address: String::new(),
        };
        let faulty = (u64::from(count) - 1 - 2 * slow) / 3;
        let committee =
            Committee::new(secrets.iter().map(member).collect(), Resilience::Custom { faulty, slow }).unwrap();
        let chain = |ownership| ChainConfig {
            ownership,
            permissions: Permissions::default(),
            balance: Amount::from_tokens(1000),
        };
        let genesis = Genesis {
            name: "test".into(),
            protocol: PROTOCOL_VERSION,
            timestamp: Timestamp(1),
            committee,
            policy: Policy::default(),
            chains: chains.into_iter().map(chain).collect(),
            salt: Hash::ZERO,
        };
        let network = Arc::new(Network::new(genesis).unwrap());
        let verifier = Arc::new(CryptoVerifier::new());
        let place = |(index, secret)| {
            let key = VoteKey::new(secret, index, network.id());
            Place::new(&network, &verifier, Role::Validator, Some(key))
        };
        let validators = (0u8..).zip(secrets).map(place).collect();
        World { network, verifier, validators, now: START }
    }

    /// The root chain at a place in genesis.
    pub fn chain(&self, index: u32) -> ChainId {
        self.network.genesis().description(index).unwrap().id()
    }

    /// A device that holds the key of `owner` and an empty store.
    pub fn device(&self, owner: &str) -> Device {
        let place = Place::new(&self.network, &self.verifier, Role::Client, None);
        Device { place, secret: secret(owner), links: vec![Link::Up; self.validators.len()], written: Vec::new() }
    }

    pub fn committee(&self) -> &Committee {
        self.network.committee(Epoch::ZERO).unwrap()
    }

    /// Runs `check` with what everybody believes.
    pub fn trusting<T>(&self, check: impl FnOnce(Trust<'_>) -> T) -> T {
        let committee = |epoch| self.network.committee(epoch);
        check(Trust { network: self.network.id(), committee: &committee, verifier: &*self.verifier })
    }

    /// Settles a height of `chain` with a transfer of so many tokens to `to`, or with nothing of the device's own, and
    /// shows the certificate to everybody within reach if it is final.
    pub fn transfer(&mut self, device: &mut Device, chain: ChainId, to: ChainId, tokens: u64) -> Settled {
        let own = device.stage(self.now, chain, vec![transfer(to, tokens)]);
        self.finish(device, chain, Some(own))
    }

    /// Settles, adopts what is final at the device and shows it to everybody within reach.
    pub fn finish(&mut self, device: &mut Device, chain: ChainId, own: Option<Own>) -> Settled {
        let settled = self.settle(device, chain, own, None);
        if let Ending::Final { .. } = settled.ending {
            self.adopt(device, &settled);
            self.deliver(device, settled.certificate());
        }
        settled
    }

    /// Settles a height by a session whose messages travel in order.
    pub fn settle(
        &mut self,
        device: &mut Device,
        chain: ChainId,
        own: Option<Own>,
        parent: Option<Certificate>,
    ) -> Settled {
        let mut attempt = Attempt::begin(self, device, chain, own, parent);
        while let Some(at) = attempt.next_at() {
            self.now = self.now.max(at);
            attempt.advance(self, device);
        }
        attempt.settled()
    }

    /// The device adopts a final block.
    pub fn adopt(&mut self, device: &mut Device, settled: &Settled) {
        let Ending::Final { certificate, body, .. } = &settled.ending else { panic!("not final") };
        let chain = certificate.slot.chain;
        let (now, certificate) = (self.now, certificate.clone());
        let step = device.place.step(now, chain, |work| {
            if let Some(body) = body {
                work.examine(body, &[])?.unwrap();
            }
            work.certificate(&CertificateRequest { certificate, block: None, blobs: Vec::new() })
        });
        assert!(matches!(step.unwrap().1, Some(Response::Committed { .. })));
    }

    /// Shows a certificate to all validators that the device reaches, and repairs those that lack something.
    pub fn deliver(&mut self, device: &mut Device, certificate: &Certificate) {
        let request = CertificateRequest { certificate: certificate.clone(), block: None, blobs: Vec::new() };
        let request = Request::Certificate(Box::new(request));
        for index in 0..self.validators.len() {
            if device.links[index] == Link::Up {
                let answer = self.ask(device, index, &request);
                assert!(matches!(answer, Response::Committed { .. }), "{answer:?}");
            }
        }
    }

    /// Asks a validator, and repairs it if it lacks something.
    pub fn ask(&mut self, device: &mut Device, validator: usize, request: &Request) -> Response {
        match self.validators[validator].handle(self.now, request) {
            Response::Refused(refusal) => {
                let repaired = self.repair(device, validator, request, refusal.clone());
                repaired.unwrap_or(Response::Refused(refusal))
            }
            answer => answer,
        }
    }

    /// Repairs a validator with what the device and the other validators have; `None` where that does not work.
    pub fn repair(
        &mut self,
        device: &Device,
        validator: usize,
        request: &Request,
        refusal: Box<Refusal>,
    ) -> Option<Response> {
        let mut session = Repair::new(request.clone());
        let mut effect = session.step(repair::Event::Refused(refusal));
        loop {
            effect = match effect {
                repair::Effect::Done(response) => return Some(response),
                repair::Effect::GiveUp(_) => return None,
                repair::Effect::Find(want) => session.step(match self.find(device, want) {
                    Some(found) => repair::Event::Found(found),
                    None => repair::Event::NotFound,
                }),
                repair::Effect::Send(requests) => {
                    let handle = |request: &Request| self.validators[validator].handle(self.now, request);
                    session.step(repair::Event::Answers(requests.iter().map(handle).collect()))
                }
            };
        }
    }

    fn find(&self, device: &Device, want: Want) -> Option<Found> {
        match want {
            Want::Blocks { chain, from, up_to } => {
                let everybody = std::iter::once(&device.place).chain(&self.validators);
                let found =
                    everybody.map(|place| place.certified(chain, from, up_to)).find(|blocks| !blocks.is_empty());
                found.map(Found::Blocks)
            }
            Want::Description(chain) => {
                let birth = |place: &Place| BIRTHS.get(&place.rows, &chain).unwrap();
                let found: Option<ChainDescription> = self.validators.iter().find_map(birth);
                found.map(|description| Found::Description(Box::new(description)))
            }
            Want::Block(block) => {
                let candidate = device.place.cells.values().find_map(Cell::last)?;
                (candidate.certificate.block == block).then(|| Found::Block(Box::new(candidate.block), Vec::new()))
            }
            Want::Blobs(_) => None,
            Want::Sources(facts) => {
                let everybody = || std::iter::once(&device.place).chain(&self.validators);
                let source =
                    |fact: &Fact| everybody().find_map(|place| myceline_node::source(&place.rows, fact).unwrap());
                facts.iter().map(source).collect::<Option<_>>().map(Found::Sources)
            }
        }
    }
}

impl Device {
    pub fn owner(&self) -> Owner {
        self.secret.owner()
    }

    /// Makes a block of these transactions on the tip.
    pub fn stage(&mut self, now: Timestamp, chain: ChainId, wanted: Vec<Transaction>) -> Own {
        let author = Some(self.owner());
        let draft = Draft { author, wanted, ..Draft::default() };
        self.stage_draft(now, chain, draft)
    }

    pub fn stage_draft(&mut self, now: Timestamp, chain: ChainId, draft: Draft) -> Own {
        let (staged, _) = self.place.step(now, chain, |work| work.stage(draft)).unwrap();
        let Staged::Block(candidate) = staged else { panic!("{staged:?}") };
        Own { executed: candidate.executed(), body: candidate.block.body(), blobs: Vec::new(), proposal: None }
    }

    /// The bundles that wait for a chain, with proof.
    pub fn incoming(&mut self, world: &World, chain: ChainId) -> Vec<Transaction> {
        let mut receipts = Receipts::new(chain);
        for (origin, cursor, _) in read::waiting(&world.validators[0].rows, chain, None, 100).unwrap() {
            receipts.hint(origin, cursor);
        }
        while let Some((origin, height)) = receipts.wanted(1).pop() {
            let block = read::certified(&world.validators[0].rows, origin, height).unwrap().unwrap();
            world.trusting(|trust| receipts.show(trust, &block)).unwrap();
        }
        receipts.next(Room { transactions: 100, bytes: 1 << 20 })
    }

    /// The only chain that this device has seen being opened.
    pub fn newest_birth(&self) -> ChainId {
        let births = BIRTHS.page(&self.place.rows, std::ops::Bound::Unbounded, 1).unwrap();
        births[0].0
    }

    /// Begins again with what was written down last.
    pub fn resume(&mut self, now: Timestamp, chain: ChainId) -> Own {
        self.place.restart();
        let proposal = Proposal::clone(self.written.last().unwrap());
        let (candidate, _) = self.place.step(now, chain, |work| work.examine(&proposal.body, &[])).unwrap();
        let candidate = candidate.unwrap();
        let body = candidate.block.body();
        Own { executed: candidate.executed(), body, blobs: Vec::new(), proposal: Some(proposal) }
    }
}

/// A transfer from the chain's balance to another chain's.
pub fn transfer(to: ChainId, tokens: u64) -> Transaction {
    let (from, to, amount) = (Holder::Chain, Account::of_chain(to), Amount::from_tokens(tokens));
    Transaction::Execute(Operation::Transfer { from, to, amount })
}

/// A settlement under way, with its messages.
pub struct Attempt {
    chain: ChainId,
    session: Settlement,
    /// What is under way: when it arrives, and in which order it was sent.
    mail: BTreeMap<(Timestamp, u64), Mail>,
    sent: u64,
    asked: BTreeMap<u32, Request>,
    wake: Option<Timestamp>,
    ending: Option<Ending>,
}

enum Mail {
    Request { exchange: u32, validator: usize, request: Request },
    Event(Event),
}

impl Attempt {
    pub fn begin(
        world: &World,
        device: &mut Device,
        chain: ChainId,
        own: Option<Own>,
        parent: Option<Certificate>,
    ) -> Attempt {
        let me = device.owner();
        let deadline = world.now.after(PATIENCE);
        let session = with_setting(world, device, chain, |setting| {
            Settlement::new(setting, me, own, &BTreeSet::new(), deadline).with_parent(parent)
        });
        let mut attempt = Attempt {
            chain,
            session,
            mail: BTreeMap::new(),
            sent: 0,
            asked: BTreeMap::new(),
            wake: None,
            ending: None,
        };
        attempt.post(world.now, Mail::Event(Event::Begin));
        attempt
    }

    fn post(&mut self, at: Timestamp, mail: Mail) {
        self.sent += 1;
        self.mail.insert((at, self.sent), mail);
    }

    /// When something happens next; `None` when it is over.
    pub fn next_at(&self) -> Option<Timestamp> {
        if self.ending.is_some() {
            return None;
        }
        let mail = self.mail.keys().next().map(|(at, _)| *at);
        mail.into_iter().chain(self.wake).min()
    }

    /// Lets the next thing happen.
    pub fn advance(&mut self, world: &mut World, device: &mut Device) {
        let first = self.mail.first_entry().filter(|entry| entry.key().0 <= world.now).map(|entry| entry.remove());
        match first {
            Some(Mail::Request { exchange, validator, request }) => {
                let response = world.validators[validator].handle(world.now, &request);
                let event = match device.links[validator] {
                    Link::Deaf => Event::Silence { exchange, validator: validator as u8 },
                    _ => Event::Answer { exchange, validator: validator as u8, response },
                };
                self.post(world.now.after(TRAVEL), Mail::Event(event));
            }
            Some(Mail::Event(event)) => self.step(world, device, event),
            None => {
                self.wake = None;
                self.step(world, device, Event::Tick);
            }
        }
    }

    fn step(&mut self, world: &mut World, device: &mut Device, event: Event) {
        let mut effects = Vec::new();
        let session = &mut self.session;
        with_setting(world, device, self.chain, |setting| session.step(setting, event, &mut effects));
        for effect in effects {
            self.perform(world, device, effect);
        }
    }

    fn perform(&mut self, world: &mut World, device: &mut Device, effect: Effect) {
        let now = world.now;
        match effect {
            Effect::Sign(statement) => {
                let signature = device.secret.sign(statement.digest(world.network.id()));
                self.post(now, Mail::Event(Event::Signed(signature)));
            }
            Effect::Write(proposal) => {
                device.written.push(proposal);
                self.post(now, Mail::Event(Event::Written));
            }
            Effect::Ask { exchange, ahead, request } => {
                self.asked.insert(exchange, request.clone());
                for validator in 0..world.validators.len() {
                    for request in ahead.iter().chain([&request]).cloned() {
                        self.send(now, device.links[validator], exchange, validator, request);
                    }
                }
            }
            Effect::Repair { exchange, validator, refusal } => {
                let event = match world.repair(device, validator.into(), &self.asked[&exchange], refusal) {
                    Some(response) => Event::Answer { exchange, validator, response },
                    None => Event::Silence { exchange, validator },
                };
                self.post(now.after(TRAVEL), Mail::Event(event));
            }
            Effect::Examine(body) => {
                let examined = device.place.step(now, self.chain, |work| work.examine(&body, &[])).unwrap().0;
                if let Ok(candidate) = examined {
                    self.post(now, Mail::Event(Event::Examined(Box::new(candidate.block.clone()))));
                }
            }
            Effect::Wake(at) => self.wake = Some(at),
            Effect::End(ending) => self.ending = Some(ending),
        }
    }

    fn send(&mut self, now: Timestamp, link: Link, exchange: u32, validator: usize, request: Request) {
        match link {
            Link::Down => {
                let silence = Event::Silence { exchange, validator: validator as u8 };
                self.post(now.after(TRAVEL), Mail::Event(silence));
            }
            Link::Up | Link::Deaf => {
                // An odd time for each validator, so that answers come one by one.
                let travel = TimeDelta(TRAVEL.0 + validator as u64);
                self.post(now.after(travel), Mail::Request { exchange, validator, request });
            }
        }
    }

    /// Whether anybody was asked.
    pub fn has_sent(&self) -> bool {
        !self.asked.is_empty()
    }

    pub fn settled(self) -> Settled {
        let exchanges = self.asked.len() as u32;
        Settled { ending: self.ending.expect("the session is over"), exchanges }
    }
}

fn with_setting<T>(world: &World, device: &mut Device, chain: ChainId, act: impl FnOnce(&Setting<'_>) -> T) -> T {
    device.place.tip(chain);
    let terms = device.place.cells[&chain].terms().unwrap();
    act(&Setting { now: world.now, network: world.network.id(), terms, verifier: &*world.verifier })
}
