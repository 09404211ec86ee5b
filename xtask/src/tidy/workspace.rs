//! What tidy looks at: the members of the workspace, their Rust files and the pages of documentation.

use super::source::Source;
use anyhow::{Context, Result};
use cargo_metadata::{MetadataCommand, Package, camino::Utf8Path, camino::Utf8PathBuf};
use std::{collections::BTreeSet, fs};

/// The prefix that all crates which ship have in common.
const PREFIX: &str = "myceline-";

/// The workspace as it lies on disk. Paths in it are relative to `root`.
pub struct Workspace {
    /// The folder of the workspace.
    pub root: Utf8PathBuf,
    /// What cargo knows about each member, by itself and without its dependencies.
    pub members: Vec<Package>,
    /// All Rust files of the members.
    pub sources: Vec<Source>,
    /// All pages: Markdown at the root and under `docs`.
    pub pages: Vec<Page>,
}

/// A Markdown file.
pub struct Page {
    /// Relative to the workspace.
    pub path: Utf8PathBuf,
    /// The whole of it.
    pub text: String,
}

impl Workspace {
    /// Reads the workspace that cargo finds from the current folder.
    pub fn load() -> Result<Workspace> {
        let metadata = MetadataCommand::new().no_deps().exec()?;
        let root = metadata.workspace_root.clone();
        let members: Vec<Package> = metadata.workspace_packages().into_iter().cloned().collect();
        let folders = members.iter().filter_map(|member| member.manifest_path.parent());
        let sources = files(folders, "rs")?.iter().map(|path| Source::read(&root, path)).collect::<Result<_>>()?;
        let pages = page_paths(&root)?.iter().map(|path| Page::read(&root, path)).collect::<Result<_>>()?;
        Ok(Workspace { root, members, sources, pages })
    }

    /// The members that ship, by their short names: `types` for `myceline-types`.
    pub fn crates(&self) -> impl Iterator<Item = (&str, &Package)> {
        self.members.iter().filter_map(|member| Some((short_name(&member.name)?, member)))
    }
}

impl Page {
    fn read(root: &Utf8Path, path: &Utf8Path) -> Result<Page> {
        Ok(Page { path: path.strip_prefix(root)?.to_owned(), text: read(path)? })
    }
}

/// The name of one of our own crates without the prefix; nothing for a crate of somebody else.
pub fn short_name(package: &str) -> Option<&str> {
    package.strip_prefix(PREFIX)
}

/// The text of a file, or an error that names it.
pub fn read(path: &Utf8Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {path}"))
}

fn page_paths(root: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let mut paths: Vec<_> = entries(root)?.into_iter().filter(|path| path.extension() == Some("md")).collect();
    paths.extend(files([root.join("docs").as_path()], "md")?);
    Ok(paths)
}

/// Every file with this extension below the folders, once. Build output and hidden folders do not count.
fn files<'a>(folders: impl IntoIterator<Item = &'a Utf8Path>, extension: &str) -> Result<BTreeSet<Utf8PathBuf>> {
    let mut found = BTreeSet::new();
    let mut open: Vec<Utf8PathBuf> = folders.into_iter().map(Utf8Path::to_owned).collect();
    while let Some(folder) = open.pop() {
        for path in entries(&folder)? {
            if path.is_dir() {
                open.push(path);
            } else if path.extension() == Some(extension) {
                found.insert(path);
            }
        }
    }
    Ok(found)
}

fn entries(folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let entries = folder.read_dir_utf8().with_context(|| format!("cannot list {folder}"))?;
    let paths = entries.map(|entry| Ok(entry?.into_path())).collect::<Result<Vec<_>>>()?;
    Ok(paths.into_iter().filter(|path| path.file_name().is_some_and(counts)).collect())
}

fn counts(name: &str) -> bool {
    !name.starts_with('.') && name != "target" && name != "node_modules"
}
