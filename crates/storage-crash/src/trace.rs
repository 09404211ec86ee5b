//! What a run did to its folder, in order.

use std::path::PathBuf;

/// A file, whatever it is called: names come and go, and a name may be used again for another file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub usize);

/// One thing that a run did. Paths are relative to the run's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Operation {
    /// A folder was made.
    MakeFolder(PathBuf),
    /// A folder was removed.
    RemoveFolder(PathBuf),
    /// A file was made, empty.
    Create(PathBuf, FileId),
    /// Bytes of a file were written.
    Write {
        /// The file.
        file: FileId,
        /// Where the bytes begin.
        offset: u64,
        /// The bytes.
        bytes: Vec<u8>,
    },
    /// A file got another length.
    SetLength(FileId, u64),
    /// A file got another name, and lost the old one.
    Rename {
        /// The file.
        file: FileId,
        /// Its name until then.
        from: PathBuf,
        /// Its name from then on.
        to: PathBuf,
    },
    /// A name was removed.
    Remove(PathBuf),
    /// The content of a file was made durable, as far as operations before `began` changed it.
    Sync {
        /// The file.
        file: FileId,
        /// How many operations there were when the call began.
        began: usize,
    },
    /// The names in a folder were made durable, as far as operations before `began` changed them.
    SyncFolder {
        /// The folder.
        folder: PathBuf,
        /// How many operations there were when the call began.
        began: usize,
    },
    /// The run said something.
    Say(String),
}

/// Everything that a run did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trace {
    /// In order.
    pub operations: Vec<Operation>,
}

/// Enough to know a line again.
const SAID_SHOWN: usize = 40;

impl Operation {
    /// One line for people.
    pub fn in_short(&self) -> String {
        match self {
            Operation::Write { file, offset, bytes } => format!("write {} bytes to {file:?} at {offset}", bytes.len()),
            Operation::Say(text) => format!("say {:?}", text.chars().take(SAID_SHOWN).collect::<String>()),
            other => format!("{other:?}"),
        }
    }
}

impl Trace {
    /// The lines that were said before the operation at `cut`.
    pub fn said_before(&self, cut: usize) -> Vec<String> {
        let said = self.operations[..cut].iter().filter_map(|operation| match operation {
            Operation::Say(text) => Some(text.as_str()),
            _ => None,
        });
        said.collect::<String>().lines().map(str::to_owned).collect()
    }

    /// How many writes there are.
    pub fn writes(&self) -> usize {
        self.operations.iter().filter(|operation| matches!(operation, Operation::Write { .. })).count()
    }
}
