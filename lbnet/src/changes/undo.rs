//! Undoes single changes, when a set-up is taken down or has failed.

use crate::{
    Error, HostRouteKind, ObjectOutcome, Report, SetUpId, Step, SysctlOutcome,
    changes::{
        journal::{Change, Entry, SysctlChange, Target},
        transaction::Transaction,
        wanted::{address, link, listener, route, setting},
    },
};

/// Sorts entries in the order in which to undo them: the newest first, and a VIP always before the
/// settings that keep other hosts from noticing it.
pub(super) fn sort(entries: &mut [Entry]) {
    entries.reverse();
    entries.sort_by_key(rank);
}

fn rank(entry: &Entry) -> u8 {
    match entry.change {
        Change::Route(_) => 0,
        Change::Address(_) => 1,
        Change::Listener(_) => 2,
        Change::Sysctl(_) => 3,
        // Its settings disappear with it.
        Change::Link(_) => 4,
    }
}

/// Undoes a change for a set-up. If another set-up needs the change, only the journal is updated.
pub(super) async fn release(
    transaction: &mut Transaction<'_>,
    entry: Entry,
) -> Result<Step, Error> {
    let target = entry.change.target();
    if let Some(by) = transaction.other_user(&entry) {
        transaction.leave(&target);
        return Ok(still_needed(entry.change, by));
    }
    let host = transaction.host;
    let step = match entry.change {
        Change::Address(address) => address::undo(transaction, address).await?,
        Change::Link(link) => link::undo(host, link).await?,
        Change::Listener(listener) => listener::undo(host, listener).await?,
        Change::Route(route) => route::undo(host, route).await?,
        Change::Sysctl(change) => setting::undo(host, change)?,
    };
    transaction.forget(&target);
    Ok(step)
}

/// What could not be undone, and the first reason.
#[derive(Debug, Default)]
pub(super) struct Left {
    targets: Vec<Target>,
    cause: Option<Error>,
    vip: VipIs,
}

/// Whether the VIP is gone, as far as is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum VipIs {
    #[default]
    Gone,
    /// It may still be there, so the settings that keep other hosts from noticing it stay as well.
    Left,
}

impl Left {
    fn add(&mut self, change: &Change, cause: Error) {
        // A unicast route does not make this host answer for the VIP.
        self.vip = match change {
            Change::Address(_) => VipIs::Left,
            Change::Route(route) if route.kind == HostRouteKind::Local => VipIs::Left,
            _ => self.vip,
        };
        self.targets.push(change.target());
        self.cause.get_or_insert(cause);
    }

    /// Returns whether a change must stay because the VIP does.
    fn keeps(&self, change: &Change) -> bool {
        self.vip == VipIs::Left && matches!(change, Change::Sysctl(_))
    }

    /// Returns the error about what is left of a set-up, if anything is.
    pub(super) fn of(self, set_up: &SetUpId) -> Result<(), Error> {
        match self.cause {
            None => Ok(()),
            Some(cause) => Err(Error::UndoneInPart {
                set_up: set_up.clone(),
                left: self.targets.iter().map(Target::to_string).collect(),
                cause: cause.into(),
            }),
        }
    }
}

/// Undoes changes for a set-up, one after the other. One that cannot be undone stays in the journal, and
/// the others are undone all the same: except for settings, while the VIP is there.
pub(super) async fn release_all(
    transaction: &mut Transaction<'_>,
    entries: Vec<Entry>,
    report: &mut Report,
) -> Left {
    let mut left = Left::default();
    for entry in entries {
        let change = entry.change.clone();
        if left.keeps(&change) {
            left.targets.push(change.target());
            report.push(not_undone(change, KEPT.to_owned()));
            continue;
        }
        match release(transaction, entry).await {
            Ok(step) => report.push(step),
            Err(error) => {
                report.push(not_undone(change.clone(), with_causes(&error)));
                left.add(&change, error);
            }
        }
    }
    left
}

/// Why a setting stays.
const KEPT: &str = "other hosts would notice the virtual IP, which is still there";

/// Undoes what the set-up needs since the transaction began, newest first, and restores what was
/// replaced. It goes on to the end whatever one of them meets, except that settings stay while the VIP
/// does, and returns the first error.
pub(super) async fn roll_back(
    transaction: &mut Transaction<'_>,
    is_new: bool,
) -> Result<(), Error> {
    let mut left = Left::default();
    while let Some(entry) = transaction.next_joined() {
        let change = entry.change.clone();
        if left.keeps(&change) {
            continue;
        }
        if let Err(error) = release(transaction, entry).await {
            left.add(&change, error);
        }
    }
    let mut outcome = left.cause.map_or(Ok(()), Err);
    while let Some(replaced) = transaction.next_replaced() {
        let restored = match replaced {
            Change::Address(address) => address::restore(transaction, address).await,
            Change::Link(link) => link::restore(transaction, link).await,
            Change::Listener(_) | Change::Route(_) | Change::Sysctl(_) => Ok(()),
        };
        outcome = outcome.and(restored);
    }
    transaction.take_back_announcement();
    if is_new {
        transaction.forget_set_up();
    }
    outcome.and(transaction.write())
}

fn with_causes(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

fn not_undone(change: Change, reason: String) -> Step {
    let object = ObjectOutcome::NotUndone {
        reason: reason.clone(),
    };
    stays(change, object, |setting| SysctlOutcome::NotUndone {
        set_to: setting.after,
        was: setting.before,
        reason,
    })
}

fn still_needed(change: Change, by: SetUpId) -> Step {
    let object = ObjectOutcome::StillNeeded { by: by.clone() };
    stays(change, object, |setting| SysctlOutcome::StillNeeded {
        value: setting.after,
        by,
    })
}

/// Returns the step about a change that is not undone, given its outcome as an object or as a setting.
fn stays(
    change: Change,
    outcome: ObjectOutcome,
    of_setting: impl FnOnce(&SysctlChange) -> SysctlOutcome,
) -> Step {
    match change {
        Change::Address(address) => Step::Address { address, outcome },
        Change::Link(link) => Step::Link { link, outcome },
        Change::Listener(listener) => Step::Listener { listener, outcome },
        Change::Route(route) => Step::Route { route, outcome },
        Change::Sysctl(change) => Step::Sysctl {
            outcome: of_setting(&change),
            key: change.key,
        },
    }
}
