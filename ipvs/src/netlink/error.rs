use std::io;
use std::path::PathBuf;

use ipvs_sys::Errno;

use crate::{
    DestinationId, Family, Invalid, ParseError, PersistenceEngine, Scheduler, ServiceId, SyncRole,
};

/// Why a request was not carried out.
///
/// Each variant names what it is about, so that the message alone tells an operator what to do.
/// [`raw_os_error`](Self::raw_os_error) is the number that the kernel answered with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// `EEXIST` to adding a service.
    #[error("service {0} already exists")]
    ServiceExists(ServiceId),
    /// `ESRCH` to whatever names a service.
    #[error("no such service: {0}")]
    ServiceNotFound(ServiceId),
    /// `EEXIST` to adding a destination.
    #[error("destination {destination} of service {service} already exists")]
    DestinationExists {
        /// The service.
        service: ServiceId,
        /// The destination.
        destination: DestinationId,
    },
    /// `ENOENT` to changing or deleting a destination.
    #[error("no such destination: {destination} of service {service}")]
    DestinationNotFound {
        /// The service.
        service: ServiceId,
        /// The destination.
        destination: DestinationId,
    },
    /// `ENOENT` to adding or changing a service without a persistence engine.
    #[error("scheduler {:?} is not in this kernel", .0.name())]
    SchedulerNotFound(Scheduler),
    /// `ENOENT` to adding or changing a service with a persistence engine: the kernel does not say
    /// which of the two it misses.
    #[error("scheduler {:?} or persistence engine {:?} is not in this kernel", scheduler.name(), engine.name())]
    SchedulerOrEngineNotFound {
        /// The scheduler.
        scheduler: Scheduler,
        /// The persistence engine.
        engine: PersistenceEngine,
    },
    /// `EINVAL` to adding or changing a service that is in order otherwise.
    #[error("scheduler {:?} cannot serve {service}: mh takes at most 4093 destinations", scheduler.name())]
    SchedulerRefused {
        /// The service.
        service: ServiceId,
        /// The scheduler.
        scheduler: Scheduler,
    },
    /// `EINVAL` to adding a destination that is in order otherwise.
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
    /// `EINVAL` to adding or changing a destination of another family than its service, which is in
    /// order otherwise.
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
    /// `EEXIST` to starting a sync daemon.
    #[error("a {0} sync daemon runs already: stop it before starting one with other parameters")]
    SyncDaemonRunning(SyncRole),
    /// `ESRCH` to stopping a sync daemon.
    #[error("no {0} sync daemon runs")]
    SyncDaemonNotRunning(SyncRole),
    /// `ENODEV` to starting a sync daemon.
    #[error("no such device: {0}")]
    InterfaceNotFound(String),
    /// `ENETUNREACH` to starting a sync daemon.
    #[error(
        "no sync daemon can speak on {0}: bring it up, or give the namespace a route to the group"
    )]
    SyncGroupUnreachable(String),
    /// `EINVAL` to starting a sync daemon that is in order otherwise.
    #[error(
        "no sync daemon can run beside a destination of another address family than its service"
    )]
    SyncDaemonRefused,
    /// `EAFNOSUPPORT`: IPv6 is disabled or was not built.
    #[error("this kernel's IPVS does not do {0}")]
    FamilyUnsupported(Family),
    /// The request makes no sense; nothing was sent.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// `ip_vs` is not in the kernel, and the kernel could not load it.
    #[error("IPVS is not in this kernel: load it with `modprobe ip_vs`")]
    Unavailable,
    /// `EPERM`, also to reading.
    #[error("managing IPVS needs CAP_NET_ADMIN (in the initial user namespace)")]
    PermissionDenied,
    /// There is no network namespace of this name, at this path, of this process.
    #[error("no such network namespace: {0}")]
    NamespaceNotFound(String),
    /// A network namespace could not be entered.
    #[error("network namespace {namespace}")]
    Namespace {
        /// As it was given.
        namespace: String,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A setting that this kernel does not have, or not in this network namespace.
    #[error("net.ipv4.vs.{0} is not in this kernel, or not in this network namespace")]
    SettingNotFound(String),
    /// A setting that cannot be written: `EPERM`, `EACCES`, or a `/proc/sys` that is mounted to be
    /// read only.
    #[error(
        "cannot write net.ipv4.vs.{0}: it needs CAP_NET_ADMIN, and a /proc/sys that can be written"
    )]
    SettingNotWritable(String),
    /// A value that the kernel does not take for a setting: `EINVAL`.
    #[error("net.ipv4.vs.{name} cannot be {value:?}")]
    SettingRefused {
        /// The setting.
        name: String,
        /// The value.
        value: String,
    },
    /// A file of the kernel's could not be read or written.
    #[error("cannot use {}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A file of the kernel's that does not say what it should.
    #[error("{}: cannot understand {text:?}", path.display())]
    FileText {
        /// Which.
        path: PathBuf,
        /// The line, or the whole where it is no matter of one line.
        text: String,
    },
    /// The table was changed by others as often as it was read.
    #[error("the table kept changing while it was read")]
    TableKeptChanging,
    /// The answer to a change was lost, and what is there cannot tell whether it was made.
    #[error("its answer was lost: it may have been made")]
    AnswerLost,
    /// Any other refusal, or a broken conversation with the kernel.
    #[error(transparent)]
    Kernel(#[from] ipvs_sys::Error),
}

impl Error {
    /// The number of the error (`errno`) with which the kernel refused the request or a file, as
    /// [`io::Error::raw_os_error`] has it. `None` where no errno led to this error.
    pub fn raw_os_error(&self) -> Option<i32> {
        match self {
            Self::File { source, .. }
            | Self::Namespace { source, .. }
            | Self::Kernel(ipvs_sys::Error::Socket { source, .. }) => source.raw_os_error(),
            _ => self.errno().map(|errno| errno as i32),
        }
    }

    /// The errno that a variant stands for, as `errno.rs` gives it.
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

    /// Whether the same request may succeed when it is made again: the kernel did not answer in time
    /// or was short of memory, or others kept changing what was read.
    ///
    /// A write whose [outcome is unknown](Self::is_outcome_unknown) may have been carried out: read
    /// what is there before you repeat it.
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

    /// Whether a privilege was missing: `CAP_NET_ADMIN`, the right to enter a network namespace, or
    /// the right to write a setting.
    pub fn is_permission_denied(&self) -> bool {
        match self {
            Self::PermissionDenied | Self::SettingNotWritable(_) => true,
            Self::File { source, .. } | Self::Namespace { source, .. } => {
                source.kind() == io::ErrorKind::PermissionDenied
            }
            _ => false,
        }
    }

    /// Whether the request may have been carried out all the same: the answer did not come, or not
    /// in time.
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

    /// Whether what was to be added is there already: a service, a destination, a sync daemon.
    pub fn is_already_exists(&self) -> bool {
        matches!(
            self,
            Self::ServiceExists(_) | Self::DestinationExists { .. } | Self::SyncDaemonRunning(_)
        )
    }

    /// Whether what the request names is not there: a service, a destination, a sync daemon.
    ///
    /// A missing scheduler, device, setting or namespace does not count: the request would fail for
    /// any service.
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
