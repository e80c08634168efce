//! Wanted GUE listeners.

use super::Transaction;
use crate::{
    Error, GueListener, Host, ListenerStatus, Outcome, Step,
    journal::{Change, Target},
};

pub(super) async fn check(host: &Host, wanted: GueListener) -> Result<(), Error> {
    let all = host.listeners().await?;
    let same_port = |port, family| (port, family) == (wanted.port.get(), wanted.family);
    let found = all
        .iter()
        .find(|status| same_port(status.port, status.family));
    match found {
        Some(status) if !wanted.is(*status) => Err(Error::PortInUse { listener: wanted }),
        _ => Ok(()),
    }
}

pub(super) async fn fulfil(
    transaction: &mut Transaction<'_>,
    wanted: GueListener,
) -> Result<Step, Error> {
    let target = Target::Listener(wanted);
    let outcome = if is_there(transaction.host, wanted).await? {
        transaction.join(&target)?;
        Outcome::AlreadyThere
    } else {
        transaction.record(Change::Listener(wanted))?;
        match transaction.host.add_listener(wanted).await {
            Ok(()) => Outcome::Added,
            // Somebody was faster: it is his.
            Err(Error::ListenerExists { .. }) => {
                transaction.forget(&target)?;
                Outcome::AlreadyThere
            }
            Err(error) => {
                // A socket or another listener has the port: rolling back must not delete that.
                if matches!(error, Error::PortInUse { .. }) {
                    transaction.forget(&target)?;
                }
                return Err(error);
            }
        }
    };
    Ok(Step::Listener {
        listener: wanted,
        outcome,
    })
}

/// The kernel keeps no mark on a listener: being in the journal, and being what was added, has to be
/// enough.
pub(super) async fn undo(host: &Host, listener: GueListener) -> Result<Step, Error> {
    let all = host.listeners().await?;
    let on_port = |status: &&ListenerStatus| {
        (status.port, status.family) == (listener.port.get(), listener.family)
    };
    let outcome = match all.iter().find(on_port) {
        None => Outcome::AlreadyGone,
        Some(status) if !listener.is(*status) => Outcome::NotOurs,
        Some(_) => match host.delete_listener(listener).await {
            Ok(()) => Outcome::Deleted,
            Err(Error::ListenerNotFound { .. }) => Outcome::AlreadyGone,
            Err(error) => return Err(error),
        },
    };
    Ok(Step::Listener { listener, outcome })
}

async fn is_there(host: &Host, wanted: GueListener) -> Result<bool, Error> {
    let all = host.listeners().await?;
    Ok(all.into_iter().any(|status| wanted.is(status)))
}
