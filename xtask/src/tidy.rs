//! `cargo xtask tidy`: taste and the map of the workspace as checks that a machine runs in a moment.
//!
//! Each rule is one short function from plain data to findings, with a test that shows it can fail. What clippy or
//! rustfmt can check is theirs and does not appear here.

mod arrows;
mod house;
mod manifests;
mod pages;
mod purity;
mod source;
mod workspace;

use anyhow::{Result, ensure};
use std::fmt;
use workspace::Workspace;

/// Something to mend: where it is, and what to do about it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    place: String,
    line: Option<usize>,
    advice: String,
}

impl Finding {
    /// A finding about a file as a whole, or about a crate.
    fn at(place: impl ToString, advice: impl Into<String>) -> Finding {
        Finding { place: place.to_string(), line: None, advice: advice.into() }
    }

    /// A finding about one line of a file; lines count from 1.
    fn on_line(file: impl ToString, line: usize, advice: impl Into<String>) -> Finding {
        Finding { line: Some(line), ..Finding::at(file, advice) }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.place, self.advice),
            None => write!(f, "{}: {}", self.place, self.advice),
        }
    }
}

/// Checks the workspace that cargo finds from here; an error where there is something to mend.
pub fn run() -> Result<()> {
    let findings = check(&Workspace::load()?)?;
    ensure!(findings.is_empty(), "{} to mend:\n{}", findings.len(), listed(&findings));
    eprintln!("tidy: nothing to mend");
    Ok(())
}

/// All findings in the order of their places.
fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    findings.extend(arrows::check(workspace));
    findings.extend(purity::check(workspace)?);
    findings.extend(workspace.sources.iter().flat_map(house::check));
    findings.extend(manifests::check(workspace)?);
    findings.extend(pages::check(workspace)?);
    findings.sort();
    Ok(findings)
}

/// One finding per line.
fn listed(findings: &[Finding]) -> String {
    findings.iter().map(Finding::to_string).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workspace_is_tidy() {
        let findings = check(&Workspace::load().unwrap()).unwrap();
        assert!(findings.is_empty(), "\n{}", listed(&findings));
    }
}
