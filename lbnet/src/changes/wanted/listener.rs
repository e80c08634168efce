//! Wanted GUE listeners.

use super::Transaction;
use crate::{
    Error, GueListener, Host, HostError, ListenerStatus, ObjectOutcome, Step,
    changes::journal::{Change, Target},
};

pub(super) async fn check(host: &Host, wanted: GueListener) -> Result<(), Error> {
    match find(host, wanted).await? {
        Some(status) if !wanted.is(status) => {
            Err(Error::Host(HostError::PortInUse { listener: wanted }))
        }
        _ => Ok(()),
    }
}

pub(super) async fn fulfil(
    transaction: &mut Transaction<'_>,
    wanted: GueListener,
) -> Result<Step, Error> {
    let target = Target::Listener(wanted);
    let outcome = if find(transaction.host, wanted)
        .await?
        .is_some_and(|status| wanted.is(status))
    {
        transaction.join(&target)?;
        ObjectOutcome::AlreadyThere
    } else {
        transaction.record(Change::Listener(wanted))?;
        match transaction.host.add_listener(wanted).await {
            Ok(()) => ObjectOutcome::Added,
            // Somebody was faster: it is his.
            Err(Error::Host(HostError::ListenerExists { .. })) => {
                transaction.forget(&target)?;
                ObjectOutcome::AlreadyThere
            }
            Err(error) => {
                // A socket or another listener has the port: rolling back must not delete that.
                if matches!(error, Error::Host(HostError::PortInUse { .. })) {
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
pub(in crate::changes) async fn undo(host: &Host, listener: GueListener) -> Result<Step, Error> {
    let outcome = match find(host, listener).await? {
        None => ObjectOutcome::AlreadyGone,
        Some(status) if !listener.is(status) => ObjectOutcome::NotOurs,
        Some(_) => match host.delete_listener(listener).await {
            Ok(()) => ObjectOutcome::Deleted,
            Err(Error::Host(HostError::ListenerNotFound { .. })) => ObjectOutcome::AlreadyGone,
            Err(error) => return Err(error),
        },
    };
    Ok(Step::Listener { listener, outcome })
}

/// What listens on the port and family of a listener, be it that one or another.
async fn find(host: &Host, listener: GueListener) -> Result<Option<ListenerStatus>, Error> {
    let all = host.listeners().await?;
    Ok(all
        .into_iter()
        .find(|status| (status.port, status.family) == (listener.port.get(), listener.family)))
}
