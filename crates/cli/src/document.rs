//! The JSON files of this program: rewritten as a whole, marked with what they are, and if they are secret, private to
//! their owner.
//!
//! A file begins with its format and version, `{"format":"myceline-keys","version":1,…}`. It is replaced by renaming a
//! finished one over it, so a crash leaves the old or the new one and never half of it.

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    fs,
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The word in the file.
    pub format: &'static str,
    /// The version that this program reads and writes.
    pub version: u32,
    /// Whether nobody but its owner may read it.
    pub is_secret: bool,
}

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// There is none.
    #[error("there is no {}", path.display())]
    NotFound {
        /// Where it was looked for.
        path: PathBuf,
    },
    /// Others may read or change it: take their rights away, and ask who did.
    #[error("{} is open to other users of this machine (mode {mode:03o})", path.display())]
    TooOpen {
        /// The file.
        path: PathBuf,
        /// Its rights.
        mode: u32,
    },
    /// It is something else.
    #[error("{} is no {expected} file", path.display())]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// What was expected.
        expected: &'static str,
    },
    /// Another version of this program wrote it.
    #[error("{} has version {found} of its format, this program reads version {expected}", path.display())]
    OtherVersion {
        /// The file.
        path: PathBuf,
        /// The version it has.
        found: u32,
        /// The version that this program reads.
        expected: u32,
    },
    /// Somebody or something changed it: restore it from a backup.
    #[error("{} is damaged: {what}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        what: String,
    },
    /// The file system refused something.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was attempted.
        doing: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// How every file begins.
#[derive(Deserialize)]
struct Beginning {
    format: String,
    version: u32,
}

/// A whole file as it is written.
#[derive(Serialize)]
struct Whole<'a, T> {
    format: &'a str,
    version: u32,
    #[serde(flatten)]
    content: &'a T,
}

/// Rights of anybody but the owner.
const OTHERS: u32 = 0o077;
/// All rights.
const RIGHTS: u32 = 0o777;

/// Rights of a file that everybody may read.
const PUBLIC: u32 = 0o644;

/// Reads a file of this kind.
pub fn read<T: DeserializeOwned>(path: &Path, kind: Kind) -> Result<T, DocumentError> {
    if kind.is_secret {
        check_rights(path)?;
    }
    match fs::read(path) {
        Ok(text) => parse(path, &text, kind),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(DocumentError::NotFound { path: path.into() }),
        Err(error) => Err(failed("read", path)(error)),
    }
}

/// Reads the text of a document of this kind, which came from `path`.
pub fn parse<T: DeserializeOwned>(path: &Path, text: &[u8], kind: Kind) -> Result<T, DocumentError> {
    let not_ours = |_| DocumentError::OtherFormat { path: path.into(), expected: kind.format };
    let beginning: Beginning = serde_json::from_slice(text).map_err(not_ours)?;
    if beginning.format != kind.format {
        return Err(DocumentError::OtherFormat { path: path.into(), expected: kind.format });
    }
    if beginning.version != kind.version {
        let (found, expected) = (beginning.version, kind.version);
        return Err(DocumentError::OtherVersion { path: path.into(), found, expected });
    }
    serde_json::from_slice(text).map_err(|error| DocumentError::damaged(path, error))
}

/// Replaces a file of this kind, or makes the first one, in a folder that exists.
pub fn write<T: Serialize>(path: &Path, kind: Kind, content: &T) -> Result<(), DocumentError> {
    replace(folder_of(path), path, kind, &text(kind, content)).map_err(failed("write", path))
}

/// A document of this kind as text.
pub fn text<T: Serialize>(kind: Kind, content: &T) -> Vec<u8> {
    let whole = Whole { format: kind.format, version: kind.version, content };
    let mut text = serde_json::to_vec_pretty(&whole).expect("documents have text keys and no other way to fail");
    text.push(b'\n');
    text
}

/// The folder that a path is in: a bare name is in the working folder.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Only the owner may read a secret that is made here, from the first byte on. The folder is synced too: it holds the name.
fn replace(folder: &Path, path: &Path, kind: Kind, text: &[u8]) -> io::Result<()> {
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    file.write_all(text)?;
    if !kind.is_secret {
        file.as_file().set_permissions(fs::Permissions::from_mode(PUBLIC))?;
    }
    file.as_file().sync_all()?;
    file.persist(path)?;
    fs::File::open(folder)?.sync_all()
}

