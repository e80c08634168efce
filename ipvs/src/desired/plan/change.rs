use std::borrow::Cow;

use crate::model::validate;
use crate::netlink::Write;
use crate::{Destination, DestinationId, Invalid, Service, ServiceId, SyncDaemon, Timeouts};

/// One change of a table, with the previous state, so that it can be undone.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(tag = "change", rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Change {
    /// Sets the timeouts in `to`.
    SetTimeouts {
        /// The previous values of the timeouts in `to`.
        from: Timeouts,
        /// The new timeouts.
        to: Timeouts,
    },
    /// Adds a service.
    AddService(Service),
    /// Replaces the configuration of a service. It is boxed, so that the more frequent changes of
    /// destinations need half the memory.
    UpdateService {
        /// The previous configuration.
        from: Box<Service>,
        /// The new configuration.
        to: Box<Service>,
    },
    /// Deletes a service with its destinations.
    DeleteService(Service),
    /// Adds a destination.
    AddDestination {
        /// The service.
        service: ServiceId,
        /// The destination.
        destination: Destination,
    },
    /// Replaces the configuration of a destination.
    UpdateDestination {
        /// The service.
        service: ServiceId,
        /// The previous configuration.
        from: Destination,
        /// The new configuration.
        to: Destination,
    },
    /// Deletes a destination.
    DeleteDestination {
        /// The service.
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
    /// Checks for configuration that the kernel would accept but should not. Deleted and stopped objects
    /// are not checked.
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

    /// Checks the service that this change adds or changes. An update of a service that was ineffective
    /// before passes.
    pub(crate) fn check_effect(
        &self,
        check: impl Fn(&Service) -> Result<(), Invalid>,
    ) -> Result<(), Invalid> {
        match self {
            Self::AddService(service) => check(service),
            Self::UpdateService { from, to } => validate::edit(&**from, &**to, check),
            _ => Ok(()),
        }
    }

    /// Returns the change that undoes this one.
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

    /// Returns the service that the change is about.
    pub(crate) fn service(&self) -> Option<ServiceId> {
        self.subject().map(|(service, _)| service)
    }

    /// Returns the service and the destination that the change is about.
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

    /// Returns the write for a batch, or `None` if a batch cannot contain the change.
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
