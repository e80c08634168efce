//! The lock that allows one set-up at a time per namespace.

mod file;
mod holder;

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    thread,
    time::{Duration, SystemTime},
};

use nix::fcntl::Flock;
use tokio::{
    sync::oneshot::{self, Receiver},
    time::timeout,
};

use crate::{Error, JournalError};

/// How long to wait while the holder of the lock changes nothing.
const PATIENCE: Duration = Duration::from_secs(30);

/// A locked file beside the journal. The journal itself cannot be the lock, because each write
/// replaces it. The kernel unlocks the file when its holder dies.
///
/// Who waits for the lock stands in line, and the one that holds it sees that somebody does.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    /// `None` if the lock was passed on and has not come back.
    file: Option<Flock<File>>,
}

/// Whether the lock was passed on to others, who may have changed the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Passed {
    Kept,
    OthersHadIt,
}

impl Lock {
    /// Waits until it is this program's turn, then takes the lock. The journal beside it shows whether
    /// others make progress.
    pub(super) async fn acquire(path: PathBuf, journal: &Path) -> Result<Self, Error> {
        Self::acquire_within(path, journal, PATIENCE).await
    }

    async fn acquire_within(
        path: PathBuf,
        journal: &Path,
        patience: Duration,
    ) -> Result<Self, Error> {
        let file = match file::try_lock(&path)? {
            Some(file) => file,
            None => wait(&path, journal, patience).await?,
        };
        // Those who wait see that something moves.
        let _ = file.set_modified(SystemTime::now());
        Ok(Self {
            path,
            file: Some(file),
        })
    }

    /// Lets those who wait have the lock first, if there are any, and takes it again.
    pub(super) async fn let_others_in(&mut self, journal: &Path) -> Result<Passed, Error> {
        match &self.file {
            Some(file) if !file::is_awaited(file) => Ok(Passed::Kept),
            _ => {
                self.file = None;
                *self = Self::acquire(self.path.clone(), journal).await?;
                Ok(Passed::OthersHadIt)
            }
        }
    }

    /// Returns whether this program has the lock: not if it was passed on and did not come back.
    pub(super) fn is_held(&self) -> bool {
        self.file.is_some()
    }

    /// Removes the file, then unlocks it. A program that gets the lock in the same moment sees that the
    /// file is gone.
    pub(super) fn release_and_remove(self) {
        let Some(file) = self.file else {
            return;
        };
        if !file::is_awaited(&file) {
            // A lock file that remains does no harm.
            let _ = fs::remove_file(&self.path);
        }
        // Not before: whoever locked the file in between would have a lock that nobody else finds.
        drop(file);
    }
}

/// Waits in line, as long as something moves.
async fn wait(path: &Path, journal: &Path, patience: Duration) -> Result<Flock<File>, Error> {
    let mut turn = stand_in_line(path)?;
    let mut moved = Moved::of(path, journal);
    loop {
        match timeout(patience, &mut turn).await {
            Ok(Ok(file)) => return file,
            // The thread is gone.
            Ok(Err(_)) => break,
            Err(_) => {
                let now = Moved::of(path, journal);
                if now == moved {
                    break;
                }
                moved = now;
            }
        }
    }
    Err(Error::Journal(JournalError::Busy {
        path: path.to_owned(),
        holder: holder::of(path),
    }))
}

/// Waits for the lock on a thread of its own, because the kernel has no other queue for it. A lock for
/// which nobody waits any more is unlocked at once.
fn stand_in_line(path: &Path) -> Result<Receiver<Result<Flock<File>, Error>>, Error> {
    let (give, turn) = oneshot::channel();
    let wanted = path.to_owned();
    let waiting = thread::Builder::new().name("lbnet-lock".to_owned());
    waiting
        .spawn(move || {
            let _ = give.send(file::lock(&wanted));
        })
        .map_err(|source| {
            Error::Journal(JournalError::File {
                path: path.to_owned(),
                source,
            })
        })?;
    Ok(turn)
}

