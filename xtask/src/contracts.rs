//! `cargo xtask contracts`: builds the example applications for Wasm, and writes into the book how large they are.

use crate::{
    process::{self, cargo},
    wasm::{self, TARGET},
};
use anyhow::{Context, Result, ensure};
use cargo_metadata::{Metadata, MetadataCommand, Package, camino::Utf8PathBuf};
use std::fs;

/// The page with the table, and what the table stands between.
const PAGE: &str = "docs/examples.md";
const BEGIN: &str = "<!-- written by cargo xtask contracts -->\n";
const END: &str = "<!-- until here -->\n";

/// Builds all applications and writes the table.
pub fn run() -> Result<()> {
    let metadata = build()?;
    let page = metadata.workspace_root.join(PAGE);
    let text = fs::read_to_string(&page).with_context(|| format!("cannot read {page}"))?;
    let (before, rest) = text.split_once(BEGIN).with_context(|| format!("{page} has no place for the table"))?;
    let (_, after) = rest.split_once(END).with_context(|| format!("the table in {page} has no end"))?;
    let table = table(&metadata)?;
    fs::write(&page, [before, BEGIN, &table, END, after].concat()).with_context(|| format!("cannot write {page}"))?;
    eprintln!("{table}");
    Ok(())
}

/// Builds all applications at once, so that their tests find them.
pub fn build() -> Result<Metadata> {
    ensure!(wasm::has_target(), "contracts are built for {TARGET}: install it with `rustup target add {TARGET}`");
    let metadata = MetadataCommand::new().no_deps().exec()?;
    let mut build = cargo("build --bins --profile contract --target");
    build.arg(TARGET);
    for application in applications(&metadata) {
        build.args(["--package", &application.name]);
    }
    process::run(&mut build)?;
    Ok(metadata)
}

/// The members in the folder of applications.
fn applications(metadata: &Metadata) -> impl Iterator<Item = &Package> {
    let folder = metadata.workspace_root.join("apps");
    metadata.workspace_packages().into_iter().filter(move |package| package.manifest_path.starts_with(&folder))
}

fn table(metadata: &Metadata) -> Result<String> {
    let folder = metadata.target_directory.join(TARGET).join("contract");
    let mut table = "| application | contract, KB | service, KB |\n|---|--:|--:|\n".to_owned();
    let mut applications: Vec<&Package> = applications(metadata).collect();
    applications.sort_by_key(|application| &application.name);
    for application in applications {
        let name = application.name.replace('-', "_");
        let [contract, service] = ["contract", "service"].map(|half| folder.join(format!("{name}_{half}.wasm")));
        table += &format!("| {} | {} | {} |\n", application.name, kilobytes(&contract)?, kilobytes(&service)?);
    }
    Ok(table)
}

/// A thousand bytes each, as a rounded number.
fn kilobytes(file: &Utf8PathBuf) -> Result<u64> {
    let bytes = fs::metadata(file).with_context(|| format!("cannot see {file}"))?.len();
    Ok(bytes.div_ceil(1_000))
}
