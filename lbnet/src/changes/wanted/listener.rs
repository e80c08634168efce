//! Adds and deletes the GUE listeners that a set-up needs.

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
        transaction.join(&target);
        ObjectOutcome::AlreadyExists
    } else {
        transaction.record(Change::Listener(wanted))?;
        match transaction.host.add_listener(wanted).await {
            Ok(()) => ObjectOutcome::Added,
            // Another program added it at the same time, so it belongs to that program.
            Err(Error::Host(HostError::ListenerExists { .. })) => {
                transaction.forget(&target);
                ObjectOutcome::AlreadyExists
            }
            Err(error) => {
                // Another socket or listener uses the port. Rolling back must not delete it.
                if matches!(error, Error::Host(HostError::PortInUse { .. })) {
                    transaction.forget(&target);
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

/// Deletes a listener. The kernel keeps no mark on listeners, so it suffices that the journal has
/// it and that it is unchanged.
pub(in crate::changes) async fn undo(host: &Host, listener: GueListener) -> Result<Step, Error> {
    let outcome = match find(host, listener).await? {
        None => ObjectOutcome::AlreadyGone,
        Some(status) if !listener.is(status) => ObjectOutcome::AddedByOthers,
        Some(_) => match host.delete_listener(listener).await {
            Ok(()) => ObjectOutcome::Deleted,
            Err(Error::Host(HostError::ListenerNotFound { .. })) => ObjectOutcome::AlreadyGone,
            Err(error) => return Err(error),
        },
    };
    Ok(Step::Listener { listener, outcome })
}

/// Returns the listener on the same port and family, which may be a different one.
async fn find(host: &Host, listener: GueListener) -> Result<Option<ListenerStatus>, Error> {
    let all = host.listeners().await?;
    Ok(all
        .into_iter()
        .find(|status| (status.port, status.family) == (listener.port.get(), listener.family)))
}
