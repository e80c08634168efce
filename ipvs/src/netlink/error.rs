use std::io;
use std::path::PathBuf;

use ipvs_sys::Errno;

use crate::{
    DestinationId, Family, Invalid, ParseError, PersistenceEngine, Scheduler, ServiceId, SyncRole,
};

/// Why a request was not carried out.
///
/// Each variant names the object it is about, so the message alone tells an operator what to do.
/// [`raw_os_error`](Self::raw_os_error) returns the errno of the kernel's answer.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `EEXIST` from adding a service.
    #[error("service {0} already exists")]
    ServiceExists(ServiceId),
    /// `ESRCH` from any request that names a service.
    #[error("no such service: {0}")]
    ServiceNotFound(ServiceId),
    /// `EEXIST` from adding a destination.
    #[error("destination {destination} of service {service} already exists")]
    DestinationExists {
        /// The service.
        service: ServiceId,
        /// The destination.
        destination: DestinationId,
    },
    /// `ENOENT` from changing or deleting a destination.
    #[error("no such destination: {destination} of service {service}")]
    DestinationNotFound {
        /// The service.
        service: ServiceId,
        /// The destination.
        destination: DestinationId,
    },
    /// `ENOENT` from adding or changing a service without a persistence engine.
    #[error("scheduler {:?} is not in this kernel", .0.name())]
    SchedulerNotFound(Scheduler),
    /// `ENOENT` from adding or changing a service with a persistence engine. The kernel does not say which
    /// of the two is missing.
    #[error("scheduler {:?} or persistence engine {:?} is not in this kernel", scheduler.name(), engine.name())]
    SchedulerOrEngineNotFound {
        /// The scheduler.
        scheduler: Scheduler,
        /// The persistence engine.
        engine: PersistenceEngine,
    },
    /// `EINVAL` from adding or changing an otherwise valid service.
    #[error("scheduler {:?} cannot serve {service}: mh takes at most 4093 destinations", scheduler.name())]
    SchedulerRefused {
        /// The service.
        service: ServiceId,
        /// The scheduler.
        scheduler: Scheduler,
    },
    /// `EINVAL` from adding an otherwise valid destination.
    #[error(
        "{destination} cannot be a destination of service {service}: its address must be unicast or \
         local, and lo must be up"
    )]
    DestinationRefused {
        /// The service.
        service: ServiceId,
        /// The destination.
        destination: DestinationId,
    },
    /// `EINVAL` from adding or changing an otherwise valid destination of another address family than its
    /// service.
    #[error(
        "{destination} cannot be a destination of service {service}, which is of another address \
         family: its address must be unicast or local, and no sync daemon may run"
    )]
    MixedFamilyRefused {
        /// The service.
        service: ServiceId,
        /// The destination.
        destination: DestinationId,
    },
    /// `EEXIST` from starting a sync daemon.
    #[error("a {0} sync daemon runs already: stop it before starting one with other parameters")]
    SyncDaemonRunning(SyncRole),
    /// `ESRCH` from stopping a sync daemon.
    #[error("no {0} sync daemon runs")]
    SyncDaemonNotRunning(SyncRole),
    /// `ENODEV` from starting a sync daemon.
    #[error("no such device: {0}")]
    InterfaceNotFound(String),
    /// `ENETUNREACH` from starting a sync daemon.
    #[error(
        "no sync daemon can speak on {0}: bring it up, or give the namespace a route to the group"
    )]
    SyncGroupUnreachable(String),
    /// `EINVAL` from starting an otherwise valid sync daemon.
    #[error(
        "no sync daemon can run beside a destination of another address family than its service"
    )]
    SyncDaemonRefused,
    /// `EAFNOSUPPORT`: IPv6 is disabled or not built in.
    #[error("this kernel's IPVS does not do {0}")]
    FamilyUnsupported(Family),
    /// The request is invalid. Nothing was sent.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// The kernel has no `ip_vs` and could not load it.
    #[error("IPVS is not in this kernel: load it with `modprobe ip_vs`")]
    Unavailable,
    /// `EPERM`, from reads too.
    #[error("managing IPVS needs CAP_NET_ADMIN (in the initial user namespace)")]
    PermissionDenied,
    /// There is no network namespace with this name, at this path, or of this process.
    #[error("no such network namespace: {0}")]
    NamespaceNotFound(String),
    /// A network namespace could not be entered.
    #[error("network namespace {namespace}")]
    Namespace {
        /// The namespace, as the caller named it.
        namespace: String,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A setting that this kernel does not have, or not in this network namespace.
    #[error("net.ipv4.vs.{0} is not in this kernel, or not in this network namespace")]
    SettingNotFound(String),
    /// A setting that cannot be written: `EPERM`, `EACCES`, or a `/proc/sys` that is mounted read-only.
    #[error(
        "cannot write net.ipv4.vs.{0}: it needs CAP_NET_ADMIN in the initial user namespace, and a /proc/sys that can be written"
    )]
    SettingNotWritable(String),
    /// A value that the kernel refuses for a setting: `EINVAL`.
    #[error("net.ipv4.vs.{name} cannot be {value:?}")]
    SettingRefused {
        /// The setting.
        name: String,
        /// The value.
        value: String,
    },
    /// A file of the kernel could not be read or written.
    #[error("cannot use {}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: io::Error,
    },
    /// A file of the kernel has an unknown format.
    #[error("{}: cannot understand {text:?}", path.display())]
    FileText {
        /// The file.
        path: PathBuf,
        /// The line, or the whole text if the problem is not in one line.
        text: String,
    },
    /// Other programs changed the table during every attempt to read it.
    #[error("the table kept changing while it was read")]
    TableKeptChanging,
    /// The answer to a change was lost, and the table does not show whether the change was made.
    #[error("its answer was lost: it may have been made")]
    AnswerLost,
    /// Any other refusal, or a failure of the netlink conversation.
    #[error(transparent)]
    Kernel(#[from] ipvs_sys::Error),
}

