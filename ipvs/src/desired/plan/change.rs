use std::borrow::Cow;

use crate::model::validate;
use crate::netlink::Write;
use crate::{Destination, DestinationId, Invalid, Service, ServiceId, SyncDaemon, Timeouts};

/// One change of a table, with what was there before, so that it can be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Change {
    /// Sets the timeouts that `to` names.
    SetTimeouts {
        /// What they were, those that `to` names.
        from: Timeouts,
        /// What they become.
        to: Timeouts,
    },
    /// Adds a service.
    AddService(Service),
    /// Replaces the configuration of a service. Apart, so that the many changes of destinations need
    /// half the memory.
    UpdateService {
        /// What it was.
        from: Box<Service>,
        /// What it becomes.
        to: Box<Service>,
    },
    /// Deletes a service, and with it the destinations that it has.
    DeleteService(Service),
    /// Adds a destination.
    AddDestination {
        /// To which service.
        service: ServiceId,
        /// The destination.
        destination: Destination,
    },
    /// Replaces the configuration of a destination.
    UpdateDestination {
        /// Of which service.
        service: ServiceId,
        /// What it was.
        from: Destination,
        /// What it becomes.
        to: Destination,
    },
    /// Deletes a destination.
    DeleteDestination {
        /// Of which service.
        service: ServiceId,
        /// The destination.
        destination: Destination,
    },
    /// Starts a sync daemon.
    StartSyncDaemon(SyncDaemon),
    /// Stops a sync daemon.
    StopSyncDaemon(SyncDaemon),
}

impl Change {
    /// Refuses what the kernel would take and should not. What is deleted or stopped may be as odd
    /// as it likes.
    pub(crate) fn validate(&self) -> Result<(), Invalid> {
        match self {
            Self::SetTimeouts { to, .. } => validate::timeouts(to),
            Self::AddService(service) => validate::service(service),
            Self::UpdateService { to, .. } => validate::service(to),
            Self::AddDestination {
                service,
                destination,
            }
            | Self::UpdateDestination {
                service,
                to: destination,
                ..
            } => validate::destination(*service, destination),
            Self::StartSyncDaemon(daemon) => validate::sync_daemon(daemon),
            Self::DeleteService(_) | Self::DeleteDestination { .. } | Self::StopSyncDaemon(_) => {
                Ok(())
            }
        }
    }

    /// The change that undoes this one.
    #[must_use]
    pub fn inverse(self) -> Self {
        match self {
            Self::SetTimeouts { from, to } => Self::SetTimeouts { from: to, to: from },
            Self::StartSyncDaemon(daemon) => Self::StopSyncDaemon(daemon),
            Self::StopSyncDaemon(daemon) => Self::StartSyncDaemon(daemon),
            Self::AddService(service) => Self::DeleteService(service),
            Self::UpdateService { from, to } => Self::UpdateService { from: to, to: from },
            Self::DeleteService(service) => Self::AddService(service),
            Self::AddDestination {
                service,
                destination,
            } => Self::DeleteDestination {
                service,
                destination,
            },
            Self::UpdateDestination { service, from, to } => Self::UpdateDestination {
                service,
                from: to,
                to: from,
            },
            Self::DeleteDestination {
                service,
                destination,
            } => Self::AddDestination {
                service,
                destination,
            },
        }
    }
}

impl Change {
    pub(crate) fn adds(&self) -> bool {
        matches!(self, Self::AddService(_) | Self::AddDestination { .. })
    }

    /// The service that it is about.
    pub(crate) fn service(&self) -> Option<ServiceId> {
        self.subject().map(|(service, _)| service)
    }

    /// What it is about, as far as that is of a service.
    pub(crate) fn subject(&self) -> Option<(ServiceId, Option<DestinationId>)> {
        match self {
            Self::AddService(service) | Self::DeleteService(service) => Some((service.id, None)),
            Self::UpdateService { to, .. } => Some((to.id, None)),
            Self::AddDestination {
                service,
                destination,
            }
            | Self::UpdateDestination {
                service,
                to: destination,
                ..
            }
            | Self::DeleteDestination {
                service,
                destination,
            } => Some((*service, Some(destination.id))),
            Self::SetTimeouts { .. } | Self::StartSyncDaemon(_) | Self::StopSyncDaemon(_) => None,
        }
    }

    /// What a batch does for it; `None` of what goes by itself.
    pub(crate) fn write(&self) -> Option<Write<'_>> {
        Some(match self {
            Self::AddService(service) => Write::AddService(Cow::Borrowed(service)),
            Self::UpdateService { to, .. } => Write::UpdateService(Cow::Borrowed(to)),
            Self::DeleteService(service) => Write::DeleteService(service.id),
            Self::AddDestination {
                service,
                destination,
            } => Write::AddDestination(*service, *destination),
            Self::UpdateDestination { service, to, .. } => Write::UpdateDestination(*service, *to),
            Self::DeleteDestination {
                service,
                destination,
            } => Write::DeleteDestination(*service, destination.id),
            Self::SetTimeouts { .. } | Self::StartSyncDaemon(_) | Self::StopSyncDaemon(_) => {
                return None;
            }
        })
    }
}
