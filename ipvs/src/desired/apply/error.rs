use crate::{Change, Error};

/// A plan was not applied: a change was refused, and those before it were undone.
#[derive(Debug, thiserror::Error)]
#[error("cannot {change}; {}", outcome(not_undone))]
#[non_exhaustive]
pub struct ApplyError {
    /// The change that was refused.
    pub change: Box<Change>,
    /// The reason.
    #[source]
    pub source: Error,
    /// The changes that could not be undone, each with the reason. If there are none, everything is as it
    /// was before.
    pub not_undone: Vec<(Change, Error)>,
}

/// Why [`Client::restore`](crate::Client::restore) did not restore a table.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The table is invalid, or the current table could not be read. Nothing was changed.
    #[error(transparent)]
    NotBegun(#[from] Error),
    /// A change was refused, and those before it were undone.
    #[error(transparent)]
    NotApplied(#[from] ApplyError),
}

impl ApplyError {
    pub(super) fn new(change: Change, source: Error, not_undone: Vec<(Change, Error)>) -> Self {
        Self {
            change: Box::new(change),
            source,
            not_undone,
        }
    }
}

fn outcome(not_undone: &[(Change, Error)]) -> String {
    match not_undone {
        [] => "nothing was changed".to_owned(),
        changes => {
            let changes: Vec<_> = changes
                .iter()
                .map(|(change, error)| format!("{change} ({error})"))
                .collect();
            format!("these changes could not be undone: {}", changes.join(", "))
        }
    }
}
