//! Wanted GUE listeners.

use super::Transaction;
use crate::{
    Error, GueListener, Host, ListenerStatus, Outcome, Step,
    changes::journal::{Change, Target},
};

pub(super) async fn check(host: &Host, wanted: GueListener) -> Result<(), Error> {
    match find(host, wanted).await? {
        Some(status) if !wanted.is(status) => Err(Error::PortInUse { listener: wanted }),
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
pub(in crate::changes) async fn undo(host: &Host, listener: GueListener) -> Result<Step, Error> {
    let outcome = match find(host, listener).await? {
        None => Outcome::AlreadyGone,
        Some(status) if !listener.is(status) => Outcome::NotOurs,
        Some(_) => match host.delete_listener(listener).await {
            Ok(()) => Outcome::Deleted,
            Err(Error::ListenerNotFound { .. }) => Outcome::AlreadyGone,
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
