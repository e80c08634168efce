use crate::{Client, Error, Table, VirtualServerStatus};

/// How often a table is read before it counts as moving.
const READINGS: usize = 8;

impl Client {
    /// Reads all services with their destinations, sorted: one dump of the services and one of each
    /// service's destinations.
    ///
    /// This is not a snapshot, as with [`services`](Self::services).
    pub fn virtual_servers(&mut self) -> Result<Vec<VirtualServerStatus>, Error> {
        let mut services = self.services()?;
        services.sort_by_key(|status| status.service.id);
        // One for all services, so that each has memory for its own destinations and no more.
        let mut destinations = Vec::new();
        services
            .into_iter()
            .map(|service| {
                self.dump_destinations(service.service.id, &mut destinations)?;
                destinations.sort_by_key(|status| status.destination.id);
                destinations.dedup_by_key(|status| status.destination.id);
                Ok(VirtualServerStatus::new(service, destinations.drain(..)))
            })
            .collect()
    }

    /// Reads everything that is configured, again and again until two readings agree: the kernel
    /// does not say when something changes while it is read.
    ///
    /// # Errors
    /// [`Error::TableKeptChanging`].
    pub fn table(&mut self) -> Result<Table, Error> {
        let mut last = self.read_table()?;
        for _ in 1..READINGS {
            let table = self.read_table()?;
            if table == last {
                return Ok(table);
            }
            last = table;
        }
        Err(Error::TableKeptChanging)
    }

    fn read_table(&mut self) -> Result<Table, Error> {
        let timeouts = self.timeouts()?;
        let virtual_servers = self.virtual_servers()?;
        let configurations = virtual_servers
            .into_iter()
            .map(VirtualServerStatus::configuration);
        let sync_daemons = self.sync_daemons()?;
        Ok(Table::new(timeouts, configurations).sync_daemons(sync_daemons))
    }
}