impl Error {
    /// Returns the errno with which the kernel refused the request or the file, like
    /// [`io::Error::raw_os_error`]. `None` if no errno led to this error.
    pub fn raw_os_error(&self) -> Option<i32> {
        match self {
            Self::File { source, .. }
            | Self::Namespace { source, .. }
            | Self::Kernel(ipvs_sys::Error::Socket { source, .. }) => source.raw_os_error(),
            _ => self.errno().map(|errno| errno as i32),
        }
    }

    /// The errno that a variant stands for; the inverse of `errno.rs`.
    fn errno(&self) -> Option<Errno> {
        match self {
            Self::Kernel(error) => error.errno(),
            Self::ServiceExists(_)
            | Self::DestinationExists { .. }
            | Self::SyncDaemonRunning(_) => Some(Errno::EEXIST),
            Self::ServiceNotFound(_) | Self::SyncDaemonNotRunning(_) => Some(Errno::ESRCH),
            Self::InterfaceNotFound(_) => Some(Errno::ENODEV),
            Self::SyncGroupUnreachable(_) => Some(Errno::ENETUNREACH),
            Self::DestinationNotFound { .. }
            | Self::SchedulerNotFound(_)
            | Self::SchedulerOrEngineNotFound { .. } => Some(Errno::ENOENT),
            Self::SchedulerRefused { .. }
            | Self::DestinationRefused { .. }
            | Self::MixedFamilyRefused { .. }
            | Self::SettingRefused { .. }
            | Self::SyncDaemonRefused => Some(Errno::EINVAL),
            Self::FamilyUnsupported(_) => Some(Errno::EAFNOSUPPORT),
            Self::PermissionDenied => Some(Errno::EPERM),
            _ => None,
        }
    }

    /// Returns whether the same request may succeed if it is repeated: the kernel did not answer in time or
    /// was out of memory, or other programs kept changing the table.
    ///
    /// A write whose [outcome is unknown](Self::is_outcome_unknown) may have been carried out. Read the table
    /// before you repeat it.
    pub fn is_retryable(&self) -> bool {
        match self {
            Self::TableKeptChanging
            | Self::AnswerLost
            | Self::Kernel(ipvs_sys::Error::DumpInterrupted) => true,
            _ if self.is_outcome_unknown() => {
                !matches!(self, Self::Kernel(ipvs_sys::Error::Decode(_)))
            }
            _ => [
                Errno::EAGAIN,
                Errno::EBUSY,
                Errno::EINTR,
                Errno::ENOBUFS,
                Errno::ENOMEM,
            ]
            .iter()
            .any(|errno| self.raw_os_error() == Some(*errno as i32)),
        }
    }

    /// Returns whether a privilege was missing: `CAP_NET_ADMIN`, or the permission to enter a network
    /// namespace or to write a setting.
    pub fn is_permission_denied(&self) -> bool {
        match self {
            Self::PermissionDenied | Self::SettingNotWritable(_) => true,
            Self::File { source, .. } | Self::Namespace { source, .. } => {
                source.kind() == io::ErrorKind::PermissionDenied
            }
            _ => false,
        }
    }

    /// Returns whether the kernel may have carried out the request all the same: its answer was lost or
    /// late.
    pub fn is_outcome_unknown(&self) -> bool {
        matches!(
            self,
            Self::Kernel(
                ipvs_sys::Error::TimedOut(_)
                    | ipvs_sys::Error::Overrun
                    | ipvs_sys::Error::Truncated { .. }
                    | ipvs_sys::Error::NoAnswer
                    | ipvs_sys::Error::Decode(_)
                    | ipvs_sys::Error::Socket { call: "recv", .. }
            )
        )
    }

    /// Returns whether the object to add already exists: a service, a destination or a sync daemon.
    pub fn is_already_exists(&self) -> bool {
        matches!(
            self,
            Self::ServiceExists(_) | Self::DestinationExists { .. } | Self::SyncDaemonRunning(_)
        )
    }

    /// Returns whether the object of the request does not exist: a service, a destination or a sync daemon.
    ///
    /// A missing scheduler, device, setting or namespace does not count: the request would fail for any
    /// service.
    pub fn is_not_found(&self) -> bool {
        matches!(
            self,
            Self::ServiceNotFound(_)
                | Self::DestinationNotFound { .. }
                | Self::SyncDaemonNotRunning(_)
        )
    }
}

impl From<ParseError> for Error {
    fn from(error: ParseError) -> Self {
        Self::Invalid(error.into())
    }
}
