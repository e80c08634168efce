//! Undoes single changes, when a set-up is taken down or has failed.

use crate::{
    Error, ObjectOutcome, SetUpId, Step, SysctlOutcome,
    changes::{
        journal::{Change, Entry},
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
        transaction.leave(&target)?;
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
    transaction.forget(&target)?;
    Ok(step)
}

/// Undoes what the set-up needs since the transaction began, newest first, and restores what was
/// replaced.
pub(super) async fn roll_back(
    transaction: &mut Transaction<'_>,
    is_new: bool,
) -> Result<(), Error> {
    while let Some(entry) = transaction.next_joined() {
        release(transaction, entry).await?;
    }
    while let Some(replaced) = transaction.next_replaced() {
        match replaced {
            Change::Address(address) => address::restore(transaction, address).await?,
            Change::Link(link) => link::restore(transaction, link).await?,
            Change::Listener(_) | Change::Route(_) | Change::Sysctl(_) => {}
        }
    }
    transaction.take_back_announcement()?;
    if is_new {
        transaction.forget_set_up()?;
    }
    Ok(())
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
