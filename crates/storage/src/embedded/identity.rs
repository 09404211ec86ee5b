//! Whose store this is: format, network, layout and incarnation, in one small file that people can read.
//!
//! The incarnation is the birth of that file: its inode and the moment it was made. A backup that is restored and a folder
//! that is copied are new files, so they are recognized without a registry. A copied disk image is not.

use super::{
    error::OpenError,
    files::{DRAFT, replace, sync_folder},
    lock::LOCK_FILE,
};
use myceline_types::Hash;
use std::{
    fs, io,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

/// The format of everything under a store's folder. Raise it with every change that an older program would misread.
pub(super) const FORMAT: &str = "3";

/// The name of the file.
const IDENTITY_FILE: &str = "identity";

/// Whose store this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// The network that the rows belong to.
    pub(super) network: Hash,
    /// The tables whose rows are appended in key order. Fixed when the store is made, since it says where rows lie.
    pub(super) appended: Vec<u8>,
    /// Seeds the checksums of the log, so that nobody can store a value that reads as a record of it.
    pub(super) salt: Hash,
    /// The birth of the file that this was read from, when it was written.
    pub(super) incarnation: Hash,
    /// Whether this was read from another file than it was written to.
    pub(super) is_copy: bool,
}

impl Identity {
    /// Reads whose store `folder` holds, or makes it a store of `network`.
    pub(super) fn read_or_create(folder: &Path, network: Hash, appended: &[u8]) -> Result<Identity, OpenError> {
        let path = folder.join(IDENTITY_FILE);
        match fs::read_to_string(&path) {
            Ok(text) => Self::parse(folder, &path, &text)?.expect_network(folder, network),
            Err(why) if why.kind() == io::ErrorKind::NotFound => Self::create(folder, &path, network, appended),
            Err(why) => Err(OpenError::io("read", &path, why)),
        }
    }

    fn create(folder: &Path, path: &Path, network: Hash, appended: &[u8]) -> Result<Identity, OpenError> {
        if !is_empty(folder).map_err(|why| OpenError::io("list", folder, why))? {
            return Err(OpenError::NotAStore { folder: folder.into() });
        }
        let mut identity =
            Identity { network, appended: appended.into(), salt: Hash::ZERO, incarnation: Hash::ZERO, is_copy: false };
        let written = replace(path, |file| {
            identity.incarnation = birth(network, file);
            identity.salt = Hash::of_parts(&[b"myceline::storage::salt::", identity.incarnation.as_bytes()]);
            identity.to_text()
        });
        let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
        written
            .and_then(|()| sync_folder(parent.unwrap_or(Path::new("."))))
            .map_err(|why| OpenError::io("write", path, why))?;
        Ok(identity)
    }

    /// Makes a copy the only holder of a new incarnation.
    pub(super) fn adopt(&self, folder: &Path) -> io::Result<Identity> {
        let mut adopted = Identity { is_copy: false, ..self.clone() };
        replace(&folder.join(IDENTITY_FILE), |file| {
            adopted.incarnation = birth(adopted.network, file);
            adopted.to_text()
        })?;
        Ok(adopted)
    }

    fn expect_network(self, folder: &Path, expected: Hash) -> Result<Identity, OpenError> {
        if self.network == expected {
            return Ok(self);
        }
        Err(OpenError::OtherNetwork { folder: folder.into(), found: self.network, expected })
    }

    fn to_text(&self) -> String {
        let appended: String = self.appended.iter().map(|table| format!("{table:02x}")).collect();
        format!(
            "myceline store\nformat {FORMAT}\nnetwork {}\nappended {appended}\nsalt {}\nincarnation {}\n",
            self.network, self.salt, self.incarnation
        )
    }

    fn parse(folder: &Path, path: &Path, text: &str) -> Result<Identity, OpenError> {
        let mut lines = text.lines();
        if lines.next() != Some("myceline store") {
            return Err(OpenError::NotAStore { folder: folder.into() });
        }
        let mut field = |name: &str| lines.next().and_then(|line| line.strip_prefix(name)).map(str::trim);
        match field("format") {
            Some(FORMAT) => {}
            other => {
                let found = other.unwrap_or("unknown").into();
                return Err(OpenError::OtherFormat { folder: folder.into(), found });
            }
        }
        let fields = (|| {
            let network = field("network")?.parse().ok()?;
            let appended = parse_tables(field("appended")?)?;
            let salt = field("salt")?.parse().ok()?;
            let incarnation = field("incarnation")?.parse().ok()?;
            Some(Identity { network, appended, salt, incarnation, is_copy: false })
        })();
        let identity = fields.ok_or_else(|| OpenError::damaged(folder, "its identity file cannot be read"))?;
        let file = fs::metadata(path).map_err(|why| OpenError::io("inspect", path, why))?;
        Ok(Identity { is_copy: identity.incarnation != birth(identity.network, &file), ..identity })
    }
}

/// Where and when a file was born. File systems that keep no time of birth are left with the inode.
fn birth(network: Hash, file: &fs::Metadata) -> Hash {
    let born = file.created().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok()).unwrap_or_default();
    let (inode, born) = (file.ino().to_le_bytes(), born.as_nanos().to_le_bytes());
    Hash::of_parts(&[b"myceline::storage::incarnation::", network.as_bytes(), &inode, &born])
}

fn parse_tables(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// Whether `folder` holds nothing but what an interrupted creation leaves.
fn is_empty(folder: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(folder)? {
        let name = PathBuf::from(entry?.file_name());
        if name != Path::new(LOCK_FILE) && name.extension().is_none_or(|extension| extension != DRAFT) {
            return Ok(false);
        }
    }
    Ok(true)
}
