//! `cargo xtask instructions`: counts instructions of the hot paths under valgrind, which no other load on the machine
//! changes, and compares them with the run before.

use crate::process::{self, cargo};
use anyhow::{Context, Result, ensure};
use cargo_metadata::{CargoOpt, MetadataCommand};
use std::process::{Command, Stdio};

/// The library that the benches use; its runner must be of the same version.
const LIBRARY: &str = "gungraun";

/// Installs the runner beside the build if it is not there, and counts.
pub fn run() -> Result<()> {
    ensure!(has_valgrind(), "valgrind is missing: install it, for example with `apt-get install valgrind`");
    let metadata = MetadataCommand::new().features(CargoOpt::AllFeatures).exec()?;
    let library = metadata.packages.iter().find(|package| package.name.as_str() == LIBRARY);
    let version = &library.with_context(|| format!("the benches do not use {LIBRARY}"))?.version;
    let folder = metadata.target_directory.join("instructions").join(version.to_string());
    let runner = folder.join("bin").join(format!("{LIBRARY}-runner"));
    if !runner.exists() {
        let install = format!("install {LIBRARY}-runner --locked --version ={version} --root {folder}");
        process::run(&mut cargo(&install))?;
    }
    process::run(cargo("bench --package benches").env("GUNGRAUN_RUNNER", &runner))
}

fn has_valgrind() -> bool {
    let mut probe = Command::new("valgrind");
    probe.arg("--version").stdout(Stdio::null()).stderr(Stdio::null());
    probe.status().is_ok_and(|status| status.success())
}
