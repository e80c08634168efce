//! The lock that allows one set-up at a time per namespace.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
    time::Duration,
};

use nix::{
    errno::Errno,
    fcntl::{Flock, FlockArg},
};
use tokio::time::{Instant, sleep};

use super::storage;
use crate::{Error, JournalError};

/// The time to wait for the lock. It is enough for several programs that start at once.
const PATIENCE: Duration = Duration::from_secs(30);

const PAUSE: Duration = Duration::from_millis(50);

/// A locked file beside the journal. The journal itself cannot be the lock, because each write
/// replaces it. The kernel unlocks the file when its holder dies.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    file: Flock<File>,
}

impl Lock {
    /// Waits until no other program has the lock, then takes it.
    pub(super) async fn acquire(path: PathBuf) -> Result<Self, Error> {
        Self::acquire_within(path, PATIENCE).await
    }

    async fn acquire_within(path: PathBuf, patience: Duration) -> Result<Self, Error> {
        let deadline = Instant::now() + patience;
        loop {
            if let Some(file) = try_lock(&path)? {
                return Ok(Self { path, file });
            }
            if Instant::now() >= deadline {
                return Err(Error::Journal(JournalError::Busy { path }));
            }
            sleep(PAUSE).await;
        }
    }

    /// Removes the file, then unlocks it. A program that waits for the lock sees that the file is
    /// gone.
    pub(super) fn release_and_remove(self) {
        // A lock file that remains does no harm.
        let _ = fs::remove_file(&self.path);
        drop(self.file);
    }
}

/// Locks the file that has this name. Returns `None` if another program has the lock, or removed
/// the file meanwhile.
fn try_lock(path: &Path) -> Result<Option<Flock<File>>, Error> {
    let mut options = OpenOptions::new();
    let file = storage::open(
        path,
        options.write(true).create(true).truncate(false).mode(0o600),
    )?;
    let file = match Flock::lock(file, FlockArg::LockExclusiveNonblock) {
        Ok(file) => file,
        Err((_, Errno::EWOULDBLOCK | Errno::EINTR)) => return Ok(None),
        Err((_, errno)) => {
            return Err(Error::Journal(JournalError::File {
                path: path.to_owned(),
                source: errno.into(),
            }));
        }
    };
    let locked = file.metadata().map(|metadata| metadata.ino());
    let named = fs::symlink_metadata(path).map(|metadata| metadata.ino());
    Ok(matches!((locked, named), (Ok(locked), Ok(named)) if locked == named).then_some(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap()
            .block_on(work)
    }

    #[test]
    fn a_second_set_up_waits_and_then_says_what_is_locked() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("netns.lock");
        run(async {
            let first = Lock::acquire(path.clone()).await.unwrap();
            let error = Lock::acquire_within(path.clone(), PAUSE).await.unwrap_err();
            assert!(
                error.to_string().contains("netns.lock is locked"),
                "{error}"
            );
            drop(first);
            Lock::acquire_within(path.clone(), PAUSE).await.unwrap();
        });
    }

    #[test]
    fn a_lock_that_was_removed_under_the_waiting_one_is_no_lock() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("netns.lock");
        run(async {
            let first = Lock::acquire(path.clone()).await.unwrap();
            let waiting = tokio::time::timeout(PAUSE * 4, Lock::acquire(path.clone()));
            let releasing = async {
                sleep(PAUSE).await;
                first.release_and_remove();
            };
            let (second, ()) = futures_util::join!(waiting, releasing);
            let second = second.unwrap().unwrap();
            assert!(second.path.exists());
        });
    }
}
