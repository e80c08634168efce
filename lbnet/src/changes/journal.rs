//! Records what was changed on a host and what was there before, so that it can be undone.
//!
//! An entry is written before its change is made. A crash in between leaves an entry without a
//! change, which undoing recognizes, but never a change without an entry. Everything else is noted, and
//! written together at the end of each set-up.

mod device;
mod format;
mod lock;
mod renamed;
mod storage;

use std::{
    mem,
    path::{Path, PathBuf},
};

pub(crate) use format::{Change, Entry, Noted, Progress, SideEffect, SysctlChange, Target};
use format::{Document, Verdict};
use lock::{Lock, Passed};

use crate::{ConfTarget, DeviceName, Error, Host, Link, SetUp, SetUpId, Sysctl};

/// The locked journal of one namespace.
#[derive(Debug)]
pub(crate) struct Journal {
    path: PathBuf,
    document: Document,
    lock: Lock,
    file: InFile,
    known: Known,
}

/// Whether the file has what the journal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum InFile {
    Everything,
    NotTheLatest,
}

/// Whether the document is what the file says, as far as this program has not changed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    AsItIs,
    /// Others had the lock since it was read.
    BeforeOthers,
}

impl Journal {
    /// Opens the journal of the host's namespace, or creates one.
    pub(crate) async fn open(host: &Host) -> Result<Self, Error> {
        storage::prepare_directory(host.journal_path())?;
        let path = path_of(host);
        let lock = Lock::acquire(lock_of(&path), &path).await?;
        let mut journal = Self {
            document: read(host, &path)?,
            path,
            lock,
            file: InFile::Everything,
            known: Known::AsItIs,
        };
        journal.follow_renames(host).await?;
        Ok(journal)
    }

    /// Lets those who wait for the lock have it first, if there are any.
    pub(crate) async fn let_others_in(&mut self, host: &Host) -> Result<(), Error> {
        if self.lock.let_others_in(&self.path).await? == Passed::OthersHadIt {
            self.known = Known::BeforeOthers;
        }
        // If this fails, the next call reads it.
        if self.known == Known::BeforeOthers {
            self.document = read(host, &self.path)?;
            self.known = Known::AsItIs;
            self.follow_renames(host).await?;
        }
        Ok(())
    }

    /// Takes over the present names of devices that were renamed since.
    async fn follow_renames(&mut self, host: &Host) -> Result<(), Error> {
        let noted = &mut self.document.noted;
        if !noted.devices.is_empty() && noted.follow_renames(&host.links().await?) {
            self.file = InFile::NotTheLatest;
            self.write()?;
        }
        Ok(())
    }

    /// Returns whether there is a journal, or the lock file of a program that was killed before it
    /// wrote one. Needs no privilege.
    pub(crate) fn exists(host: &Host) -> Result<bool, Error> {
        let path = path_of(host);
        let locked_once = lock_of(&path).exists();
        Ok(locked_once || storage::read(&path)?.is_some())
    }

    /// Reads the current content of the journal, if there is one. Takes no lock and needs no
    /// privilege.
    pub(crate) fn peek(host: &Host) -> Result<Noted, Error> {
        match in_file(host, &path_of(host))? {
            Some(Verdict::AboutThis(document)) => Ok(document.noted),
            Some(Verdict::AboutThePast) | None => Ok(Noted::default()),
        }
    }

    /// Returns what is noted.
    pub(crate) fn noted(&self) -> &Noted {
        &self.document.noted
    }

    /// Returns the entry about an object.
    pub(crate) fn find(&self, target: &Target) -> Option<&Entry> {
        self.document
            .noted
            .entries
            .iter()
            .find(|entry| entry.change.is_about(target))
    }

    /// Returns whether there is anything about a set-up.
    pub(crate) fn knows(&self, set_up: &SetUpId) -> bool {
        self.document.noted.knows(set_up)
    }

    /// Returns the id of a set-up whose device had this name before.
    pub(crate) fn renamed(&self, set_up: &SetUpId) -> Option<SetUpId> {
        self.document.noted.renamed(set_up)
    }

    /// Returns the entries that a set-up needs, in the order in which they were made.
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

    /// Records that a change is about to be made for a set-up.
    pub(crate) fn record(&mut self, change: Change, set_up: &SetUpId) -> Result<(), Error> {
        self.foresee(change, set_up);
        self.write()
    }

