//! The locked file. Its lock (`flock`) is the lock; its first byte has another one, which whoever is
//! next in line holds.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::Path,
};

use nix::{
    errno::Errno,
    fcntl::{FcntlArg, Flock, FlockArg, fcntl},
    libc,
};

use crate::{Error, JournalError, changes::journal::storage};

/// Locks the file that has this name, if nobody has or awaits the lock.
pub(super) fn try_lock(path: &Path) -> Result<Option<Flock<File>>, Error> {
    let file = open(path)?;
    match fcntl(&file, FcntlArg::F_OFD_SETLK(&first_byte(libc::F_WRLCK))) {
        Ok(_) => {}
        Err(Errno::EAGAIN | Errno::EACCES | Errno::EINTR) => return Ok(None),
        Err(errno) => return Err(refused(path, errno)),
    }
    match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(file) => {
            leave_line(&file).map_err(|errno| refused(path, errno))?;
            Ok(has_name(&file, path).then_some(file))
        }
        Err((_, Errno::EWOULDBLOCK | Errno::EINTR)) => Ok(None),
        Err((_, errno)) => Err(refused(path, errno)),
    }
}

/// Waits in line, and locks the file that has this name by then.
pub(super) fn lock(path: &Path) -> Result<Flock<File>, Error> {
    loop {
        let mut file = open(path)?;
        let line = first_byte(libc::F_WRLCK);
        while let Err(errno) = fcntl(&file, FcntlArg::F_OFD_SETLKW(&line)) {
            if errno != Errno::EINTR {
                return Err(refused(path, errno));
            }
        }
        let locked = loop {
            match Flock::lock(file, FlockArg::LockExclusive) {
                Ok(locked) => break locked,
                Err((unlocked, Errno::EINTR)) => file = unlocked,
                Err((_, errno)) => return Err(refused(path, errno)),
            }
        };
        leave_line(&locked).map_err(|errno| refused(path, errno))?;
        // The one before may have removed it.
        if has_name(&locked, path) {
            return Ok(locked);
        }
    }
}

/// Returns whether somebody waits for the lock of this file.
pub(super) fn is_awaited(file: &File) -> bool {
    let mut line = first_byte(libc::F_WRLCK);
    let asked = fcntl(file, FcntlArg::F_OFD_GETLK(&mut line));
    asked.is_ok() && i32::from(line.l_type) != libc::F_UNLCK
}

pub(super) fn open(path: &Path) -> Result<File, Error> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false).mode(0o600);
    storage::open(path, &mut options)
}

fn leave_line(file: &File) -> Result<(), Errno> {
    fcntl(file, FcntlArg::F_OFD_SETLK(&first_byte(libc::F_UNLCK))).map(drop)
}

fn first_byte(kind: i32) -> libc::flock {
    let number = |number: i32| libc::c_short::try_from(number).unwrap_or_default();
    libc::flock {
        l_type: number(kind),
        l_whence: number(libc::SEEK_SET),
        l_start: 0,
        l_len: 1,
        l_pid: 0,
    }
}

fn has_name(file: &File, path: &Path) -> bool {
    let locked = file.metadata().map(|metadata| metadata.ino());
    let named = fs::symlink_metadata(path).map(|metadata| metadata.ino());
    matches!((locked, named), (Ok(locked), Ok(named)) if locked == named)
}

fn refused(path: &Path, errno: Errno) -> Error {
    Error::Journal(JournalError::File {
        path: path.to_owned(),
        source: errno.into(),
    })
}
