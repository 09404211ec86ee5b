//! What the page about applications and a new project's README tell people to type, typed.

use super::kit::{Net, User};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Where the modules of the example applications are compiled too, which makes this one quick.
const COMPILED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target");

#[test]
fn five_minutes_lead_from_an_empty_folder_to_an_application() {
    let net = Net::up();
    let folder = net.path("tour");
    fs::create_dir(&folder).unwrap();
    let told = type_all(&commands("../../docs/applications.md"), &folder, &net.bank);
    let answers: Vec<&str> = told.lines().filter(|line| line.contains("\"value\"")).map(str::trim).collect();
    assert_eq!(answers, ["\"value\": 5", "\"value\": 12"], "{told}");
    assert!(told.contains("2 passed"), "its tests run: {told}");

    let readme = fs::read_to_string(folder.join("poll/README.md")).unwrap();
    let told = type_all(&blocks(&readme), &folder.join("poll"), &net.bank);
    assert!(told.contains("\"value\": 5") && told.lines().any(|line| line == "12"), "{told}");

    panics_are_told(&net, &folder.join("poll"));
}

fn panics_are_told(net: &Net, project: &Path) {
    let call = ["app", "call", "poll", r#"{"Increment": {"by": 18446744073709551615}}"#];
    let (told, code) = net.bank.run(&call);
    assert_eq!(code, 11, "{told}");
    let source = fs::read_to_string(project.join("src/contract.rs")).unwrap();
    let line = 1 + source.lines().position(|line| line.contains("checked_add")).unwrap();
    let message = told["error"]["message"].as_str().unwrap();
    assert!(message.contains("the number fits in 64 bits"), "{message}");
    assert!(message.contains(&format!("src/contract.rs:{line}")), "{message}");
}

/// The lines that a page tells people to type.
pub fn commands(page: &str) -> String {
    blocks(&fs::read_to_string(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(page)).unwrap())
}

fn blocks(page: &str) -> String {
    let parts = page.split("```");
    parts.filter_map(|part| part.strip_prefix("sh\n")).collect()
}

/// Types lines into a shell, one after the other, and stops at the first that fails.
pub fn type_all(lines: &str, folder: &Path, user: &User) -> String {
    assert!(lines.lines().count() >= 5, "the page has commands: {lines:?}");
    let program = Path::new(env!("CARGO_BIN_EXE_myceline")).parent().unwrap();
    let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
    let mut shell = Command::new("bash");
    shell.args(["-e", "-c", lines]).current_dir(folder).env("PATH", path);
    shell.env("MYCELINE_WALLET", &user.wallet).env("CARGO_TARGET_DIR", COMPILED);
    let output = shell.output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    told
}