    /// Notes a change that will be made for a set-up. It must be written before it is made.
    pub(crate) fn foresee(&mut self, change: Change, set_up: &SetUpId) {
        let target = change.target();
        match self.entry_mut(&target) {
            Some(entry) if entry.change == change && entry.users.contains(set_up) => return,
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
        self.file = InFile::NotTheLatest;
    }

    /// Notes that a set-up needs a change that was made before.
    pub(crate) fn join(&mut self, target: &Target, set_up: &SetUpId) {
        if let Some(entry) = self.entry_mut(target) {
            entry.add_user(set_up);
            self.file = InFile::NotTheLatest;
        }
    }

    /// Notes that a set-up no longer needs a change that others need.
    pub(crate) fn leave(&mut self, target: &Target, set_up: &SetUpId) {
        if let Some(entry) = self.entry_mut(target) {
            entry.users.retain(|user| user != set_up);
            self.file = InFile::NotTheLatest;
        }
    }

    /// Notes that a change has been undone.
    pub(crate) fn remove(&mut self, target: &Target) {
        let entries = &mut self.document.noted.entries;
        entries.retain(|entry| !entry.change.is_about(target));
        self.file = InFile::NotTheLatest;
    }

    /// Returns the recorded options of a set-up.
    pub(crate) fn set_up(&self, id: &SetUpId) -> Option<&SetUp> {
        let is_it = |set_up: &&SetUp| set_up.is_about(id);
        self.document.noted.set_ups.iter().find(is_it)
    }

    /// Notes a set-up with its options and devices, in place of earlier ones.
    pub(crate) fn remember(&mut self, set_up: SetUp, links: &[Link]) {
        self.note_devices(&set_up, links);
        let set_ups = &mut self.document.noted.set_ups;
        match set_ups.iter_mut().find(|it| it.is_about(&set_up.id())) {
            Some(earlier) if *earlier == set_up => return,
            Some(earlier) => *earlier = set_up,
            None => set_ups.push(set_up),
        }
        self.file = InFile::NotTheLatest;
    }

    /// Notes the devices of a set-up.
    pub(crate) fn note_devices(&mut self, set_up: &SetUp, links: &[Link]) {
        if self.document.noted.note_devices(set_up, links) {
            self.file = InFile::NotTheLatest;
        }
    }

    /// Notes that a set-up has been taken down.
    pub(crate) fn forget(&mut self, id: &SetUpId) {
        let noted = &mut self.document.noted;
        let known = noted.set_ups.iter().any(|set_up| set_up.is_about(id));
        if !known && !noted.awaits_announcement(id) {
            return;
        }
        noted.set_ups.retain(|set_up| !set_up.is_about(id));
        noted.unannounced.retain(|due| due != id);
        noted.repeating.retain(|due| due != id);
        noted.forget_unused_devices();
        self.file = InFile::NotTheLatest;
    }

    /// Returns how far the announcement of a VIP has come, or `None` if it need not be announced.
    pub(crate) fn announcement_due(&self, id: &SetUpId) -> Option<Progress> {
        self.document.noted.announcement_due(id)
    }

    /// Notes that the VIP of a set-up must be announced.
    pub(crate) fn note_due(&mut self, id: &SetUpId) {
        let noted = &mut self.document.noted;
        noted.repeating.retain(|due| due != id);
        if !noted.unannounced.contains(id) {
            noted.unannounced.push(id.clone());
            self.file = InFile::NotTheLatest;
        }
    }

    /// Notes that the VIPs of these set-ups have been announced once, and must be announced again.
    pub(crate) fn note_repeats(&mut self, ids: &[SetUpId]) {
        let noted = &mut self.document.noted;
        let (begun, unannounced) = mem::take(&mut noted.unannounced)
            .into_iter()
            .partition::<Vec<_>, _>(|due| ids.contains(due));
        noted.unannounced = unannounced;
        if !begun.is_empty() {
            noted.repeating.extend(begun);
            self.file = InFile::NotTheLatest;
        }
    }

    /// Notes that the VIPs of these set-ups need not be announced any more.
    pub(crate) fn settle(&mut self, ids: &[SetUpId]) {
        let noted = &mut self.document.noted;
        if ids.iter().any(|id| noted.awaits_announcement(id)) {
            noted.unannounced.retain(|due| !ids.contains(due));
            noted.repeating.retain(|due| !ids.contains(due));
            self.file = InFile::NotTheLatest;
        }
    }

    /// Returns the recorded settings of a device, with the values that this crate set.
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

    /// Releases the lock, and leaves no file behind if the journal is empty.
    pub(crate) fn close(self) {
        let is_current = self.lock.is_held() && self.known == Known::AsItIs;
        if is_current && self.document.noted.is_empty() {
            storage::remove_draft(&self.path);
            self.lock.release_and_remove();
        }
    }

    fn entry_mut(&mut self, target: &Target) -> Option<&mut Entry> {
        self.document
            .noted
            .entries
            .iter_mut()
            .find(|entry| entry.change.is_about(target))
    }

    /// Writes what was noted since the last time.
    pub(crate) fn write(&mut self) -> Result<(), Error> {
        if self.file == InFile::NotTheLatest {
            if self.document.noted.is_empty() {
                storage::remove(&self.path)?;
            } else {
                storage::write(&self.path, &self.document)?;
            }
            self.file = InFile::Everything;
        }
        Ok(())
    }
}

/// Reads the journal under the lock.
fn read(host: &Host, path: &Path) -> Result<Document, Error> {
    match in_file(host, path)? {
        Some(Verdict::AboutThis(document)) => return Ok(document),
        // It describes an earlier boot, or an earlier namespace with the same number.
        Some(Verdict::AboutThePast) => storage::remove(path)?,
        None => {}
    }
    nothing_yet(host)
}

/// Reads what is in the file, if there is one.
fn in_file(host: &Host, path: &Path) -> Result<Option<Verdict>, Error> {
    let Some(text) = storage::read(path)? else {
        return Ok(None);
    };
    Document::read(&text, path, &nothing_yet(host)?).map(Some)
}

/// Returns an empty journal of the host, at this boot.
fn nothing_yet(host: &Host) -> Result<Document, Error> {
    Ok(Document::new(storage::boot_id()?, host.namespace_record()))
}

fn path_of(host: &Host) -> PathBuf {
    let id = host.netns().id();
    host.journal_path()
        .join(format!("netns-{}-{}.json", id.device, id.inode))
}

fn lock_of(journal: &Path) -> PathBuf {
    journal.with_extension("lock")
}
