//! What was changed on a host and what was there before, so that it can be undone.
//!
//! An entry is written before its change is made: a crash in between leaves an entry without a
//! change, which undoing recognises, and never a change without an entry.

mod format;
mod lock;
mod storage;

use std::path::{Path, PathBuf};

pub(crate) use format::{Change, Entry, SideEffect, SysctlChange, Target};
use format::{Document, Verdict};
use lock::Lock;

use crate::{Error, Host, SetUpId};

/// The locked journal of one namespace.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    document: Document,
    lock: Lock,
}

impl Journal {
    /// Opens the journal of the host's namespace, a new one if there is none.
    pub(crate) async fn open(host: &Host) -> Result<Self, Error> {
        storage::prepare_directory(host.journal_path())?;
        let path = path_of(host);
        let lock = Lock::acquire(lock_of(&path)).await?;
        let here = Document::new(storage::boot_id()?, host.namespace_record());
        let document = match storage::read(&path)? {
            Some(text) => match Document::read(&text, &path, &here)? {
                Verdict::AboutThis(document) => document,
                // What it tells of went with the boot or with the namespace that had this number.
                Verdict::AboutThePast => {
                    storage::remove(&path)?;
                    here
                }
            },
            None => here,
        };
        Ok(Self {
            path,
            document,
            lock,
        })
    }

    /// Whether there is a journal to open, or what a program left that was killed before it had one.
    /// Needs no privilege.
    pub(crate) fn exists(host: &Host) -> Result<bool, Error> {
        let path = path_of(host);
        let locked_once = lock_of(&path).exists();
        Ok(locked_once || storage::read(&path)?.is_some())
    }

    /// What stands in it now, if there is one. Takes no lock, and needs no privilege: for whoever
    /// only looks.
    pub(crate) fn peek(host: &Host) -> Result<Vec<Entry>, Error> {
        let path = path_of(host);
        let Some(text) = storage::read(&path)? else {
            return Ok(Vec::new());
        };
        let here = Document::new(storage::boot_id()?, host.namespace_record());
        match Document::read(&text, &path, &here)? {
            Verdict::AboutThis(document) => Ok(document.entries),
            Verdict::AboutThePast => Ok(Vec::new()),
        }
    }

    /// The entry about a thing.
    pub(crate) fn find(&self, target: &Target) -> Option<&Entry> {
        self.document
            .entries
            .iter()
            .find(|entry| entry.change.target() == *target)
    }

    /// The entries that a set-up needs, in the order in which they were made.
    pub(crate) fn entries_of(&self, set_up: &SetUpId) -> Vec<Entry> {
        let needed = |entry: &&Entry| entry.users.contains(set_up);
        self.document
            .entries
            .iter()
            .filter(needed)
            .cloned()
            .collect()
    }

    /// Writes that a change is going to be made for a set-up.
    pub(crate) fn record(&mut self, change: Change, set_up: &SetUpId) -> Result<(), Error> {
        let target = change.target();
        match self.entry_mut(&target) {
            Some(entry) => {
                entry.change = change;
                entry.add_user(set_up);
            }
            None => {
                self.document.entries.push(Entry {
                    change,
                    users: vec![set_up.clone()],
                });
            }
        }
        self.save()
    }

    /// Writes that a set-up needs a change that was made before.
    pub(crate) fn join(&mut self, target: &Target, set_up: &SetUpId) -> Result<(), Error> {
        if let Some(entry) = self.entry_mut(target) {
            entry.add_user(set_up);
        }
        self.save()
    }

    /// Writes that a set-up no longer needs a change that others need.
    pub(crate) fn leave(&mut self, target: &Target, set_up: &SetUpId) -> Result<(), Error> {
        if let Some(entry) = self.entry_mut(target) {
            entry.users.retain(|user| user != set_up);
        }
        self.save()
    }

    /// Writes that a change is undone.
    pub(crate) fn remove(&mut self, target: &Target) -> Result<(), Error> {
        self.document
            .entries
            .retain(|entry| entry.change.target() != *target);
        self.save()
    }

    /// Gives the lock back, and leaves no file behind where there is nothing to remember.
    pub(crate) fn close(self) {
        if self.document.entries.is_empty() {
            storage::remove_draft(&self.path);
            self.lock.release_and_remove();
        }
    }

    fn entry_mut(&mut self, target: &Target) -> Option<&mut Entry> {
        self.document
            .entries
            .iter_mut()
            .find(|entry| entry.change.target() == *target)
    }

    fn save(&self) -> Result<(), Error> {
        if self.document.entries.is_empty() {
            storage::remove(&self.path)
        } else {
            storage::write(&self.path, &self.document)
        }
    }
}

fn path_of(host: &Host) -> PathBuf {
    let id = host.netns().id();
    host.journal_path()
        .join(format!("netns-{}-{}.json", id.device, id.inode))
}

fn lock_of(journal: &Path) -> PathBuf {
    journal.with_extension("lock")
}
