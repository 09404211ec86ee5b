//! The code of an application, built by cargo for Wasm.
//!
//! It runs cargo as a person would, in the workspace of the test, once per package and process. Cargo's own lock
//! lets other processes wait that build the same.

use myceline_types::{Blob, BlobKind, Opaque};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{LazyLock, Mutex, PoisonError},
};

/// What contracts are built for.
pub const WASM: &str = "wasm32-unknown-unknown";

/// The profile of contracts, as `--config` takes it, so that a workspace need not have it: small code in one piece.
pub const CONTRACT_PROFILE: [&str; 6] = [
    "profile.contract.inherits='release'",
    "profile.contract.opt-level='z'",
    "profile.contract.lto=true",
    "profile.contract.codegen-units=1",
    "profile.contract.strip=true",
    "profile.contract.panic='abort'",
];

/// A contract and its service, as Wasm.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Module {
    /// The contract.
    pub contract: Vec<u8>,
    /// The service.
    pub service: Vec<u8>,
}

static BUILT: LazyLock<Mutex<BTreeMap<String, Module>>> = LazyLock::new(Mutex::default);

impl Module {
    /// The application of the package that is being tested.
    pub fn current() -> Module {
        let package = env::var("CARGO_PKG_NAME").expect("cargo says which package it tests");
        Module::build(&package)
    }

    /// The application of a package of this workspace: its binaries whose names end in `_contract` and `_service`.
    pub fn build(package: &str) -> Module {
        let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(module) = built.get(package) {
            return module.clone();
        }
        let module = Module::build_now(package);
        built.insert(package.into(), module.clone());
        module
    }

    fn build_now(package: &str) -> Module {
        ensure_target();
        let files = run_cargo(package);
        let code = |half: &str| {
            let ending = format!("_{half}.wasm");
            let is_half = |file: &&PathBuf| file.to_string_lossy().ends_with(&ending);
            let file = files.iter().find(is_half);
            let file = file.unwrap_or_else(|| panic!("package {package} has no binary whose name ends in _{half}"));
            fs::read(file).unwrap_or_else(|why| panic!("cannot read {}: {why}", file.display()))
        };
        Module { contract: code("contract"), service: code("service") }
    }

    pub(crate) fn blobs(&self) -> (Blob, Blob) {
        let blob = |kind, bytes: &Vec<u8>| Blob { kind, bytes: Opaque(bytes.clone()) };
        (blob(BlobKind::Contract, &self.contract), blob(BlobKind::Service, &self.service))
    }
}

/// Builds the binaries of a package and gives their files.
fn run_cargo(package: &str) -> Vec<PathBuf> {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or("cargo".into()));
    cargo.args(["build", "--quiet", "--package", package, "--bins", "--target", WASM, "--profile", "contract"]);
    cargo.args(["--message-format", "json-render-diagnostics"]);
    for setting in CONTRACT_PROFILE {
        cargo.args(["--config", setting]);
    }
    let output = cargo.stderr(Stdio::inherit()).output().expect("cargo can be started");
    assert!(output.status.success(), "package {package} does not build for {WASM}");
    let messages = output.stdout.split(|byte| *byte == b'\n');
    messages.filter_map(|line| serde_json::from_slice(line).ok()).filter_map(executable).collect()
}

fn executable(message: Value) -> Option<PathBuf> {
    Some(PathBuf::from(message.get("executable")?.as_str()?))
}

/// Sees to it that this Rust can build for Wasm.
fn ensure_target() {
    let here = Path::new(".");
    if !has_target(here) {
        // Without rustup, or without a network, the next question is answered as before.
        let _ = Command::new("rustup").args(["target", "add", WASM]).status();
    }
    assert!(has_target(here), "contracts are built for {WASM}, which this Rust lacks: rustup target add {WASM}");
}

/// Whether the Rust that a folder uses has the libraries of the target, however it was installed.
pub fn has_target(folder: &Path) -> bool {
    let mut rustc = Command::new("rustc");
    let output = rustc.current_dir(folder).args(["--print", "target-libdir", "--target", WASM]).output();
    output.is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir())
}
