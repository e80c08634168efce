use std::collections::HashSet;
use std::hash::Hash;

use crate::{
    Destination, DestinationStatus, Invalid, Service, ServiceStatus, SyncDaemon, Timeouts,
    model::validate,
};

/// The configuration of a service and its destinations.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VirtualServer {
    /// The service.
    pub service: Service,
    /// The destinations, sorted by address and port.
    pub destinations: Vec<Destination>,
}

impl VirtualServer {
    /// Creates a value from a service and its destinations.
    pub fn new(service: Service, destinations: impl IntoIterator<Item = Destination>) -> Self {
        let mut destinations: Vec<_> = destinations.into_iter().collect();
        destinations.sort_by_key(|destination| destination.id);
        Self {
            service,
            destinations,
        }
    }

    /// Checks for configuration that the kernel would accept but should not.
    pub fn validate(&self) -> Result<(), Invalid> {
        validate::service(&self.service)?;
        let service = self.service.id;
        for destination in &self.destinations {
            validate::destination(service, destination)?;
        }
        let ids = self.destinations.iter().map(|destination| destination.id);
        match repeated(ids) {
            Some(destination) => Err(Invalid::DuplicateDestination {
                service,
                destination,
            }),
            None => Ok(()),
        }
    }
}

/// A service and its destinations as read from the kernel.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VirtualServerStatus {
    /// The service.
    pub service: ServiceStatus,
    /// The destinations, sorted by address and port.
    pub destinations: Vec<DestinationStatus>,
}

impl VirtualServerStatus {
    /// Creates a value from a service and its destinations.
    pub fn new(
        service: ServiceStatus,
        destinations: impl IntoIterator<Item = DestinationStatus>,
    ) -> Self {
        let mut destinations: Vec<_> = destinations.into_iter().collect();
        destinations.sort_by_key(|status| status.destination.id);
        Self {
            service,
            destinations,
        }
    }

    /// Returns the configuration.
    pub fn configuration(self) -> VirtualServer {
        let destinations = self
            .destinations
            .into_iter()
            .map(|status| status.destination);
        VirtualServer::new(self.service.service, destinations)
    }
}

/// The complete configuration of IPVS: what a file contains, and what is saved and restored.
///
/// With the feature `serde`, it reads and writes the file format that `docs/file.md` in the repository
/// describes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Table {
    /// The timeouts. Restoring leaves a timeout unchanged if it is `None`.
    pub timeouts: Timeouts,
    /// The services with their destinations, sorted by [`ServiceId`](crate::ServiceId).
    pub virtual_servers: Vec<VirtualServer>,
    /// The sync daemons, at most one in each role. Restoring does not stop daemons that are missing here.
    pub sync_daemons: Vec<SyncDaemon>,
}

impl Table {
    /// Creates a table from timeouts and services.
    pub fn new(
        timeouts: Timeouts,
        virtual_servers: impl IntoIterator<Item = VirtualServer>,
    ) -> Self {
        let mut virtual_servers: Vec<_> = virtual_servers.into_iter().collect();
        virtual_servers.sort_by_key(|server| server.service.id);
        Self {
            timeouts,
            virtual_servers,
            sync_daemons: Vec::new(),
        }
    }

    /// Sets the sync daemons.
    #[must_use]
    pub fn sync_daemons(mut self, daemons: impl IntoIterator<Item = SyncDaemon>) -> Self {
        self.sync_daemons = daemons.into_iter().collect();
        self.sync_daemons.sort_by_key(|daemon| daemon.role);
        self
    }

    /// Checks for duplicates, and for configuration that the kernel would accept but should not.
    pub fn validate(&self) -> Result<(), Invalid> {
        validate::timeouts(&self.timeouts)?;
        for server in &self.virtual_servers {
            server.validate()?;
        }
        let services = self.virtual_servers.iter();
        if let Some(id) = repeated(services.map(|server| server.service.id)) {
            return Err(Invalid::DuplicateService(id));
        }
        for daemon in &self.sync_daemons {
            validate::sync_daemon(daemon)?;
        }
        let roles = self.sync_daemons.iter().map(|daemon| daemon.role);
        match repeated(roles) {
            Some(role) => Err(Invalid::DuplicateSyncDaemon(role)),
            None => Ok(()),
        }
    }
}

/// Returns the first duplicate. If the items are sorted, which is usual, comparing neighbours is enough.
fn repeated<T: Ord + Copy + Hash>(ids: impl Iterator<Item = T> + Clone) -> Option<T> {
    let next = ids.clone().skip(1);
    if ids.clone().zip(next).all(|(one, next)| one < next) {
        return None;
    }
    let mut seen = HashSet::new();
    ids.into_iter().find(|id| !seen.insert(*id))
}
