//! The map of the crates: which of them may depend on which others of ours, in what they ship.
//!
//! Development dependencies may point anywhere. The reasons for the arrows are in ARCHITECTURE.md.

use super::{Finding, workspace, workspace::Workspace};
use cargo_metadata::DependencyKind;

/// What a crate may depend on, besides `types`, whose nouns everybody may use.
enum Sees {
    These(&'static [&'static str]),
    Everything,
}
use Sees::{Everything, These};

/// From the bottom of the map to its top: a crate sees only crates above its own line.
const MAP: &[(&str, Sees)] = &[
    ("types", These(&[])),
    ("consensus", These(&[])),
    ("state", These(&[])),
    ("chain", These(&["consensus", "state"])),
    ("execution", These(&["state"])),
    ("sessions", These(&["consensus", "chain"])),
    ("storage", These(&["state"])),
    ("storage-crash", These(&["state", "storage"])),
    ("node", These(&["consensus", "state", "chain", "execution", "storage"])),
    ("wasm", These(&["execution"])),
    ("evm", These(&["execution"])),
    ("oracle", These(&["execution"])),
    ("rpc", These(&[])),
    ("client", These(&["state", "sessions", "node", "storage", "rpc"])),
    ("validator", These(&["state", "node", "client", "storage", "rpc"])),
    ("sdk-macros", These(&[])),
    ("sdk", These(&["state", "sdk-macros"])),
    ("service", These(&["execution", "storage", "node", "rpc", "client", "sdk"])),
    ("mcp", These(&["sdk", "service"])),
    ("faucet", These(&[])),
    ("sdk-testing", These(&["storage", "node", "wasm", "oracle", "rpc", "client", "validator", "sdk"])),
    ("cli", Everything),
    ("web", These(&["client", "wasm"])),
    ("sim", Everything),
];

/// Where to look before changing the map.
const HOW_TO_ADD: &str = "add a line to MAP in xtask/src/tidy/arrows.rs and one to the code map in ARCHITECTURE.md";

/// Checks what each of our crates depends on.
pub fn check(workspace: &Workspace) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, package) in workspace.crates() {
        let shipped = package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development);
        let ours: Vec<&str> = shipped.filter_map(|dependency| workspace::short_name(&dependency.name)).collect();
        findings.extend(check_crate(name, &ours));
    }
    findings
}

fn check_crate(name: &str, dependencies: &[&str]) -> Vec<Finding> {
    let Some((_, sees)) = MAP.iter().find(|(on_map, _)| *on_map == name) else {
        return vec![Finding::at(name, format!("is not on the map: {HOW_TO_ADD}"))];
    };
    dependencies.iter().filter_map(|dependency| check_arrow(name, sees, dependency)).collect()
}

fn check_arrow(name: &str, sees: &Sees, dependency: &str) -> Option<Finding> {
    let These(these) = sees else { return None };
    let permitted = dependency == "types" || these.contains(&dependency);
    let advice = format!("must not depend on `{dependency}`, only on types, {}", these.join(", "));
    (!permitted).then(|| Finding::at(name, advice.trim_end_matches([',', ' '])))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_map_has_no_circles() {
        for (row, (name, sees)) in MAP.iter().enumerate() {
            let above: Vec<&str> = MAP[..row].iter().map(|(name, _)| *name).collect();
            let These(these) = sees else { continue };
            assert!(these.iter().all(|seen| above.contains(seen)), "{name} sees a crate that is not above it");
        }
    }

    #[test]
    fn an_arrow_off_the_map_is_found() {
        let found = check_crate("chain", &["types", "consensus", "execution"]);
        assert_eq!(found, [Finding::at("chain", "must not depend on `execution`, only on types, consensus, state")]);
        assert_eq!(check_crate("rpc", &["state"]), [Finding::at("rpc", "must not depend on `state`, only on types")]);
    }

    #[test]
    fn arrows_on_the_map_pass() {
        assert_eq!(check_crate("chain", &["types", "consensus", "state"]), []);
        assert_eq!(check_crate("sim", &["cli", "node"]), []);
    }

    #[test]
    fn an_unknown_crate_learns_how_to_join() {
        assert_eq!(check_crate("gossip", &[]), [Finding::at("gossip", format!("is not on the map: {HOW_TO_ADD}"))]);
    }
}
