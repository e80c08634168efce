//! The only place that interprets an errno. Its meaning depends on the request.

use ipvs_sys::Errno;

use crate::{Destination, DestinationId, Error, Family, Service, ServiceId, SyncDaemon, SyncRole};

/// The request that was refused.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Request<'a> {
    /// A request about IPVS as a whole.
    General,
    /// Add a service, or replace its configuration.
    WriteService(&'a Service),
    /// Read a service, delete it, zero its counters.
    Service(ServiceId),
    /// Add a destination, or replace its configuration.
    WriteDestination(ServiceId, &'a Destination),
    /// Delete a destination.
    Destination(ServiceId, DestinationId),
    /// Start a sync daemon.
    StartSync(&'a SyncDaemon),
    /// Stop a sync daemon.
    StopSync(SyncRole),
}

impl Request<'_> {
    /// Interprets an error as the answer to this request. A kernel test proves every row.
    pub(crate) fn refused(self, error: ipvs_sys::Error) -> Error {
        use Request::{Destination, Service, StartSync, StopSync, WriteDestination, WriteService};

        if matches!(error, ipvs_sys::Error::FamilyNotFound) {
            return Error::Unavailable;
        }
        let Some(errno) = error.errno() else {
            return Error::Kernel(error);
        };
        match (self, errno) {
            (_, Errno::EPERM) => Error::PermissionDenied,

            (WriteService(service), Errno::EEXIST) => Error::ServiceExists(service.id),
            (WriteService(service), Errno::ESRCH) => Error::ServiceNotFound(service.id),
            (WriteService(service), Errno::ENOENT) => {
                let scheduler = service.scheduler.clone();
                match service.persistence_engine.clone() {
                    None => Error::SchedulerNotFound(scheduler),
                    Some(engine) => Error::SchedulerOrEngineNotFound { scheduler, engine },
                }
            }
            (WriteService(service), Errno::EINVAL) => Error::SchedulerRefused {
                service: service.id,
                scheduler: service.scheduler.clone(),
            },
            (WriteService(service), Errno::EAFNOSUPPORT) => {
                Error::FamilyUnsupported(service.id.family())
            }

            (Service(id), Errno::ESRCH) => Error::ServiceNotFound(id),
            (Service(id), Errno::EAFNOSUPPORT) => Error::FamilyUnsupported(id.family()),

            (WriteDestination(service, _) | Destination(service, _), Errno::ESRCH) => {
                Error::ServiceNotFound(service)
            }
            (WriteDestination(service, destination), Errno::EEXIST) => Error::DestinationExists {
                service,
                destination: destination.id,
            },
            (WriteDestination(service, destination), Errno::ENOENT) => Error::DestinationNotFound {
                service,
                destination: destination.id,
            },
            (WriteDestination(service, destination), Errno::EINVAL) => {
                let (service, destination) = (service, destination.id);
                if service.family() == destination.family() {
                    Error::DestinationRefused {
                        service,
                        destination,
                    }
                } else {
                    Error::MixedFamilyRefused {
                        service,
                        destination,
                    }
                }
            }
            (WriteDestination(_, destination), Errno::EAFNOSUPPORT) => {
                Error::FamilyUnsupported(destination.id.family())
            }
            (Destination(service, destination), Errno::ENOENT) => Error::DestinationNotFound {
                service,
                destination,
            },
            (Destination(_, destination), Errno::EAFNOSUPPORT) => {
                Error::FamilyUnsupported(destination.family())
            }

            (StartSync(daemon), Errno::EEXIST) => Error::SyncDaemonRunning(daemon.role),
            (StartSync(daemon), Errno::ENODEV) => {
                Error::InterfaceNotFound(daemon.interface.clone())
            }
            (StartSync(daemon), Errno::ENETUNREACH) => {
                Error::SyncGroupUnreachable(daemon.interface.clone())
            }
            (StartSync(_), Errno::EINVAL) => Error::SyncDaemonRefused,
            (StartSync(_), Errno::EAFNOSUPPORT) => Error::FamilyUnsupported(Family::Ipv6),
            (StopSync(role), Errno::ESRCH) => Error::SyncDaemonNotRunning(role),

            _ => Error::Kernel(error),
        }
    }
}