/// Makes a folder, and those above it, that only the owner may enter.
pub fn make_private_folder(path: &Path) -> Result<(), DocumentError> {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(failed("make", path))
}

fn check_rights(path: &Path) -> Result<(), DocumentError> {
    match fs::metadata(path) {
        Ok(metadata) if metadata.mode() & OTHERS == 0 => Ok(()),
        Ok(metadata) => Err(DocumentError::TooOpen { path: path.into(), mode: metadata.mode() & RIGHTS }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(DocumentError::NotFound { path: path.into() }),
        Err(error) => Err(failed("read", path)(error)),
    }
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> DocumentError {
    move |source| DocumentError::Io { doing, path: path.into(), source }
}

impl DocumentError {
    /// Something in the file does not fit.
    pub fn damaged(path: &Path, what: impl ToString) -> DocumentError {
        DocumentError::Damaged { path: path.into(), what: what.to_string() }
    }
}

impl From<DocumentError> for crate::CliError {
    fn from(error: DocumentError) -> crate::CliError {
        use crate::Code;
        let told = |code| crate::CliError::telling(code, &error);
        match &error {
            DocumentError::NotFound { .. } => told(Code::NotFound),
            DocumentError::TooOpen { path, .. } => told(Code::General).hint(format!("chmod 600 {}", path.display())),
            DocumentError::OtherFormat { .. } => told(Code::General).hint("name another folder with --wallet DIR"),
            DocumentError::OtherVersion { .. } => told(Code::General).hint("use the version of myceline that wrote it"),
            DocumentError::Damaged { .. } => told(Code::General).hint("restore the file from a backup"),
            DocumentError::Io { .. } => told(Code::General),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Kind = Kind { format: "myceline-test", version: 2, is_secret: true };

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Content {
        number: u32,
    }

    #[test]
    fn what_was_written_is_read_by_its_owner_only() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.json");
        assert!(matches!(read::<Content>(&path, KIND), Err(DocumentError::NotFound { .. })));
        write(&path, KIND, &Content { number: 1 }).unwrap();
        write(&path, KIND, &Content { number: 7 }).unwrap();
        assert_eq!(read::<Content>(&path, KIND).unwrap(), Content { number: 7 });
        assert_eq!(fs::metadata(&path).unwrap().mode() & RIGHTS, 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[test]
    fn a_bare_name_is_in_the_working_folder() {
        assert_eq!(folder_of(Path::new("genesis.json")), Path::new("."));
        assert_eq!(folder_of(Path::new("net/genesis.json")), Path::new("net"));
    }

    #[test]
    fn a_file_that_others_may_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.json");
        write(&path, KIND, &Content { number: 7 }).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        let error = read::<Content>(&path, KIND).unwrap_err();
        assert!(error.to_string().ends_with("is open to other users of this machine (mode 640)"), "{error}");
    }

    #[test]
    fn what_is_no_secret_may_be_read_by_everybody() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.json");
        let kind = Kind { is_secret: false, ..KIND };
        write(&path, kind, &Content { number: 7 }).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & RIGHTS, 0o644);
        assert_eq!(read::<Content>(&path, kind).unwrap(), Content { number: 7 });
        assert!(matches!(read::<Content>(&path, KIND), Err(DocumentError::TooOpen { .. })));
    }

    #[test]
    fn other_files_versions_and_damage_are_told_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("test.json");
        write(&path, KIND, &Content { number: 7 }).unwrap();
        let error_of = |text: &str| {
            fs::write(&path, text).unwrap();
            read::<Content>(&path, KIND).unwrap_err()
        };
        assert!(matches!(error_of("not JSON"), DocumentError::OtherFormat { .. }));
        assert!(matches!(error_of(r#"{"format":"other","version":2}"#), DocumentError::OtherFormat { .. }));
        let newer = error_of(r#"{"format":"myceline-test","version":3,"anything":[]}"#);
        assert!(matches!(newer, DocumentError::OtherVersion { found: 3, expected: 2, .. }));
        assert!(matches!(error_of(r#"{"format":"myceline-test","version":2}"#), DocumentError::Damaged { .. }));
    }
}
