//! The built binary, as people and scripts use it.

use expect_test::{Expect, expect};
use myceline_cli::wallet::Folder;
use serde_json::Value;
use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::PathBuf,
    process::{Command, Output, Stdio},
    time::Duration,
};
use tempfile::TempDir;

/// Somebody with a wallet of their own.
struct User {
    folder: TempDir,
}

impl User {
    fn new() -> User {
        User { folder: tempfile::tempdir().expect("tests have a folder for temporary files") }
    }

    fn wallet(&self) -> PathBuf {
        self.folder.path().join("wallet")
    }

    fn keys(&self) -> PathBuf {
        self.wallet().join("keys.json")
    }

    /// A command of this user, with a password in the environment and nobody at the terminal.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_myceline"));
        command.args(words).stdin(Stdio::null());
        command.env("MYCELINE_WALLET", self.wallet()).env("MYCELINE_PASSWORD", "open sesame").env_remove("NO_COLOR");
        command
    }

    fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().expect("the binary was built for this test")
    }

    /// The one JSON value that a command wrote, and its exit code.
    fn json(&self, words: &[&str]) -> (Value, i32) {
        value_of(&self.run(&[words, &["--json"]].concat()))
    }

    /// What a command wrote to stderr, with the folder of this run left out, and its exit code.
    fn check_error(&self, output: &Output, code: i32, expected: Expect) {
        assert_eq!((text(&output.stdout), output.status.code()), (String::new(), Some(code)));
        expected.assert_eq(&text(&output.stderr).replace(&self.folder.path().display().to_string(), "HERE"));
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("commands write UTF-8")
}

fn value_of(output: &Output) -> (Value, i32) {
    let value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON value: {output:?}"));
    (value, output.status.code().expect("no signal ends a command"))
}

