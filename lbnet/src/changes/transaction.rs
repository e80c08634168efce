//! Changes that are recorded in the journal before they are made.

use std::net::IpAddr;

use crate::{
    DeviceName, Error, Host, HostRoute, Link, SetUp, SetUpId,
    changes::journal::{Change, Entry, Journal, Progress, Target},
};

/// Whether an object has the mark of this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Ours,
    OfOthers,
}

impl Mark {
    pub(super) fn of(is_marked: bool) -> Self {
        if is_marked {
            Self::Ours
        } else {
            Self::OfOthers
        }
    }
}

/// The changes of one `up` or `down`.
#[derive(Debug)]
pub(super) struct Transaction<'a> {
    pub(super) host: &'a Host,
    journal: &'a mut Journal,
    set_up: SetUpId,
    /// What this set-up needs since the transaction began. It is given up if the rest fails.
    joined: Vec<Target>,
    /// Everything that this set-up needs.
    needed: Vec<Target>,
    /// What was undone to make room for something else.
    replaced: Vec<Change>,
    announces: bool,
    was_due: bool,
    /// What is recorded already, and will be changed later.
    foreseen: Vec<Target>,
    /// The VIPs that the network was asked for before the transaction.
    asked: &'a [(IpAddr, DeviceName)],
}

impl<'a> Transaction<'a> {
    pub(super) fn new(host: &'a Host, journal: &'a mut Journal, set_up: SetUpId) -> Self {
        Self {
            host,
            was_due: journal.announcement_due(&set_up).is_some(),
            journal,
            set_up,
            joined: Vec::new(),
            needed: Vec::new(),
            replaced: Vec::new(),
            announces: false,
            foreseen: Vec::new(),
            asked: &[],
        }
    }

    /// Notes for which VIPs the network was asked, so that it is not asked again.
    pub(super) fn having_asked(self, asked: &'a [(IpAddr, DeviceName)]) -> Self {
        Self { asked, ..self }
    }

    /// Returns whether the network was asked for a VIP.
    pub(super) fn has_asked(&self, question: &(IpAddr, DeviceName)) -> bool {
        self.asked.contains(question)
    }

    /// Returns the recorded change of an object.
    pub(super) fn recorded(&self, target: &Target) -> Option<&Change> {
        self.journal.find(target).map(|entry| &entry.change)
    }

    /// Returns the recorded change of an object if no other set-up needs it.
    pub(super) fn recorded_for_this_alone(&self, target: &Target) -> Option<&Change> {
        let entry = self.journal.find(target)?;
        (entry.users == [self.set_up.clone()]).then_some(&entry.change)
    }

    /// Records that a change is about to be made. If the change adds the VIP to this host, the
    /// announcement is noted as due at the same time.
    pub(super) fn record(&mut self, change: Change) -> Result<(), Error> {
        self.intend(&change);
        self.foreseen.retain(|target| !change.is_about(target));
        self.journal.record(change, &self.set_up)
    }

    /// Notes a change that will be made, so that [`Transaction::write`] writes it together with others.
    pub(super) fn foresee(&mut self, change: Change) {
        self.intend(&change);
        self.foreseen.push(change.target());
        self.journal.foresee(change, &self.set_up);
    }

    fn intend(&mut self, change: &Change) {
        self.note_if_new(change.target());
        if self.announces && self.carries_vip(change) {
            self.journal.note_due(&self.set_up);
        }
    }

    /// Writes what was noted.
    pub(super) fn write(&mut self) -> Result<(), Error> {
        self.journal.write()
    }

    /// Notes that this set-up needs the recorded change of an object, if there is one.
    pub(super) fn join(&mut self, target: &Target) {
        // Another program made the change since it was foreseen.
        if self.foreseen.contains(target) {
            return self.forget(target);
        }
        self.needed.push(target.clone());
        match self.journal.find(target) {
            Some(entry) if !entry.users.contains(&self.set_up) => {
                self.note_if_new(target.clone());
                self.journal.join(target, &self.set_up);
            }
            _ => {}
        }
    }

