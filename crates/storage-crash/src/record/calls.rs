//! The system calls of a watched thread, as far as they concern the folder: read from its registers and memory.

use super::RecordError;
use nix::{
    libc::{self, c_long, user_regs_struct},
    unistd::Pid,
};
use std::{
    ffi::OsString,
    fs::{self, File},
    io,
    os::unix::{
        ffi::OsStringExt as _,
        fs::{FileExt as _, MetadataExt as _},
    },
    path::{Component, Path, PathBuf},
};

/// A call that has begun, with what must be read before it changes anything.
pub(super) enum Call {
    Say(String),
    Open { path: PathBuf, created: bool, truncated: bool },
    Write { descriptor: u64, offset: Option<u64>, buffer: u64 },
    SetLength { inode: u64, length: u64 },
    Sync { inode: u64 },
    SyncFolder { folder: PathBuf },
    Rename { inode: u64, from: PathBuf, to: PathBuf },
    Remove(PathBuf),
    MakeFolder(PathBuf),
    RemoveFolder(PathBuf),
}

const STANDARD_OUTPUT: u64 = 1;
/// In place of a folder's descriptor: paths begin at the working folder.
const HERE: u64 = flag(libc::AT_FDCWD);
const CREATE: u64 = flag(libc::O_CREAT);
const TRUNCATE: u64 = flag(libc::O_TRUNC);
const UNNAMED: u64 = flag(libc::O_TMPFILE);
const REMOVE_FOLDER: u64 = flag(libc::AT_REMOVEDIR);
/// The longest path that the kernel takes: `PATH_MAX`.
const PATH_BYTES_MAX: usize = 4096;
/// How a rename may differ from the plain one without meaning anything else when it succeeds.
const DO_NOT_REPLACE: u64 = libc::RENAME_NOREPLACE as u64;

/// A C constant as it stands in a 64-bit register, and back to 32 bits where the kernel reads no more.
const fn flag(constant: i32) -> u64 {
    constant as u32 as u64
}

impl Call {
    /// The call that a thread has just begun, if it concerns the folder.
    pub(super) fn read(tracee: &Tracee<'_>, registers: &user_regs_struct) -> Result<Option<Call>, RecordError> {
        let arguments = [registers.rdi, registers.rsi, registers.rdx, registers.r10, registers.r8];
        let [a, b, c, d, e] = arguments;
        let call = match i64::from_ne_bytes(registers.orig_rax.to_ne_bytes()) {
            libc::SYS_write => match tracee.file(a)? {
                Some(_) => Some(Call::Write { descriptor: a, offset: None, buffer: b }),
                None if a == STANDARD_OUTPUT => {
                    Some(Call::Say(String::from_utf8_lossy(&tracee.bytes(b, c)?).into_owned()))
                }
                None => None,
            },
            libc::SYS_pwrite64 => tracee.file(a)?.map(|_| Call::Write { descriptor: a, offset: Some(d), buffer: b }),
            libc::SYS_ftruncate => tracee.file(a)?.map(|inode| Call::SetLength { inode, length: b }),
            libc::SYS_fsync | libc::SYS_fdatasync => tracee.sync(a)?,
            libc::SYS_open => tracee.open(tracee.path(HERE, a)?, b)?,
            libc::SYS_openat => tracee.open(tracee.path(a, b)?, c)?,
            libc::SYS_creat => tracee.open(tracee.path(HERE, a)?, CREATE | TRUNCATE)?,
            libc::SYS_rename => tracee.rename((HERE, a), (HERE, b), 0)?,
            libc::SYS_renameat => tracee.rename((a, b), (c, d), 0)?,
            libc::SYS_renameat2 => tracee.rename((a, b), (c, d), e)?,
            libc::SYS_unlink => tracee.path(HERE, a)?.map(Call::Remove),
            libc::SYS_unlinkat if c & REMOVE_FOLDER != 0 => tracee.path(a, b)?.map(Call::RemoveFolder),
            libc::SYS_unlinkat => tracee.path(a, b)?.map(Call::Remove),
            libc::SYS_rmdir => tracee.path(HERE, a)?.map(Call::RemoveFolder),
            libc::SYS_mkdir => tracee.path(HERE, a)?.map(Call::MakeFolder),
            libc::SYS_mkdirat => tracee.path(a, b)?.map(Call::MakeFolder),
            number => {
                tracee.expect_harmless(number, arguments)?;
                None
            }
        };
        Ok(call)
    }
}

/// A thread that stands still at a call.
pub(super) struct Tracee<'a> {
    pub(super) pid: Pid,
    pub(super) root: &'a Path,
}

