//! The errors of this crate.

mod conflict;
mod host;
mod journal;
mod user_namespace;

use std::io;

pub use conflict::{Conflict, Delivery};
pub use host::HostError;
pub use journal::JournalError;
pub(crate) use user_namespace::UserNamespace;

use crate::{Invalid, SetUpId};

/// The reason why an operation failed. Each message names the object, and the remedy if there is
/// one.
///
/// Every method of this crate returns this type. Each kind of failure has a type of its own, so
/// that a caller can handle all failures of a kind in the same way.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The request is invalid on any host. Nothing was changed.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// An object is missing on this host, exists already, or is down.
    #[error(transparent)]
    Host(#[from] HostError),
    /// Something else occupies the place of the set-up. Nothing was changed.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The journal cannot be read or written, or another program has it locked.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The process lacks a privilege.
    #[error("{action} needs {needs}")]
    PermissionDenied {
        /// The action that was refused.
        action: String,
        /// The privilege that the process needs.
        needs: &'static str,
        /// The error of the system.
        source: io::Error,
    },
    /// The kernel refused for any other reason.
    #[error("{action} failed")]
    Kernel {
        /// The action that was refused.
        action: String,
        /// The error of the kernel.
        source: io::Error,
    },
    /// The call was made outside a tokio runtime.
    #[error("a host can only be opened inside a tokio runtime")]
    NoRuntime,
    /// Some changes of a set-up could not be undone. The journal keeps these, and all others are undone:
    /// except for settings, as long as the VIP is there.
    #[error(
        "the {set_up} is taken down in part, and its journal keeps the rest ({}): remove the cause, then take it down again",
        left.join(", ")
    )]
    UndoneInPart {
        /// The set-up.
        set_up: SetUpId,
        /// What is left of it, such as `net.ipv4.conf.eth0.arp_ignore`.
        left: Vec<String>,
        /// Why the first of them could not be undone.
        #[source]
        cause: Box<Error>,
    },
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
    /// Converts the kernel's refusal of a change to the network.
    pub(crate) fn refused(action: String, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::PermissionDenied => Self::PermissionDenied {
                action,
                needs: UserNamespace::of_this_process().net_admin(),
                source,
            },
            _ => Self::Kernel { action, source },
        }
    }

    /// Returns whether the requested object does not exist.
    pub fn is_not_found(&self) -> bool {
        matches!(
            self,
            Self::Host(
                HostError::NamespaceNotFound { .. }
                    | HostError::NoSuchDevice { .. }
                    | HostError::AddressNotFound { .. }
                    | HostError::ListenerNotFound { .. }
                    | HostError::RouteNotFound { .. }
                    | HostError::NoSuchRoute { .. }
                    | HostError::NoSuchSysctl { .. }
            )
        )
    }

    /// Returns whether the object to add exists already.
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

    /// Returns whether the process lacks a privilege.
    pub fn is_permission_denied(&self) -> bool {
        matches!(self, Self::PermissionDenied { .. })
    }

    /// Returns whether the same call may succeed later, because another program was changing the
    /// same namespace.
    pub fn is_retryable(&self) -> bool {
        matches!(self, Self::Journal(JournalError::Busy { .. }))
    }
}