    /// Notes that this set-up needs an object that is there. If the object has the mark of this crate and
    /// no journal knows it, it is taken into the journal, so that `down` undoes it. It stays if the rest
    /// of the transaction fails.
    pub(super) fn found(&mut self, change: Change, mark: Mark) {
        let target = change.target();
        if mark == Mark::Ours && self.journal.find(&target).is_none() {
            self.needed.push(target);
            self.journal.foresee(change, &self.set_up);
        } else {
            self.join(&target);
        }
    }

    /// Notes that this set-up no longer needs what others need.
    pub(super) fn leave(&mut self, target: &Target) {
        self.journal.leave(target, &self.set_up);
    }

    /// Notes that a change was not made after all, or has been undone.
    pub(super) fn forget(&mut self, target: &Target) {
        self.joined.retain(|joined| joined != target);
        self.foreseen.retain(|foreseen| foreseen != target);
        self.journal.remove(target);
    }

    /// Remembers what was undone to make room for something else, in case the rest fails.
    pub(super) fn replaces(&mut self, change: Change) {
        self.replaced.push(change);
    }

    /// Returns another set-up that needs a change, if there is one.
    pub(super) fn other_user(&self, entry: &Entry) -> Option<SetUpId> {
        let others = |user: &&SetUpId| **user != self.set_up;
        entry.users.iter().find(others).cloned()
    }

    /// Returns what this set-up needed until now and no longer needs.
    pub(super) fn leftovers(&self) -> Vec<Entry> {
        let mut entries = self.journal.entries_of(&self.set_up);
        entries.retain(|entry| !self.needed.contains(&entry.change.target()));
        entries
    }

    /// Returns the newest of the changes that this set-up needs since the transaction began.
    pub(super) fn next_joined(&mut self) -> Option<Entry> {
        while let Some(target) = self.joined.pop() {
            if let Some(entry) = self.journal.find(&target) {
                return Some(entry.clone());
            }
        }
        None
    }

    pub(super) fn next_replaced(&mut self) -> Option<Change> {
        self.replaced.pop()
    }

    /// Returns the recorded settings of a device.
    pub(super) fn settings_of(&self, device: &DeviceName) -> Vec<(crate::Sysctl, i64)> {
        self.journal.settings_of(device)
    }

    /// Notes a set-up with its options.
    pub(super) fn remember(&mut self, set_up: SetUp, links: &[Link]) {
        self.journal.remember(set_up, links);
    }

    /// Notes the devices of a set-up that is recorded already. They may have been made anew.
    pub(super) fn note_devices(&mut self, set_up: &SetUp, links: &[Link]) {
        self.journal.note_devices(set_up, links);
    }

    /// Notes that the set-up has been taken down.
    pub(super) fn forget_set_up(&mut self) {
        self.journal.forget(&self.set_up);
    }

    /// Requests an announcement if a change adds the VIP to this host.
    pub(super) fn note_announcement(&mut self) {
        self.announces = true;
    }

    /// Returns how far the announcement of the VIP has come, or `None` if it need not be announced.
    pub(super) fn announcement_due(&self) -> Option<Progress> {
        self.journal.announcement_due(&self.set_up)
    }

    /// Notes that the VIP need not be announced.
    pub(super) fn settle(&mut self) {
        self.journal.settle(std::slice::from_ref(&self.set_up));
    }

    /// Notes that the VIP need not be announced, unless this was due before the transaction.
    pub(super) fn take_back_announcement(&mut self) {
        if !self.was_due {
            self.settle();
        }
    }

    fn carries_vip(&self, change: &Change) -> bool {
        match change {
            Change::Address(address) => address.prefix.address() == self.set_up.vip,
            Change::Route(route) => *route == HostRoute::local(self.set_up.vip),
            Change::Link(_) | Change::Listener(_) | Change::Sysctl(_) => false,
        }
    }

    fn note_if_new(&mut self, target: Target) {
        self.needed.push(target.clone());
        let known = self
            .journal
            .find(&target)
            .is_some_and(|e| e.users.contains(&self.set_up));
        if !known {
            self.joined.push(target);
        }
    }
}
