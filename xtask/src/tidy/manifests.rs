//! Rules for Cargo.toml files: versions and their reasons stand in one place, and every member inherits the lints.

use super::{
    Finding,
    workspace::{self, Workspace},
};
use anyhow::{Context, Result};
use toml::{Table, Value};

/// Checks the manifest of the workspace and those of its members.
pub fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut findings = dependencies_have_reasons(&workspace::read(&workspace.root.join("Cargo.toml"))?);
    for member in &workspace.members {
        let text = workspace::read(&member.manifest_path)?;
        let manifest = text.parse().with_context(|| format!("cannot parse {}", member.manifest_path))?;
        findings.extend(versions_are_inherited(&member.name, &manifest));
        let is_application = member.manifest_path.starts_with(workspace.root.join("apps"));
        findings.extend(lints_are_inherited(&member.name, is_application, &manifest));
    }
    Ok(findings)
}

/// Every dependency on somebody else's crate has a sentence on its line that says what it is for.
fn dependencies_have_reasons(manifest: &str) -> Vec<Finding> {
    let lines = manifest.lines().zip(1..);
    let section = lines.skip_while(|(text, _)| *text != "[workspace.dependencies]").skip(1);
    let entries = section.take_while(|(text, _)| !text.starts_with('[')).filter(|(text, _)| is_foreign_entry(text));
    let unexplained = entries.filter(|(text, _)| text.split_once(" # ").is_none_or(|(_, why)| !is_sentence(why)));
    let advice = "say at the end of the line what this dependency is for (`# …`)";
    unexplained.map(|(_, line)| Finding::on_line("Cargo.toml", line, advice)).collect()
}

fn is_foreign_entry(line: &str) -> bool {
    line.starts_with(|first: char| first.is_ascii_alphanumeric()) && line.contains('=') && !line.contains("path = ")
}

fn is_sentence(text: &str) -> bool {
    text.split_whitespace().count() >= 2
}

/// A member says which dependencies it has; the workspace says in which version.
fn versions_are_inherited(member: &str, manifest: &Table) -> Vec<Finding> {
    let own = dependency_tables(manifest).into_iter().flatten().filter(|(_, entry)| !is_inherited(entry));
    let advice = |name| format!("take `{name}` from the workspace: `{name}.workspace = true`");
    own.map(|(name, _)| Finding::at(member, advice(name))).collect()
}

/// Crates with lints of their own, because the workspace forbids unsafe code: a guest's imports and exports cannot do without,
/// nor can what libFuzzer calls. Applications have such exports too.
const OWN_LINTS: &[&str] = &["myceline-sdk", "fuzz"];

fn lints_are_inherited(member: &str, is_application: bool, manifest: &Table) -> Option<Finding> {
    let lints = manifest.get("lints");
    let has_own = OWN_LINTS.contains(&member) || is_application && lints.is_some_and(denies_unsafe_code);
    (!has_own && !lints.is_some_and(is_inherited))
        .then(|| Finding::at(member, "inherit the lints: `[lints]` with `workspace = true`"))
}

fn is_inherited(entry: &Value) -> bool {
    entry.get("workspace").and_then(Value::as_bool) == Some(true)
}

fn denies_unsafe_code(lints: &Value) -> bool {
    lints.get("rust").and_then(|rust| rust.get("unsafe_code")).and_then(Value::as_str) == Some("deny")
}

/// All tables of dependencies, those of single platforms included.
fn dependency_tables(manifest: &Table) -> Vec<&Table> {
    let platforms = manifest.get("target").and_then(Value::as_table);
    let places = platforms.into_iter().flatten().filter_map(|(_, platform)| platform.as_table()).chain([manifest]);
    let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
    places.flat_map(|place| kinds.iter().filter_map(|kind| place.get(*kind)?.as_table())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::listed;
    use expect_test::expect;

    #[test]
    fn a_dependency_without_a_reason_is_found() {
        let manifest = "[workspace.dependencies]\nours = { path = \"x\" }\nhex = \"1\" # ids as text\n\nbcs = \"1\"\nclap = \"4\" # command lines\n[x]\na = 1";
        expect!["Cargo.toml:5: say at the end of the line what this dependency is for (`# …`)"]
            .assert_eq(&listed(&dependencies_have_reasons(manifest)));
    }

    #[test]
    fn a_version_in_a_member_is_found() {
        let manifest = "dependencies = { hex = '1', bcs = { workspace = true, features = ['a'] } }\n\
                        [target.'cfg(unix)'.dev-dependencies]\nnix = { version = '1' }";
        let findings = versions_are_inherited("sample", &manifest.parse().unwrap());
        expect![[r#"
            sample: take `nix` from the workspace: `nix.workspace = true`
            sample: take `hex` from the workspace: `hex.workspace = true`"#]]
        .assert_eq(&listed(&findings));
    }

    #[test]
    fn lints_of_its_own_are_found() {
        let check = |is_application, manifest: &str| {
            lints_are_inherited("sample", is_application, &manifest.parse().unwrap()).is_some()
        };
        assert!(check(false, "") && check(false, "[lints.clippy]\nall = 'warn'"));
        assert!(!check(false, "lints.workspace = true"));
        let own = "[lints.rust]\nunsafe_code = 'deny'";
        assert!(check(false, own) && check(true, "") && !check(true, own));
    }
}
