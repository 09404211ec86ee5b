//! Four validator processes on loopback, made with the commands that an operator uses.

use crate::{
    load::{CHAINS, Made, TOKENS, owner_secret},
    witness::Witness,
};
use myceline_cli::document::{self, Kind};
use myceline_node::{Network, layout::VOTES, read};
use myceline_rpc::{GrpcPeer, Peer, grpc::PeerSettings};
use myceline_state::Snapshot;
use myceline_storage::{Embedded, Store, embedded::Options};
use myceline_storage_crash::votes::{self, Votes};
use myceline_types::{
    BlockHeight, ChainId, Genesis,
    api::{Request, Response},
};
use std::{
    collections::BTreeMap,
    fmt, fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// Members of the committee: one of them may be away.
pub const VALIDATORS: usize = 4;
/// How long a validator may take to answer after its start.
const START_TIME: Duration = Duration::from_secs(30);
/// How long a validator that was dead may take to have everything.
const CATCH_UP_TIME: Duration = Duration::from_secs(60);
/// How often it is asked meanwhile.
const ASK_PAUSE: Duration = Duration::from_millis(20);
/// What `genesis create` writes.
const GENESIS_KIND: Kind = Kind { format: "myceline-genesis", version: 1, is_secret: false };
/// Commits read at once.
const PAGE: usize = 1_000;

/// Validators as processes, and a witness for each.
pub struct Net {
    folder: TempDir,
    network: Arc<Network>,
    processes: Vec<Option<Child>>,
    witnesses: Vec<Witness>,
}

/// What an audit has looked at.
pub struct Report {
    votes: usize,
    acknowledged: u64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} blocks were acknowledged and none lost, {} votes and no two in one position",
            self.acknowledged, self.votes
        )
    }
}

impl Net {
    /// Makes a network and starts it.
    pub async fn start() -> Net {
        let folder = tempfile::tempdir().unwrap();
        let network = Arc::new(make(folder.path()));
        let members = network.genesis().committee.validators();
        let committee = Arc::new(network.genesis().committee.clone());
        let peer = |address: &str| GrpcPeer::new(address, settings()).unwrap();
        let witnesses = members.iter().map(|member| Witness::new(peer(&member.address), committee.clone())).collect();
        let processes = (0..VALIDATORS).map(|_| None).collect();
        let mut net = Net { folder, network, processes, witnesses };
        for place in 0..VALIDATORS {
            net.revive(place).await;
        }
        net
    }

    pub fn network(&self) -> Arc<Network> {
        self.network.clone()
    }

    /// The chains in the order of genesis.
    pub fn chains(&self) -> Vec<ChainId> {
        self.network.genesis().descriptions().map(|description| description.id()).collect()
    }

    /// The ways to the validators, in the order of the committee.
    pub fn witnesses(&self) -> Vec<Witness> {
        self.witnesses.clone()
    }

