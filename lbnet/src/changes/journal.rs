//! What was changed on a host and what was there before, so that it can be undone.
//!
//! An entry is written before its change is made: a crash in between leaves an entry without a
//! change, which undoing recognises, and never a change without an entry.

mod format;
mod lock;
mod storage;

use std::path::{Path, PathBuf};

pub(crate) use format::{Change, Entry, Noted, SideEffect, SysctlChange, Target};
use format::{Document, Verdict};
use lock::Lock;

use crate::{ConfTarget, DeviceName, Error, Host, SetUp, SetUpId, Sysctl};

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
    pub(crate) fn peek(host: &Host) -> Result<Noted, Error> {
        let path = path_of(host);
        let Some(text) = storage::read(&path)? else {
            return Ok(Noted::default());
        };
        let here = Document::new(storage::boot_id()?, host.namespace_record());
        match Document::read(&text, &path, &here)? {
            Verdict::AboutThis(document) => Ok(document.noted),
            Verdict::AboutThePast => Ok(Noted::default()),
        }
    }

    /// The entry about a thing.
    pub(crate) fn find(&self, target: &Target) -> Option<&Entry> {
        self.document
            .noted
            .entries
            .iter()
            .find(|entry| entry.change.target() == *target)
    }

    /// The entries that a set-up needs, in the order in which they were made.
    pub(crate) fn entries_of(&self, set_up: &SetUpId) -> Vec<Entry> {
        let needed = |entry: &&Entry| entry.users.contains(set_up);
        self.document
            .noted
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
                self.document.noted.entries.push(Entry {
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
            .noted
            .entries
            .retain(|entry| entry.change.target() != *target);
        self.save()
    }

    /// With which options the host is set up, if the journal says so.
    pub(crate) fn set_up(&self, id: &SetUpId) -> Option<&SetUp> {
        let is_it = |set_up: &&SetUp| set_up.id() == *id;
        self.document.noted.set_ups.iter().find(is_it)
    }

    /// Writes with which options the host is set up, in place of earlier ones.
    pub(crate) fn remember(&mut self, set_up: SetUp) -> Result<(), Error> {
        let set_ups = &mut self.document.noted.set_ups;
        let id = set_up.id();
        match set_ups.iter_mut().find(|it| it.id() == id) {
            Some(earlier) => *earlier = set_up,
            None => set_ups.push(set_up),
        }
        self.save()
    }

    /// Writes that the host is not set up so any more.
    pub(crate) fn forget(&mut self, id: &SetUpId) -> Result<(), Error> {
        if self.set_up(id).is_none() && !self.is_due(id) {
            return Ok(());
        }
        let noted = &mut self.document.noted;
        noted.set_ups.retain(|set_up| set_up.id() != *id);
        noted.unannounced.retain(|due| due != id);
        self.save()
    }

    /// Whether the VIP of a set-up is to be announced.
    pub(crate) fn is_due(&self, id: &SetUpId) -> bool {
        self.document.noted.unannounced.contains(id)
    }

    /// Notes that the VIP of a set-up is to be announced, to be written with the next change.
    pub(crate) fn note_due(&mut self, id: &SetUpId) {
        if !self.is_due(id) {
            self.document.noted.unannounced.push(id.clone());
        }
    }

    /// Writes that the VIPs of set-ups need not be announced any more.
    pub(crate) fn settle(&mut self, ids: &[SetUpId]) -> Result<(), Error> {
        let unannounced = &mut self.document.noted.unannounced;
        let before = unannounced.len();
        unannounced.retain(|due| !ids.contains(due));
        if unannounced.len() == before {
            return Ok(());
        }
        self.save()
    }

    /// The recorded settings of a device, with the values that they were given.
    pub(crate) fn settings_of(&self, device: &DeviceName) -> Vec<(Sysctl, i64)> {
        let device = ConfTarget::Device(device.clone());
        let entries = self.document.noted.entries.iter();
        let settings = entries.filter_map(|entry| match &entry.change {
            Change::Sysctl(change) => match &change.key {
                Sysctl::Ipv4Conf { target, .. } | Sysctl::Ipv6Conf { target, .. }
                    if *target == device =>
                {
                    Some((change.key.clone(), change.after))
                }
                _ => None,
            },
            _ => None,
        });
        settings.collect()
    }

    /// Gives the lock back, and leaves no file behind where there is nothing to remember.
    pub(crate) fn close(self) {
        if self.document.noted.is_empty() {
            storage::remove_draft(&self.path);
            self.lock.release_and_remove();
        }
    }

    fn entry_mut(&mut self, target: &Target) -> Option<&mut Entry> {
        self.document
            .noted
            .entries
            .iter_mut()
            .find(|entry| entry.change.target() == *target)
    }

    fn save(&self) -> Result<(), Error> {
        if self.document.noted.is_empty() {
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