#[test]
fn help_teaches() {
    let user = User::new();
    let output = user.run(&["--help"]);
    assert!(output.status.success());
    expect![[r#"
        A network of microchains that you can run, use and measure

        Usage: myceline [OPTIONS] <COMMAND>

        Commands:
          demo         Show all of it in a few seconds: payments, a killed validator, two devices at once
          net          Run a network on this machine
          transfer     Send tokens to another chain or account
          balance      Show what is in an account
          sync         Bring chains up to date and take in what others sent
          inbox        Show what waits for a chain
          watch        Tell what happens to chains, as it happens
          approve      Let somebody spend from your account on a chain
          allowance    Show what somebody may still spend from an account
          claim        Have your account on another chain paid out
          chain        Open chains, look at them, and say who may do what on them
          wallet       Make a wallet, look at it, and say which chains it has
          blob         Publish and read immutable data
          project      Begin an application, build it, test it and publish it
          module       Publish the code of applications
          app          Create, call and query applications, and see what they emit
          proof        Prove messages, events and state to others, and check such proofs
          service      Serve a wallet's chains and applications over GraphQL, until Ctrl-C
          mcp          Offer applications to AI agents as tools, by the Model Context Protocol
          faucet       Give newcomers a chain of their own, until Ctrl-C
          keygen       Make a key and keep it in the wallet
          genesis      Make and look at what a network starts from
          validator    Make, run and ask validators
          bench        Measure a running network
          explain      Explain the code of an error
          completions  Write completions for a shell

        Options:
          -h, --help     Print help
          -V, --version  Print version

        Everywhere:
              --json                  Write JSON to stdout, for scripts: one value, or one per line where a command goes on
          -q, --quiet                 Write nothing but results and errors
          -v, --verbose...            Say more about what happens; twice or three times for even more
              --color <WHEN>          When to use colours [default: auto]
              --wallet <DIR>          The wallet's folder [default: myceline in the folder for data of programs] [env: MYCELINE_WALLET]
              --wait <TIME>           How long to wait for another command that uses the wallet; 0s not at all [default: 10s]
              --password-file <FILE>  A file with the password of the wallet's keys; MYCELINE_PASSWORD or a question otherwise

        Exit codes:
           0  done
           1  failed for a reason that has no code of its own
           2  the command line or the query makes no sense
           3  no such wallet, chain, key or file
           4  refused by the network
           5  another command holds the wallet
           6  too few tokens
           7  the password is missing or wrong
           8  too few validators answered
           9  nobody reads the output any more
          10  ended by a signal before it was done
          11  the code of an application gave up
          12  the token is missing or wrong, or the page may not ask here
          13  the service only reads
    "#]].assert_eq(&text(&output.stdout));
    let keygen = text(&user.run(&["keygen", "--help"]).stdout);
    assert!(keygen.contains("Examples:\n  myceline keygen "), "{keygen}");
}

#[test]
fn a_key_is_made_and_kept() {
    let user = User::new();
    let (first, code) = user.json(&["keygen"]);
    assert_eq!(code, 0);
    let owner = first["owner"].as_str().unwrap();
    assert!(owner.starts_with("ed25519:"), "{owner}");
    assert_eq!(first["encrypted"], true);
    assert_eq!(first["keystore"], user.keys().display().to_string());
    assert_eq!(fs::metadata(user.keys()).unwrap().mode() & 0o777, 0o600);

    let second = user.run(&["keygen", "--kind", "ethereum"]);
    let told = text(&second.stdout);
    assert!(told.starts_with("0x") && told.ends_with("keys.json, encrypted.\n"), "{told}");
    assert_eq!(text(&second.stderr), "");
    let kept = fs::read_to_string(user.keys()).unwrap();
    assert!(kept.contains(owner) && kept.contains(told.lines().next().unwrap()));
}

#[test]
fn colours_are_for_terminals_unless_they_are_asked_for() {
    let user = User::new();
    assert!(!text(&user.run(&["keygen"]).stdout).contains('\u{1b}'));
    assert!(text(&user.run(&["keygen", "--color", "always"]).stdout).contains('\u{1b}'));
    let error = user.command(&["keygen", "--color", "never"]).env("MYCELINE_PASSWORD", "wrong").output().unwrap();
    assert!(!text(&error.stderr).contains('\u{1b}'));
}

#[test]
fn a_wrong_password_opens_nothing() {
    let user = User::new();
    user.json(&["keygen"]);
    let before = fs::read(user.keys()).unwrap();
    let output = user.command(&["keygen"]).env("MYCELINE_PASSWORD", "wrong").output().unwrap();
    user.check_error(
        &output,
        7,
        expect![[r#"
        error: the password does not open HERE/wallet/keys.json
          try: --password-file FILE, or MYCELINE_PASSWORD, with the password of this wallet
    "#]],
    );
    let file = user.folder.path().join("password");
    fs::write(&file, "open sesame\n").unwrap();
    let words = ["keygen", "--password-file", file.to_str().unwrap()];
    assert_ne!(fs::read(user.keys()).unwrap(), Vec::<u8>::new());
    assert_eq!(fs::read(user.keys()).unwrap(), before);
    let output = user.command(&words).env("MYCELINE_PASSWORD", "wrong").output().unwrap();
    assert!(output.status.success(), "the file comes before the variable: {output:?}");
}

#[test]
fn without_a_password_or_somebody_to_ask_a_command_says_so() {
    let user = User::new();
    let output = user.command(&["keygen"]).env_remove("MYCELINE_PASSWORD").output().unwrap();
    user.check_error(
        &output,
        7,
        expect![[r#"
        error: the keys of this wallet need a password, and there is no terminal to ask at
          try: --password-file FILE, or MYCELINE_PASSWORD in the environment
    "#]],
    );
    let output = user.command(&["keygen", "--insecure-plaintext"]).env_remove("MYCELINE_PASSWORD").output().unwrap();
    assert!(text(&output.stdout).ends_with("keys.json, not encrypted.\n"), "{output:?}");
    let output = user.command(&["keygen"]).env_remove("MYCELINE_PASSWORD").output().unwrap();
    assert!(output.status.success(), "nothing to unlock: {output:?}");
}

#[test]
fn keys_that_others_may_read_are_not_used() {
    let user = User::new();
    user.json(&["keygen"]);
    fs::set_permissions(user.keys(), fs::Permissions::from_mode(0o644)).unwrap();
    user.check_error(
        &user.run(&["keygen"]),
        1,
        expect![[r#"
        error: HERE/wallet/keys.json is open to other users of this machine (mode 644)
          try: chmod 600 HERE/wallet/keys.json
    "#]],
    );
}

#[test]
fn a_busy_wallet_is_waited_for_and_its_holder_named() {
    let user = User::new();
    let folder = Folder::new(user.wallet());
    let held = folder.lock(Duration::ZERO, |_| ()).unwrap();
    let holder = format!("process {} (", std::process::id());
    let at_once = user.run(&["keygen", "--wait", "0s"]);
    assert_eq!(at_once.status.code(), Some(5));
    let told = text(&at_once.stderr);
    assert!(told.starts_with("error: ") && told.contains(&format!("is in use by {holder}")), "{told}");
    let patient = user.run(&["keygen", "--wait", "1100ms"]);
    assert_eq!(patient.status.code(), Some(5));
    let told = text(&patient.stderr);
    assert!(told.starts_with(&format!("note: waiting for {holder}")), "{told}");
    assert!(told.contains(&format!("is in use by {holder}")), "{told}");

    let mut waiting = user.command(&["keygen", "--quiet", "--wait", "60s"]);
    let waiting = waiting.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(held);
    let output = waiting.wait_with_output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
}

#[test]
fn a_script_reads_errors_as_it_reads_results() {
    let user = User::new();
    user.json(&["keygen"]);
    let output = user.command(&["keygen", "--json"]).env("MYCELINE_PASSWORD", "wrong").output().unwrap();
    let (value, code) = value_of(&output);
    assert_eq!((&value["error"]["code"], code), (&"locked".into(), 7));
    assert!(value["error"]["hint"].as_str().unwrap().contains("--password-file"), "{value}");
    assert_eq!(text(&output.stderr), "");

    let (value, code) = user.json(&["keygen", "--kind", "rsa"]);
    assert_eq!((&value["error"]["code"], code), (&"usage".into(), 2));
    assert!(value["error"]["message"].as_str().unwrap().contains("'rsa'"), "{value}");
}

#[test]
fn a_command_says_more_when_asked_and_less_when_not() {
    let user = User::new();
    let told = text(&user.run(&["keygen", "-vv"]).stderr);
    assert!(told.contains("holds the wallet") && !told.contains("open sesame"), "{told}");
    assert_eq!(text(&user.run(&["keygen"]).stderr), "");
    assert_eq!(user.run(&["keygen", "-v", "--quiet"]).status.code(), Some(2), "not both");
}

#[test]
fn a_mistake_in_the_words_is_shown_with_what_is_possible() {
    let output = User::new().run(&["keygn"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("a similar subcommand exists: 'keygen'"), "{output:?}");
}

#[test]
fn a_reader_that_leaves_is_no_reason_to_complain() {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = User::new().command(&["completions", "bash"]).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert_eq!((text(&output.stderr), output.status.code()), (String::new(), Some(9)));
}

#[test]
fn every_shell_gets_completions() {
    let user = User::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let output = user.run(&["completions", shell]);
        assert!(output.status.success() && text(&output.stdout).contains("keygen"), "{shell}");
    }
    assert!(!user.wallet().exists(), "completions touch no wallet");
}
