//! Changes that are in the journal before they are on the host.

use crate::{
    Error, Host, ObjectOutcome, SetUpId, Step, SysctlOutcome,
    changes::{
        journal::{Change, Entry, Journal, Target},
        wanted::{address, link, listener, route, setting},
    },
};

/// The changes of one `up` or `down`.
pub(super) struct Transaction<'host> {
    pub(super) host: &'host Host,
    journal: Journal,
    set_up: SetUpId,
    /// What this set-up needs since now: to be given up again if the rest fails.
    joined: Vec<Target>,
}

impl<'host> Transaction<'host> {
    pub(super) fn new(host: &'host Host, journal: Journal, set_up: SetUpId) -> Self {
        Self {
            host,
            journal,
            set_up,
            joined: Vec::new(),
        }
    }

    /// What the journal says about a thing.
    pub(super) fn recorded(&self, target: &Target) -> Option<&Change> {
        self.journal.find(target).map(|entry| &entry.change)
    }

    /// Writes that a change is about to be made.
    pub(super) fn record(&mut self, change: Change) -> Result<(), Error> {
        self.note_if_new(change.target());
        self.journal.record(change, &self.set_up)
    }

    /// Writes that this set-up needs what is recorded about a thing, if anything is.
    pub(super) fn join(&mut self, target: &Target) -> Result<(), Error> {
        match self.journal.find(target) {
            Some(entry) if !entry.users.contains(&self.set_up) => {
                self.note_if_new(target.clone());
                self.journal.join(target, &self.set_up)
            }
            _ => Ok(()),
        }
    }

    /// Writes that a change was not made after all, or is undone.
    pub(super) fn forget(&mut self, target: &Target) -> Result<(), Error> {
        self.joined.retain(|joined| joined != target);
        self.journal.remove(target)
    }

    fn note_if_new(&mut self, target: Target) {
        let known = self
            .journal
            .find(&target)
            .is_some_and(|e| e.users.contains(&self.set_up));
        if !known {
            self.joined.push(target);
        }
    }

    /// Undoes a change for this set-up: on the host if it is the last, else in the journal only.
    pub(super) async fn release(&mut self, entry: Entry) -> Result<Step, Error> {
        let target = entry.change.target();
        let other = entry.users.into_iter().find(|user| *user != self.set_up);
        if let Some(by) = other {
            self.journal.leave(&target, &self.set_up)?;
            return Ok(still_needed(entry.change, by));
        }
        let step = match entry.change {
            Change::Address(address) => address::undo(self, address).await?,
            Change::Link(link) => link::undo(self.host, link).await?,
            Change::Listener(listener) => listener::undo(self.host, listener).await?,
            Change::Route(route) => route::undo(self.host, route).await?,
            Change::Sysctl(change) => setting::undo(self.host, change)?,
        };
        self.journal.remove(&target)?;
        Ok(step)
    }

    /// Gives up what this set-up needs since the transaction began, newest first.
    pub(super) async fn roll_back(&mut self) -> Result<(), Error> {
        while let Some(target) = self.joined.pop() {
            if let Some(entry) = self.journal.find(&target).cloned() {
                self.release(entry).await?;
            }
        }
        Ok(())
    }

    pub(super) fn close(self) {
        self.journal.close();
    }
}

fn still_needed(change: Change, by: SetUpId) -> Step {
    match change {
        Change::Address(address) => Step::Address {
            address,
            outcome: ObjectOutcome::StillNeeded { by },
        },
        Change::Link(link) => Step::Link {
            link,
            outcome: ObjectOutcome::StillNeeded { by },
        },
        Change::Listener(listener) => Step::Listener {
            listener,
            outcome: ObjectOutcome::StillNeeded { by },
        },
        Change::Route(route) => Step::Route {
            route,
            outcome: ObjectOutcome::StillNeeded { by },
        },
        Change::Sysctl(change) => {
            let outcome = SysctlOutcome::StillNeeded {
                value: change.after,
                by,
            };
            Step::Sysctl {
                key: change.key,
                outcome,
            }
        }
    }
}
