//! Rules for what people read: every link leads somewhere, every page is in the book, every crate is on the map.

use super::{
    Finding,
    workspace::{Page, Workspace},
};
use anyhow::{Context, Result};
use cargo_metadata::camino::{Utf8Path, Utf8PathBuf};

/// The table of contents of the book.
const SUMMARY: &str = "docs/SUMMARY.md";
/// The page with the code map.
const ARCHITECTURE: &str = "ARCHITECTURE.md";

/// Checks all pages against the files that they speak of.
pub fn check(workspace: &Workspace) -> Result<Vec<Finding>> {
    let exists = |path: &Utf8Path| workspace.root.join(path).exists();
    let mut findings: Vec<Finding> =
        workspace.pages.iter().flat_map(|page| links_lead_somewhere(page, exists)).collect();
    findings.extend(pages_are_in_the_book(page(workspace, SUMMARY)?, &workspace.pages));
    let folders = workspace.root.join("crates");
    let crates = workspace.crates().filter_map(|(_, package)| package.manifest_path.parent());
    let crates = crates.filter_map(|folder| Some(folder.strip_prefix(&folders).ok()?.as_str()));
    findings.extend(crates_are_on_the_map(page(workspace, ARCHITECTURE)?, crates));
    Ok(findings)
}

fn page<'a>(workspace: &'a Workspace, path: &str) -> Result<&'a Page> {
    workspace.pages.iter().find(|page| page.path == path).with_context(|| format!("{path} is missing"))
}

fn links_lead_somewhere(page: &Page, exists: impl Fn(&Utf8Path) -> bool) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (text, line) in page.text.lines().zip(1..) {
        for target in links(text).filter(|target| !exists(&resolve(page, target))) {
            findings.push(Finding::on_line(&page.path, line, format!("the link to `{target}` leads nowhere")));
        }
    }
    findings
}

fn pages_are_in_the_book(summary: &Page, pages: &[Page]) -> Vec<Finding> {
    let listed: Vec<Utf8PathBuf> = links(&summary.text).map(|target| resolve(summary, target)).collect();
    let in_docs = pages.iter().filter(|page| page.path.starts_with("docs") && page.path != summary.path);
    let unlisted = in_docs.filter(|page| !listed.contains(&page.path));
    unlisted.map(|page| Finding::at(&page.path, format!("list this page in {SUMMARY}"))).collect()
}

fn crates_are_on_the_map<'a>(map: &Page, crates: impl Iterator<Item = &'a str>) -> Vec<Finding> {
    let unlisted = crates.filter(|name| !map.text.contains(&format!("`crates/{name}`")));
    unlisted.map(|name| Finding::at(&map.path, format!("the code map lacks `crates/{name}`"))).collect()
}

/// The files that a Markdown text links to, without web addresses and anchors.
fn links(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    targets.filter(|target| !target.is_empty() && !target.contains(':'))
}

/// The file that a link on `page` means, relative to the workspace.
fn resolve(page: &Page, target: &str) -> Utf8PathBuf {
    let mut path = page.path.parent().unwrap_or(Utf8Path::new("")).to_owned();
    for step in target.split('/') {
        match step {
            "." | "" => {}
            ".." => drop(path.pop()),
            name => path.push(name),
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::listed;
    use expect_test::expect;

    fn page(path: &str, text: &str) -> Page {
        Page { path: path.into(), text: text.into() }
    }

    #[test]
    fn a_link_to_nowhere_is_found() {
        let page = page("docs/a.md", "[up](../README.md#top)\n[b](./b.md), [web](https://example.org) and [c](c/d.md)");
        let findings = links_lead_somewhere(&page, |path| path == "README.md");
        expect![[r#"
            docs/a.md:2: the link to `./b.md` leads nowhere
            docs/a.md:2: the link to `c/d.md` leads nowhere"#]]
        .assert_eq(&listed(&findings));
    }

    #[test]
    fn a_page_outside_the_book_is_found() {
        let summary = page(SUMMARY, "- [A](a.md)\n  - [B](adr/b.md)");
        let pages = [page("README.md", ""), page("docs/a.md", ""), page("docs/adr/b.md", ""), page("docs/c.md", "")];
        expect!["docs/c.md: list this page in docs/SUMMARY.md"]
            .assert_eq(&listed(&pages_are_in_the_book(&summary, &pages)));
    }

    #[test]
    fn a_crate_off_the_map_is_found() {
        let findings =
            crates_are_on_the_map(&page(ARCHITECTURE, "| `crates/types` | nouns |"), ["types", "rpc"].into_iter());
        expect!["ARCHITECTURE.md: the code map lacks `crates/rpc`"].assert_eq(&listed(&findings));
    }
}
