//! Why something was not done.

mod conflict;
mod host;
mod journal;

use std::io;

pub use conflict::Conflict;
pub use host::HostError;
pub use journal::JournalError;

use crate::Invalid;

/// Why something was not done. Each message names the thing, and the remedy where there is one.
///
/// Every method of this crate returns this type. The kinds of failures have types of their own, so
/// that a caller can handle all of one kind in the same way.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request makes no sense on any host. Nothing was changed.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Something is missing on this host, exists already, or is down.
    #[error(transparent)]
    Host(#[from] HostError),
    /// Something else is where the set-up would be. Nothing was changed.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The journal cannot be read or written, or another program has it locked.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The process lacks a privilege.
    #[error("{action} needs {needs}")]
    PermissionDenied {
        /// What was refused.
        action: String,
        /// The privilege that the process needs.
        needs: &'static str,
        /// The system's answer.
        source: io::Error,
    },
    /// The kernel refused for any other reason.
    #[error("{action} failed")]
    Kernel {
        /// What was refused.
        action: String,
        /// The kernel's answer.
        source: io::Error,
    },
    /// The call was made outside a tokio runtime.
    #[error("a host can only be opened inside a tokio runtime")]
    NoRuntime,
    /// A set-up failed, and rolling it back failed too.
    #[error(
        "rolling back a failed set-up failed too ({rollback}); what is left of it is in the journal"
    )]
    RollbackFailed {
        /// Why the set-up failed.
        #[source]
        cause: Box<Error>,
        /// Why it could not be rolled back.
        rollback: Box<Error>,
    },
}

impl Error {
    /// A refusal of a change to the network.
    pub(crate) fn refused(action: String, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::PermissionDenied => Self::PermissionDenied {
                action,
                needs: "CAP_NET_ADMIN",
                source,
            },
            _ => Self::Kernel { action, source },
        }
    }

    /// Whether the thing that the caller asked for does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(
            self,
            Self::Host(
                HostError::NamespaceNotFound { .. }
                    | HostError::NoSuchDevice { .. }
                    | HostError::AddressNotFound { .. }
                    | HostError::ListenerNotFound { .. }
                    | HostError::RouteNotFound { .. }
                    | HostError::NoSuchSysctl { .. }
            )
        )
    }

    /// Whether the thing that the caller asked to add exists already.
    pub fn is_already_exists(&self) -> bool {
        matches!(
            self,
            Self::Host(
                HostError::LinkExists { .. }
                    | HostError::AddressExists { .. }
                    | HostError::ListenerExists { .. }
                    | HostError::RouteExists { .. }
            )
        )
    }

    /// Whether the process lacks a privilege.
    pub fn is_permission_denied(&self) -> bool {
        matches!(self, Self::PermissionDenied { .. })
    }

    /// Whether the same call may succeed later: another program was changing the same namespace.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Journal(JournalError::Busy { .. }))
    }
}
