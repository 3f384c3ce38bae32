//! Results out of a sandbox. What an algorithm wrote is hostile: links, devices, endless trees.

use std::{
    fs, io,
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

/// The most entries that are copied.
const MAX_ENTRIES: usize = 100_000;

/// The deepest directory that is copied.
const MAX_DEPTH: usize = 32;

/// Copies plain files and directories, `limit` bytes at most; everything else is left out. `to` is made anew.
///
/// # Errors
/// Something cannot be read or written, or there is more than may be.
pub(crate) fn copy_outputs(from: &Path, to: &Path, limit: u64) -> io::Result<()> {
    match fs::remove_dir_all(to) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::create_dir_all(to)?;
    let mut left = Left { bytes: limit, entries: MAX_ENTRIES };
    let mut waiting: Vec<(PathBuf, PathBuf, usize)> = vec![(from.to_owned(), to.to_owned(), 0)];
    while let Some((from, to, depth)) = waiting.pop() {
        for entry in fs::read_dir(from)? {
            let entry = entry?;
            left.entries = left.entries.checked_sub(1).ok_or_else(|| too_much("too many files"))?;
            let (kind, target) = (entry.file_type()?, to.join(entry.file_name()));
            if kind.is_dir() {
                if depth >= MAX_DEPTH {
                    return Err(too_much("directories too deep"));
                }
                // The algorithm may have taken its own rights away; root reads all the same, others have to give them back.
                let _ = fs::set_permissions(entry.path(), fs::Permissions::from_mode(0o700));
                fs::create_dir(&target)?;
                waiting.push((entry.path(), target, depth + 1));
            } else if kind.is_file() {
                copy_file(&entry.path(), &target, &mut left.bytes)?;
            }
        }
    }
    Ok(())
}

struct Left {
    bytes: u64,
    entries: usize,
}

fn copy_file(from: &Path, to: &Path, left: &mut u64) -> io::Result<()> {
    let open = || {
        let mut options = fs::OpenOptions::new();
        options.read(true);
        #[cfg(target_os = "linux")]
        options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
        options.open(from)
    };
    let source = match open() {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            fs::set_permissions(from, fs::Permissions::from_mode(0o600))?;
            open()?
        }
        opened => opened?,
    };
    let mut target = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(to)?;
    // A hole takes no space in the sandbox, but would here.
    let copied = io::copy(&mut io::Read::take(source, left.saturating_add(1)), &mut target)?;
    *left = left.checked_sub(copied).ok_or_else(|| too_much("more bytes than the space for results has"))?;
    Ok(())
}

/// Whether there is no space left for one more byte or file.
#[cfg(target_os = "linux")]
pub(crate) fn is_full(path: &Path) -> bool {
    nix::sys::statvfs::statvfs(path)
        .is_ok_and(|space| space.blocks() > 0 && (space.blocks_available() == 0 || space.files_available() == 0))
}

fn too_much(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}
