use std::collections::HashSet;
use std::hash::Hash;

use crate::{
    Destination, DestinationStatus, Invalid, Service, ServiceStatus, SyncDaemon, Timeouts,
    model::validate,
};

/// A service with its destinations, as they are configured.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct VirtualServer {
    /// The service.
    pub service: Service,
    /// Its destinations, by address and port.
    pub destinations: Vec<Destination>,
}

impl VirtualServer {
    /// A service with these destinations.
    pub fn new(service: Service, destinations: impl IntoIterator<Item = Destination>) -> Self {
        let mut destinations: Vec<_> = destinations.into_iter().collect();
        destinations.sort_by_key(|destination| destination.id);
        Self {
            service,
            destinations,
        }
    }

    /// Refuses what the kernel would take and should not.
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

/// A service with its destinations, as they were read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct VirtualServerStatus {
    /// The service.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub service: ServiceStatus,
    /// Its destinations, by address and port.
    pub destinations: Vec<DestinationStatus>,
}

impl VirtualServerStatus {
    /// A service with these destinations.
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

    /// The configuration in it.
    pub fn configuration(self) -> VirtualServer {
        let destinations = self
            .destinations
            .into_iter()
            .map(|status| status.destination);
        VirtualServer::new(self.service.service, destinations)
    }
}

/// Everything that is configured in IPVS: what a file holds, what is saved and restored.
///
/// With the feature `serde` it reads and writes the file format: `docs/file.md` in the repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Table {
    /// Timeouts; those that are `None` stay as they are.
    pub timeouts: Timeouts,
    /// Services with their destinations, in the order of [`ServiceId`](crate::ServiceId).
    pub virtual_servers: Vec<VirtualServer>,
    /// Sync daemons, at most one in each role; those that are missing are not stopped.
    pub sync_daemons: Vec<SyncDaemon>,
}

impl Table {
    /// A table of these.
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

    /// The same with these sync daemons.
    #[must_use]
    pub fn sync_daemons(mut self, daemons: impl IntoIterator<Item = SyncDaemon>) -> Self {
        self.sync_daemons = daemons.into_iter().collect();
        self.sync_daemons.sort_by_key(|daemon| daemon.role);
        self
    }

    /// Drops what [`validate`](Self::validate) refuses, and says why: somebody else put it into the
    /// kernel, and nobody could put it back. A service goes with its destinations, a destination by
    /// itself.
    pub fn drop_invalid(&mut self) -> Vec<Invalid> {
        let mut dropped = Vec::new();
        let mut keep = |checked: Result<(), Invalid>| match checked {
            Ok(()) => true,
            Err(invalid) => {
                dropped.push(invalid);
                false
            }
        };
        let Timeouts { tcp, tcp_fin, udp } = &mut self.timeouts;
        for timeout in [tcp, tcp_fin, udp] {
            let one = Timeouts {
                tcp: *timeout,
                ..Timeouts::default()
            };
            *timeout = timeout.filter(|_| keep(validate::timeouts(&one)));
        }
        self.virtual_servers
            .retain(|server| keep(validate::service(&server.service)));
        for VirtualServer {
            service,
            destinations,
        } in &mut self.virtual_servers
        {
            destinations.retain(|destination| keep(validate::destination(service.id, destination)));
        }
        self.sync_daemons
            .retain(|daemon| keep(validate::sync_daemon(daemon)));
        dropped
    }

    /// Refuses what the kernel would take and should not, and what stands in it twice.
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

/// The first that comes a second time. Where they are sorted, as they are unless somebody put them in
/// another order, looking at neighbours tells.
fn repeated<T: Ord + Copy + Hash>(ids: impl Iterator<Item = T> + Clone) -> Option<T> {
    let next = ids.clone().skip(1);
    if ids.clone().zip(next).all(|(one, next)| one < next) {
        return None;
    }
    let mut seen = HashSet::new();
    ids.into_iter().find(|id| !seen.insert(*id))
}
