use ipvs_sys::Command;

use super::{destinations, services};
use crate::{
    Client, Destination, DestinationStatus, Error, Service, ServiceStatus, Table, VirtualServer,
    VirtualServerStatus, netlink::convert,
};

/// How often to read the table again before giving up because it keeps changing.
const ATTEMPTS: usize = 4;

/// Initial capacity. Memory that is not written costs nothing, and a vector that grows into it need not
/// be moved.
const MANY_SERVICES: usize = 2048;

impl Client {
    /// Reads all services with their destinations, sorted. This takes one dump for the services and one per
    /// service for its destinations.
    ///
    /// Like [`services`](Self::services), the result is not a snapshot.
    pub fn virtual_servers(&mut self) -> Result<Vec<VirtualServerStatus>, Error> {
        let services = self.sorted_services()?;
        let mut servers = Vec::with_capacity(services.len());
        self.each_with_destinations(services, |service, destinations| {
            servers.push(VirtualServerStatus::new(
                service,
                destinations.iter().copied(),
            ));
        })?;
        Ok(servers)
    }

    /// Reads the same as [`virtual_servers`](Self::virtual_servers), in the same order, and passes one
    /// service after the other to `each`. It never stores more than the services and the destinations of
    /// one of them.
    ///
    /// # Errors
    /// An answer is missing or malformed. Some services were passed to `each` by then.
    ///
    /// # Examples
    /// ```no_run
    /// let mut ipvs = ipvs::Client::open()?;
    /// let mut connections = 0;
    /// ipvs.for_each_virtual_server(|_, destinations| {
    ///     let active = destinations.iter().map(|status| u64::from(status.active_connections));
    ///     connections += active.sum::<u64>();
    /// })?;
    /// # Ok::<(), ipvs::Error>(())
    /// ```
    pub fn for_each_virtual_server(
        &mut self,
        mut each: impl FnMut(&ServiceStatus, &[DestinationStatus]),
    ) -> Result<(), Error> {
        let services = self.sorted_services()?;
        self.each_with_destinations(services, |service, destinations| {
            each(&service, destinations);
        })
    }

    fn sorted_services(&mut self) -> Result<Vec<ServiceStatus>, Error> {
        let mut services = Vec::with_capacity(MANY_SERVICES);
        self.for_each_service(|status| services.push(status))?;
        services.sort_by_key(|status| status.service.id);
        services.dedup_by_key(|status| status.service.id);
        Ok(services)
    }

    fn each_with_destinations(
        &mut self,
        services: Vec<ServiceStatus>,
        mut each: impl FnMut(ServiceStatus, &[DestinationStatus]),
    ) -> Result<(), Error> {
        // Reused for all services.
        let mut destinations = Vec::new();
        for service in services {
            destinations.clear();
            self.for_each_destination(service.service.id, |status| destinations.push(status))?;
            destinations.sort_by_key(|status| status.destination.id);
            destinations.dedup_by_key(|status| status.destination.id);
            each(service, &destinations);
        }
        Ok(())
    }

    /// Reads the whole configuration, then reads it again to make sure that it did not change meanwhile. The
    /// kernel does not report changes during a read.
    ///
    /// # Errors
    /// [`Error::TableKeptChanging`]: the table changed during every attempt.
    pub fn table(&mut self) -> Result<Table, Error> {
        for _ in 0..ATTEMPTS {
            let table = self.read_table()?;
            if self.is_still(&table)? {
                return Ok(table);
            }
        }
        Err(Error::TableKeptChanging)
    }

    fn read_table(&mut self) -> Result<Table, Error> {
        let timeouts = self.timeouts()?;
        let services = self.configured_services()?;
        let mut servers = Vec::with_capacity(services.len());
        let mut destinations = Vec::new();
        for service in services {
            self.read_configured_destinations(&service, &mut destinations)?;
            let destinations = destinations.iter().copied();
            servers.push(VirtualServer::new(service, destinations));
        }
        let sync_daemons = self.sync_daemons()?;
        Ok(Table::new(timeouts, servers).sync_daemons(sync_daemons))
    }

    /// Reads the table again and returns whether it equals `table`. It is compared as it arrives, because
    /// for a large table allocating a second copy takes longer than reading it.
    fn is_still(&mut self, table: &Table) -> Result<bool, Error> {
        let services = self.configured_services()?;
        let servers = &table.virtual_servers;
        if !services
            .iter()
            .eq(servers.iter().map(|server| &server.service))
        {
            return Ok(false);
        }
        let mut destinations = Vec::new();
        for server in servers {
            self.read_configured_destinations(&server.service, &mut destinations)?;
            if destinations != server.destinations {
                return Ok(false);
            }
        }
        let daemons = Table::default().sync_daemons(self.sync_daemons()?);
        Ok(daemons.sync_daemons == table.sync_daemons && self.timeouts()? == table.timeouts)
    }

    fn configured_services(&mut self) -> Result<Vec<Service>, Error> {
        let mut services = Vec::with_capacity(MANY_SERVICES);
        self.dump(Command::GetService, vec![], |answer| {
            let service = services::inside(answer)?;
            services.push(convert::service::Attributes::read(service)?.configuration()?);
            Ok(())
        })?;
        services.sort_by_key(|service| service.id);
        services.dedup_by_key(|service| service.id);
        Ok(services)
    }

    fn read_configured_destinations(
        &mut self,
        service: &Service,
        destinations: &mut Vec<Destination>,
    ) -> Result<(), Error> {
        destinations.clear();
        let attributes = services::naming(service.id);
        self.dump(Command::GetDest, attributes, |answer| {
            let destination = destinations::inside(answer)?;
            let family = service.id.family();
            destinations
                .push(convert::destination::Attributes::read(destination)?.configuration(family)?);
            Ok(())
        })?;
        destinations.sort_by_key(|destination| destination.id);
        destinations.dedup_by_key(|destination| destination.id);
        Ok(())
    }
}
