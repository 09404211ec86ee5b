//! The few things about files that durability hangs on.

use std::{fs, io, io::Write as _, path::Path};

/// Makes the names in `folder` durable: which files exist, and what they are called.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

/// Puts `content` under `path` so that a crash leaves either the old file or the new one, whole.
///
/// `describe` sees the new file before its content is fixed, since the content may name the file itself.
pub(super) fn replace(path: &Path, describe: impl FnOnce(&fs::Metadata) -> String) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    let draft = path.with_extension(DRAFT);
    let mut file = fs::File::create(&draft)?;
    file.write_all(describe(&file.metadata()?).as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    sync_folder(folder)
}

/// The extension of a file that is being written; such a file means nothing.
pub(super) const DRAFT: &str = "draft";

/// Whether files under `path` live in memory, where an fsync costs nothing and proves nothing.
pub fn is_memory_file_system(path: &Path) -> io::Result<bool> {
    platform::is_memory_file_system(path)
}

#[cfg(target_os = "linux")]
mod platform {
    use std::{io, path::Path};

    /// `f_type` of tmpfs and ramfs, from statfs(2).
    const MEMORY_FILE_SYSTEMS: [u64; 2] = [0x0102_1994, 0x8584_58f6];

    pub(super) fn is_memory_file_system(path: &Path) -> io::Result<bool> {
        // The type is signed on some architectures; the magic numbers are 32 bits on all.
        let kind = u64::from_ne_bytes((rustix::fs::statfs(path)?.f_type as i64).to_ne_bytes()) & 0xffff_ffff;
        Ok(MEMORY_FILE_SYSTEMS.contains(&kind))
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use std::{io, path::Path};

    pub(super) fn is_memory_file_system(_path: &Path) -> io::Result<bool> {
        Ok(false)
    }
}
