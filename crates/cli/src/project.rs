//! A project on disk: the package of one application, whose contract and service cargo compiles for Wasm.

pub mod template;
mod toolchain;

use crate::{CliError, Code};
use cargo_metadata::{Metadata, MetadataCommand, Package, TargetKind};
use myceline_sdk_testing::CONTRACT_PROFILE;
use myceline_types::{Blob, BlobKind, ModuleId, Opaque};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// How the names of binaries end that are contracts and services.
const ENDINGS: [&str; 2] = ["_contract", "_service"];

/// The package of an application.
#[derive(Debug)]
pub struct Project {
    /// What cargo calls it.
    pub package: String,
    /// Its folder.
    pub dir: PathBuf,
    target: PathBuf,
    binaries: [String; 2],
}

/// The code of an application, compiled.
#[derive(Debug)]
pub struct Compiled {
    /// What changes state.
    pub contract: Module,
    /// What answers queries.
    pub service: Module,
}

/// A compiled module.
#[derive(Debug)]
pub struct Module {
    /// Where it lies.
    pub file: PathBuf,
    /// As it is published.
    pub blob: Blob,
}

impl Project {
    /// The project of a folder, or of one above it.
    pub fn find(dir: &Path) -> Result<Project, CliError> {
        let metadata = MetadataCommand::new().current_dir(dir).no_deps().exec().map_err(|error| {
            CliError::new(Code::NotFound, format_args!("{} holds no project that cargo can read", dir.display()))
                .because(&error)
                .hint("make one: myceline project new NAME")
        })?;
        let package = package_of(&metadata, dir)?;
        let binaries = [binary(package, ENDINGS[0])?, binary(package, ENDINGS[1])?];
        let dir = package.manifest_path.parent().map(|dir| dir.as_std_path().to_owned());
        Ok(Project {
            package: package.name.to_string(),
            dir: dir.unwrap_or_default(),
            target: metadata.target_directory.into_std_path_buf(),
            binaries,
        })
    }

    /// Compiles contract and service. Cargo says on stderr how far it is.
    pub fn compile(&self) -> Result<Compiled, CliError> {
        toolchain::ensure_wasm(&self.dir)?;
        let mut build = self.cargo("build");
        build.args(["--profile", "contract", "--target", toolchain::WASM, "--bins"]);
        build.args(CONTRACT_PROFILE.iter().flat_map(|setting| ["--config", setting]));
        run(&mut build)?;
        let [contract, service] = &self.binaries;
        Ok(Compiled {
            contract: self.module(BlobKind::Contract, contract)?,
            service: self.module(BlobKind::Service, service)?,
        })
    }

    /// Runs the project's tests on this machine.
    pub fn test(&self, words: &[String]) -> Result<(), CliError> {
        run(self.cargo("test").args(words))
    }

    fn cargo(&self, what: &str) -> Command {
        let mut command = Command::new("cargo");
        command.current_dir(&self.dir).args([what, "--package", &self.package]);
        command
    }

    fn module(&self, kind: BlobKind, binary: &str) -> Result<Module, CliError> {
        let file = self.target.join(toolchain::WASM).join("contract").join(binary).with_extension("wasm");
        Module::read(kind, file)
    }
}

impl Compiled {
    /// Under which name it is published.
    pub fn id(&self) -> ModuleId {
        ModuleId { contract: self.contract.blob.id().hash, service: self.service.blob.id().hash }
    }

    /// As it is published.
    pub fn into_blobs(self) -> Vec<Blob> {
        vec![self.contract.blob, self.service.blob]
    }
}

impl Module {
    /// Reads a compiled module.
    pub fn read(kind: BlobKind, file: PathBuf) -> Result<Module, CliError> {
        let bytes = std::fs::read(&file).map_err(CliError::reading(&file))?;
        Ok(Module { file, blob: Blob { kind, bytes: Opaque(bytes) } })
    }

    /// Bytes of its code.
    pub fn size(&self) -> usize {
        self.blob.bytes.0.len()
    }
}

/// The package whose folder this is, or the only one that there is.
fn package_of<'a>(metadata: &'a Metadata, dir: &Path) -> Result<&'a Package, CliError> {
    // Without dots and links, as cargo writes the places of packages.
    let dir = dir.canonicalize().map_err(|error| CliError::telling(Code::General, &error))?;
    let packages = metadata.workspace_packages();
    let holds =
        |package: &&&Package| package.manifest_path.parent().is_some_and(|home| dir.starts_with(home.as_std_path()));
    let deepest = |package: &&&Package| package.manifest_path.as_str().len();
    if let Some(package) = packages.iter().filter(holds).max_by_key(deepest) {
        return Ok(package);
    }
    match packages.as_slice() {
        [package] => Ok(package),
        _ => Err(CliError::new(Code::Usage, format_args!("{} holds more than one package", dir.display()))
            .hint("name the folder of one of them with --project")),
    }
}

fn binary(package: &Package, ending: &str) -> Result<String, CliError> {
    let is_binary = |target: &&cargo_metadata::Target| target.kind.contains(&TargetKind::Bin);
    let found = package.targets.iter().filter(is_binary).find(|target| target.name.ends_with(ending));
    let missing = || {
        CliError::new(
            Code::Usage,
            format_args!("the package {} has no binary whose name ends in {ending}", package.name),
        )
        .hint("see how a new project looks: myceline project new example")
    };
    found.map(|target| target.name.clone()).ok_or_else(missing)
}

/// Runs a tool that says on the terminal what it does.
fn run(command: &mut Command) -> Result<(), CliError> {
    let tool = command.get_program().display().to_string();
    let status = command.status().map_err(|error| {
        CliError::new(Code::NotFound, format_args!("cannot run {tool}"))
            .because(&error)
            .hint("install Rust: https://rustup.rs")
    })?;
    if status.success() {
        return Ok(());
    }
    Err(CliError::new(Code::General, format_args!("{tool} failed, and says above why")))
}