/// When the lock last changed hands, and the journal was last written.
#[derive(Debug, PartialEq, Eq)]
struct Moved([Option<SystemTime>; 2]);

impl Moved {
    fn of(lock: &Path, journal: &Path) -> Self {
        let time = |path| fs::symlink_metadata(path).and_then(|it| it.modified()).ok();
        Self([time(lock), time(journal)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{process, thread::sleep};

    const PAUSE: Duration = Duration::from_millis(50);

    fn run<T>(work: impl Future<Output = T>) -> T {
        crate::block_on(work).unwrap()
    }

    struct Files {
        directory: tempfile::TempDir,
    }

    impl Files {
        fn new() -> Self {
            let directory = tempfile::tempdir().unwrap();
            Self { directory }
        }

        fn lock(&self) -> PathBuf {
            self.directory.path().join("netns.lock")
        }

        fn journal(&self) -> PathBuf {
            self.directory.path().join("netns.json")
        }

        async fn acquire(&self, patience: Duration) -> Result<Lock, Error> {
            Lock::acquire_within(self.lock(), &self.journal(), patience).await
        }
    }

    #[test]
    fn a_second_set_up_waits_and_then_says_who_has_the_lock() {
        let files = Files::new();
        run(async {
            let first = files.acquire(PAUSE).await.unwrap();
            let error = files.acquire(PAUSE).await.unwrap_err().to_string();
            assert!(error.contains("netns.lock is locked"), "{error}");
            let holder = format!("process {}", process::id());
            assert!(error.contains(&holder), "{error}");
            drop(first);
            files.acquire(PAUSE * 20).await.unwrap();
        });
    }

    #[test]
    fn a_holder_that_goes_on_is_waited_for() {
        let files = Files::new();
        run(async {
            let first = files.acquire(PAUSE).await.unwrap();
            let journal = files.journal();
            let working = thread::spawn(move || {
                for step in 0..8 {
                    fs::write(&journal, step.to_string()).unwrap();
                    sleep(PAUSE);
                }
                drop(first);
            });
            files.acquire(PAUSE * 3).await.unwrap();
            working.join().unwrap();
        });
    }

    #[test]
    fn a_lock_that_was_removed_under_the_waiting_one_is_no_lock() {
        let files = Files::new();
        run(async {
            let first = files.acquire(PAUSE).await.unwrap();
            let path = files.lock();
            let releasing = thread::spawn(move || {
                sleep(PAUSE);
                fs::remove_file(path).unwrap();
                drop(first);
            });
            let second = files.acquire(PAUSE * 20).await.unwrap();
            releasing.join().unwrap();
            assert!(second.path.exists());
        });
    }

    #[test]
    fn a_lock_is_passed_on_only_to_those_who_wait() {
        let files = Files::new();
        run(async {
            let mut first = files.acquire(PAUSE).await.unwrap();
            let journal = files.journal();
            let passed = first.let_others_in(&journal).await.unwrap();
            assert_eq!(passed, Passed::Kept);

            let path = files.lock();
            let (waits, waiting) = (
                file::open(&path).unwrap(),
                thread::spawn(move || {
                    let file = file::lock(&path).unwrap();
                    sleep(PAUSE);
                    drop(file);
                }),
            );
            while !file::is_awaited(&waits) {
                sleep(PAUSE / 10);
            }
            let passed = first.let_others_in(&journal).await.unwrap();
            assert_eq!(passed, Passed::OthersHadIt);
            assert!(waiting.is_finished() || waiting.join().is_ok());
        });
    }

    #[test]
    fn who_no_longer_waits_does_not_keep_the_lock() {
        let files = Files::new();
        run(async {
            let first = files.acquire(PAUSE).await.unwrap();
            let waiting = files.acquire(PAUSE * 100);
            assert!(timeout(PAUSE, waiting).await.is_err());
            drop(first);
            files.acquire(PAUSE * 20).await.unwrap();
        });
    }
}
