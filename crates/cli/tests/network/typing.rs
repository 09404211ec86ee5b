//! What pages tell people to type, typed into a shell.

use super::kit::User;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The root of the repository, where people are when they follow a page.
pub const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
/// Where the modules of the example applications are compiled too, which makes those of pages quick.
pub const COMPILED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target");

/// A page of the repository.
pub fn page(path: &str) -> String {
    let path = PathBuf::from(ROOT).join(path);
    fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// The lines in the shell blocks of a page.
pub fn shell_blocks(page: &str) -> String {
    let parts = page.split("```");
    parts.filter_map(|part| part.strip_prefix("sh\n")).collect()
}

/// The indented lines that follow the first line of a page which begins so.
pub fn lines_after<'a>(page: &'a str, beginning: &str) -> Vec<&'a str> {
    let rest = page.lines().skip_while(|line| !line.starts_with(beginning));
    let block = rest.skip_while(|line| !line.starts_with("    "));
    block.map_while(|line| line.strip_prefix("    ")).collect()
}

/// Types lines into a shell, one after the other, and stops at the first that fails.
pub fn type_all(lines: &str, folder: &Path, user: &User) -> String {
    assert!(lines.lines().count() >= 5, "the page has commands: {lines:?}");
    type_in(lines, folder, user)
}

/// Types something into a shell. Gives what that tells.
pub fn type_in(lines: &str, folder: &Path, user: &User) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_myceline")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("bash");
    shell.args(["-e", "-c", lines]).current_dir(folder).env("PATH", path);
    shell.env("MYCELINE_WALLET", &user.wallet).env("CARGO_TARGET_DIR", COMPILED);
    let output = shell.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{lines}\n{told}\n{}", String::from_utf8_lossy(&output.stderr));
    told
}
