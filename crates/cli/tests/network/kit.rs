//! A network for one test, and people with wallets in it.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use std::{
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Output, Stdio},
};
use tempfile::TempDir;

/// A network, and a folder for everything of a test.
pub struct Net {
    pub process: Child,
    pub folder: TempDir,
    pub endpoint: String,
    pub genesis: PathBuf,
    pub bank: User,
    pub bank_chain: String,
    /// What `net up` said.
    pub told: Value,
}

/// Somebody with a wallet.
#[derive(Clone)]
pub struct User {
    pub wallet: PathBuf,
}

/// A command that goes on, and says line after line.
pub struct Going {
    process: Child,
    lines: BufReader<ChildStdout>,
    /// The first thing that it said.
    pub told: Value,
}

impl Going {
    pub fn start(mut command: Command) -> Going {
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap());
        let mut going = Going { process, lines, told: Value::Null };
        going.told = going.next();
        going
    }

    /// The next thing that it says.
    pub fn next(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line:?}"))
    }

    /// Waits until it ends by itself.
    pub fn ends(mut self) {
        assert!(self.process.wait().unwrap().success());
    }
}

impl Drop for Going {
    fn drop(&mut self) {
        // One that has ended gets no signal: its number may be another's by now.
        if self.process.try_wait().unwrap().is_none() {
            kill_process(Pid::from_child(&self.process), Signal::INT).unwrap();
        }
        let ended = self.process.wait().unwrap();
        assert!(ended.success() || std::thread::panicking(), "it ends well: {ended}");
    }
}

pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_myceline"));
    command.stdin(Stdio::null()).env_remove("NO_COLOR").env("MYCELINE_PASSWORD", "open sesame");
    command
}

impl Net {
    pub fn up() -> Net {
        Net::up_with(&[])
    }

    /// A network that is started with more words.
    pub fn up_with(words: &[&str]) -> Net {
        let folder = tempfile::tempdir().unwrap();
        let mut command = program();
        command.args(["--json", "net", "up", "--port", "0"]).args(words).env("TMPDIR", folder.path());
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Net {
            process,
            folder,
            endpoint: text(&told["endpoints"][0]),
            genesis: Path::new(&text(&told["dir"])).join("genesis.json"),
            bank: User { wallet: text(&told["wallet"]).into() },
            bank_chain: text(&told["chain"]),
            told,
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Who owns the bank's chain.
    pub fn bank_owner(&self) -> String {
        self.bank.does(&["wallet", "show"])["chains"][&self.bank_chain]["owner"].as_str().unwrap().to_owned()
    }

    /// Somebody with a key and no chain, and who that is.
    pub fn newcomer(&self, name: &str) -> (User, String) {
        let user = User { wallet: self.path(name) };
        user.does(&["wallet", "init", "--genesis", &self.endpoint]);
        let owner = user.does(&["keygen", "--insecure-plaintext"])["owner"].as_str().unwrap().to_owned();
        (user, owner)
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        let id = Pid::from_child(&self.process);
        kill_process(id, Signal::INT).unwrap();
        assert!(self.process.wait().unwrap().success(), "net up ends well");
    }
}

impl User {
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = program();
        command.arg("--json").args(words).env("MYCELINE_WALLET", &self.wallet);
        command
    }

    pub fn run(&self, words: &[&str]) -> (Value, i32) {
        value_of(&self.command(words).output().unwrap())
    }

    /// Does what must work.
    pub fn does(&self, words: &[&str]) -> Value {
        let (value, code) = self.run(words);
        assert_eq!(code, 0, "{words:?}: {value}");
        value
    }

    /// Tries what must not work, and gives the word for why.
    pub fn fails(&self, words: &[&str]) -> String {
        let (value, code) = self.run(words);
        assert_ne!(code, 0, "{words:?}: {value}");
        value["error"]["code"].as_str().unwrap().to_owned()
    }

    pub fn tokens(&self, chain: &str) -> String {
        self.does(&["balance", "--chain", chain])["balance"].as_str().unwrap().to_owned()
    }
}

pub fn value_of(output: &Output) -> (Value, i32) {
    let value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON value: {output:?}"));
    (value, output.status.code().unwrap())
}