impl Tracee<'_> {
    fn proc(&self, name: &str) -> PathBuf {
        format!("/proc/{}/{name}", self.pid).into()
    }

    /// Bytes of its memory.
    pub(super) fn bytes(&self, address: u64, length: u64) -> Result<Vec<u8>, RecordError> {
        let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
        File::open(self.proc("mem"))?.read_exact_at(&mut bytes, address)?;
        Ok(bytes)
    }

    /// A string of its memory, which ends with a zero.
    fn text(&self, address: u64) -> Result<OsString, RecordError> {
        let memory = File::open(self.proc("mem"))?;
        let mut bytes = vec![0; PATH_BYTES_MAX];
        // A string at the end of a mapping is followed by nothing.
        let read = memory.read_at(&mut bytes, address)?;
        let end =
            bytes[..read].iter().position(|byte| *byte == 0).ok_or(io::Error::from(io::ErrorKind::InvalidFilename))?;
        bytes.truncate(end);
        Ok(OsString::from_vec(bytes))
    }

    /// A path in the folder, relative to it.
    fn path(&self, base: u64, address: u64) -> Result<Option<PathBuf>, RecordError> {
        let path = PathBuf::from(self.text(address)?);
        let base = match base & u64::from(u32::MAX) {
            HERE => self.proc("cwd"),
            descriptor => self.proc(&format!("fd/{descriptor}")),
        };
        let path = if path.is_absolute() { path } else { fs::read_link(base)?.join(path) };
        let Ok(inside) = path.strip_prefix(self.root) else { return Ok(None) };
        if inside.components().any(|part| part == Component::ParentDir) {
            return Err(RecordError::Unknown(format!("a path that climbs: {}", path.display())));
        }
        Ok(Some(inside.components().collect()))
    }

    /// What a descriptor stands for, if that is in the folder.
    fn inside(&self, descriptor: u64) -> Result<Option<PathBuf>, RecordError> {
        match fs::read_link(self.proc(&format!("fd/{}", descriptor & u64::from(u32::MAX)))) {
            Ok(path) => Ok(path.strip_prefix(self.root).ok().map(Path::to_owned)),
            // The call is about to fail.
            Err(why) if why.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(why) => Err(why.into()),
        }
    }

    fn metadata(&self, descriptor: u64) -> io::Result<fs::Metadata> {
        fs::metadata(self.proc(&format!("fd/{}", descriptor & u64::from(u32::MAX))))
    }

    /// The inode of an open file.
    pub(super) fn inode(&self, descriptor: u64) -> io::Result<u64> {
        Ok(self.metadata(descriptor)?.ino())
    }

    /// Where an open file is read and written next.
    pub(super) fn position(&self, descriptor: u64) -> Result<u64, RecordError> {
        let text = fs::read_to_string(self.proc(&format!("fdinfo/{}", descriptor & u64::from(u32::MAX))))?;
        let position = text.lines().find_map(|line| line.strip_prefix("pos:")?.trim().parse().ok());
        Ok(position.ok_or(io::Error::from(io::ErrorKind::InvalidData))?)
    }

    /// The inode of an open file, if that is in the folder.
    fn file(&self, descriptor: u64) -> Result<Option<u64>, RecordError> {
        self.inside(descriptor)?.map(|_| Ok(self.inode(descriptor)?)).transpose()
    }

    fn sync(&self, descriptor: u64) -> Result<Option<Call>, RecordError> {
        let Some(path) = self.inside(descriptor)? else { return Ok(None) };
        let metadata = self.metadata(descriptor)?;
        Ok(Some(match metadata.is_dir() {
            true => Call::SyncFolder { folder: path },
            false => Call::Sync { inode: metadata.ino() },
        }))
    }

    fn open(&self, path: Option<PathBuf>, flags: u64) -> Result<Option<Call>, RecordError> {
        let Some(path) = path else { return Ok(None) };
        if flags & UNNAMED == UNNAMED {
            return Err(RecordError::Unknown(format!("an unnamed file in {}", path.display())));
        }
        let created = flags & CREATE != 0 && !self.root.join(&path).try_exists()?;
        let truncated = flags & TRUNCATE != 0;
        Ok((created || truncated).then_some(Call::Open { path, created, truncated }))
    }

    fn rename(&self, from: (u64, u64), to: (u64, u64), flags: u64) -> Result<Option<Call>, RecordError> {
        let (from, to) = match (self.path(from.0, from.1)?, self.path(to.0, to.1)?) {
            (Some(from), Some(to)) => (from, to),
            (None, None) => return Ok(None),
            _ => return Err(RecordError::Unknown("a rename into or out of the folder".into())),
        };
        let metadata = match fs::symlink_metadata(self.root.join(&from)) {
            Ok(metadata) => metadata,
            // The call is about to fail.
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(why) => return Err(why.into()),
        };
        if flags & !DO_NOT_REPLACE != 0 || !metadata.is_file() {
            return Err(RecordError::Unknown(format!("a rename of {} that is not plain", from.display())));
        }
        Ok(Some(Call::Rename { inode: metadata.ino(), from, to }))
    }

    /// Refuses calls that change files in other ways.
    fn expect_harmless(&self, number: c_long, [a, b, c, d, e]: [u64; 5]) -> Result<(), RecordError> {
        let shared = flag(libc::MAP_SHARED);
        let concerns = match number {
            libc::SYS_writev | libc::SYS_pwritev | libc::SYS_pwritev2 | libc::SYS_fallocate | libc::SYS_sendfile => {
                self.file(a)?.is_some()
            }
            libc::SYS_copy_file_range | libc::SYS_splice => self.file(c)?.is_some(),
            libc::SYS_mmap if d & shared != 0 && c & flag(libc::PROT_WRITE) != 0 => self.file(e)?.is_some(),
            libc::SYS_truncate => self.path(HERE, a)?.is_some(),
            libc::SYS_link | libc::SYS_symlink => self.path(HERE, b)?.is_some(),
            libc::SYS_linkat => self.path(c, d)?.is_some(),
            libc::SYS_symlinkat => self.path(b, c)?.is_some(),
            libc::SYS_openat2 => self.path(a, b)?.is_some(),
            libc::SYS_io_uring_setup => true,
            _ => false,
        };
        if concerns { Err(RecordError::Unknown(format!("number {number}"))) } else { Ok(()) }
    }
}