    /// Ends a validator as a power cut ends its process: it is not asked.
    pub fn kill(&mut self, place: usize) {
        let mut process = self.processes[place].take().unwrap();
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// Starts a validator on what is in its folder, and returns when it answers.
    pub async fn revive(&mut self, place: usize) {
        let folder = validator_folder(self.folder.path(), place);
        let log = fs::File::options().create(true).append(true).open(folder.join("log")).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_myceline"));
        command.args(["-v", "validator", "run", "--end-with-stdin", "--config"]).arg(folder.join("config.json"));
        self.processes[place] = Some(command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(log).spawn().unwrap());
        let until = Instant::now() + START_TIME;
        let address = &self.network.genesis().committee.validators()[place].address;
        while GrpcPeer::new(address, settings()).unwrap().call(Request::Genesis.into()).await.is_err() {
            assert!(Instant::now() < until, "it says: {}", fs::read_to_string(folder.join("log")).unwrap());
            tokio::time::sleep(ASK_PAUSE).await;
        }
    }

    /// Waits until each validator has caught up with all that was made.
    pub async fn wait_until_all_have(&self, made: &Made) {
        let mut heights = BTreeMap::<ChainId, u64>::new();
        made.keys().for_each(|(chain, _)| *heights.entry(*chain).or_default() += 1);
        let until = Instant::now() + CATCH_UP_TIME;
        for (witness, (chain, height)) in
            self.witnesses.iter().flat_map(|witness| heights.iter().map(move |at| (witness, at)))
        {
            while next(witness, *chain).await != BlockHeight(*height) {
                assert!(Instant::now() < until, "a validator does not catch up");
                tokio::time::sleep(ASK_PAUSE).await;
            }
        }
    }

    /// Lets all validators end.
    pub fn stop(&mut self) {
        for mut process in self.processes.iter_mut().filter_map(Option::take) {
            drop(process.stdin.take());
            process.wait().unwrap();
        }
    }

    /// Holds the stores of all validators against all that they said and all that was made.
    pub fn audit(&self, made: &Made) -> Report {
        let (mut votes, mut acknowledged) = (Votes::default(), 0);
        for (place, witness) in self.witnesses.iter().enumerate() {
            let promises = witness.promises();
            promises.votes().iter().try_for_each(|vote| votes.note(vote.clone())).unwrap();
            let folder = validator_folder(self.folder.path(), place).join("store");
            let options = Options::new(self.network.id().0, &myceline_node::layout::APPENDED);
            let view = Embedded::open(&folder, &options).unwrap().view();
            let certified =
                |chain, height| read::certified(&view, chain, height).map_err(|absent| format!("{absent:?}"));
            promises.check_blocks(certified).unwrap();
            for ((chain, height), block) in made {
                assert_eq!(certified(*chain, *height).unwrap().unwrap().certificate.block, *block);
            }
            self.note_stored(&view, &mut votes);
            acknowledged += promises.blocks();
        }
        Report { votes: votes.len(), acknowledged }
    }

    /// The votes in a validator's own log, and in the certificates that it keeps.
    fn note_stored(&self, view: &impl Snapshot, votes: &mut Votes) {
        for chain in self.chains() {
            let row = VOTES.get(view, &chain).unwrap().unwrap();
            row.signed.into_iter().try_for_each(|vote| votes.note(vote)).unwrap();
        }
        let (mut from, end) = (0, read::next_commit(view).unwrap());
        while from < end {
            let (commits, next) = read::commits(view, from, PAGE).unwrap();
            for (certified, _) in commits {
                let signed = votes::of_certificate(&certified.certificate);
                signed.into_iter().try_for_each(|vote| votes.note(vote)).unwrap();
            }
            from = next;
        }
    }
}

impl Drop for Net {
    /// Where the test has failed.
    fn drop(&mut self) {
        for mut process in self.processes.iter_mut().filter_map(Option::take) {
            // It may have ended by itself.
            let _ = process.kill().and_then(|()| process.wait());
        }
    }
}

/// A validator that comes back is called again at once.
fn settings() -> PeerSettings {
    PeerSettings { backoff_max: Duration::from_millis(200), ..PeerSettings::default() }
}

async fn next(witness: &Witness, chain: ChainId) -> BlockHeight {
    match witness.call(Request::Info { chain, nonce: 1 }.into()).await {
        Ok(Response::Info(info)) => info.info.next,
        other => panic!("{other:?}"),
    }
}

fn validator_folder(folder: &Path, place: usize) -> PathBuf {
    folder.join(format!("v{place}"))
}

/// Makes the folders of a network.
fn make(folder: &Path) -> Network {
    let listeners: Vec<_> = (0..VALIDATORS).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    let mut create = myceline(folder, "genesis create --output genesis.json --validator");
    for (place, listener) in listeners.iter().enumerate() {
        let listen = listener.local_addr().unwrap();
        run(&mut myceline(folder, &format!("validator init --dir v{place} --listen {listen}")));
        create.arg(format!("v{place}/validator.json"));
    }
    for chain in 0..CHAINS {
        create.arg("--chain").arg(format!("{}={TOKENS}", owner_secret(chain).owner()));
    }
    run(&mut create);

    let genesis: Genesis = document::read(&folder.join("genesis.json"), GENESIS_KIND).unwrap();
    Network::new(genesis).unwrap()
}

fn myceline(folder: &Path, words: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_myceline"));
    command.args(words.split(' ')).current_dir(folder).stdin(Stdio::null());
    command
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
}
