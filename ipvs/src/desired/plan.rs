mod difference;

use std::fmt;

pub use difference::NewServices;
pub(crate) use difference::difference;

use crate::{
    Destination, Invalid, Service, ServiceId, SyncDaemon, Table, Timeouts, model::validate,
};

/// The changes that lead from one table to another, in the order in which to make them.
///
/// Nothing that stays as it is occurs in it: the kernel keeps deleted destinations aside for
/// minutes and searches them for each new one, so that deleting and adding again is the slowest
/// way to change a table, and the one that costs connections.
///
/// # Examples
/// ```
/// use ipvs::{Destination, Endpoint, Plan, Service, Table, Timeouts, VirtualServer};
///
/// let service = Service::tcp("192.0.2.10:80".parse::<Endpoint>()?);
/// let server = Destination::new("198.51.100.7:80".parse::<Endpoint>()?);
/// let table = |weight| {
///     let server = VirtualServer::new(service.clone(), [server.weight(weight)]);
///     Table::new(Timeouts::default(), [server])
/// };
/// let plan = Plan::between(&table(1), &table(5));
/// assert_eq!(plan.changes().len(), 1);
/// assert!(Plan::between(&table(5), &table(5)).is_empty());
/// # Ok::<(), ipvs::Invalid>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    changes: Vec<Change>,
}

impl Plan {
    /// What makes the services of `wanted` what they are there, destinations included, and sets the
    /// timeouts that it names and starts its sync daemons. Services and daemons that `wanted` does
    /// not name are left alone.
    pub fn between(live: &Table, wanted: &Table) -> Self {
        Self::between_with(live, wanted, NewServices::ScheduledFirst)
    }

    /// The same, where somebody chooses when new services get their schedulers.
    pub fn between_with(live: &Table, wanted: &Table, new_services: NewServices) -> Self {
        difference(live, wanted, new_services).collect()
    }

    /// The changes, in order.
    pub fn changes(&self) -> &[Change] {
        &self.changes
    }

    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// A plan of one's own: a part of another one, or deletions, which [`Plan::between`] never makes
/// of services.
impl FromIterator<Change> for Plan {
    fn from_iter<I: IntoIterator<Item = Change>>(changes: I) -> Self {
        Self {
            changes: changes.into_iter().collect(),
        }
    }
}

impl IntoIterator for Plan {
    type Item = Change;
    type IntoIter = std::vec::IntoIter<Change>;

    fn into_iter(self) -> Self::IntoIter {
        self.changes.into_iter()
    }
}

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
    /// Deletes a service that has no destinations.
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

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SetTimeouts { .. } => f.write_str("set timeouts"),
            Self::StartSyncDaemon(daemon) => write!(f, "start {} sync daemon", daemon.role),
            Self::StopSyncDaemon(daemon) => write!(f, "stop {} sync daemon", daemon.role),
            Self::AddService(service) => write!(f, "add service {}", service.id),
            Self::UpdateService { to, .. } => write!(f, "update service {}", to.id),
            Self::DeleteService(service) => write!(f, "delete service {}", service.id),
            Self::AddDestination {
                service,
                destination,
            } => {
                write!(f, "add destination {} to service {service}", destination.id)
            }
            Self::UpdateDestination { service, to, .. } => {
                write!(f, "update destination {} of service {service}", to.id)
            }
            Self::DeleteDestination {
                service,
                destination,
            } => {
                write!(
                    f,
                    "delete destination {} of service {service}",
                    destination.id
                )
            }
        }
    }
}

/// A plan that was not carried out: a change was refused, and those before it were undone.
#[derive(Debug, thiserror::Error)]
#[error("cannot {change}; {}", outcome(not_undone))]
#[non_exhaustive]
pub struct ApplyError {
    /// The change that was refused.
    pub change: Box<Change>,
    /// Why.
    #[source]
    pub source: crate::Error,
    /// Changes that could not be undone, each with the reason. Empty: everything is as it was.
    pub not_undone: Vec<(Change, crate::Error)>,
}

/// Why a table was not restored: [`Client::restore`](crate::Client::restore).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestoreError {
    /// The table makes no sense, or what is there could not be read. Nothing was changed.
    #[error(transparent)]
    NotBegun(#[from] crate::Error),
    /// A change was refused, and those before it were undone.
    #[error(transparent)]
    NotApplied(#[from] ApplyError),
}

fn outcome(not_undone: &[(Change, crate::Error)]) -> String {
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
