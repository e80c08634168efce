use std::sync::{Arc, Mutex, MutexGuard};

use ipvs_sys::{Command, Conversation};

use super::files::FakeFiles;
use super::socket::Socket;
use super::state::{State, Traffic, lock};
use crate::netlink::errno::Request;
use crate::{Client, Connection, DestinationId, Error, ServiceId, Stats};

/// A fake kernel with IPVS in memory.
///
/// Clones share one kernel, and all its clients see the same table. A new kernel has an empty table,
/// every scheduler of Linux 6.1 except `twos`, the persistence engine `sip`, the network devices `lo` and
/// `eth0`, and IPv6. Every client has privilege.
///
/// # Examples
/// See [the module](super).
#[derive(Clone, Debug, Default)]
pub struct FakeKernel(Arc<Mutex<State>>);

impl FakeKernel {
    /// Creates a kernel with an empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens a client.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: the module is unloaded; see [`unload`](Self::unload).
    pub fn client(&self) -> Result<Client, Error> {
        let connection = Conversation::over(Box::new(self.socket()));
        let connection = connection.map_err(|error| Request::General.refused(error))?;
        Ok(Client::new(connection, FakeFiles(Arc::clone(&self.0))))
    }

    /// Opens a socket, for code that speaks netlink itself; see `ipvs_sys::Conversation::over`.
    pub fn socket(&self) -> Socket {
        Socket::new(Arc::clone(&self.0))
    }

    /// Changes the traffic of a destination. The statistics of its service stay as they are.
    ///
    /// # Errors
    /// [`Error::ServiceNotFound`] or [`Error::DestinationNotFound`].
    pub fn edit_traffic(
        &self,
        service: ServiceId,
        destination: DestinationId,
        edit: impl FnOnce(&mut Traffic),
    ) -> Result<(), Error> {
        let mut traffic = self.state().table.find(service, destination)?.traffic;
        edit(&mut traffic);
        self.state().table.find(service, destination)?.traffic = traffic;
        Ok(())
    }

    /// Changes the statistics of a service. Those of its destinations stay as they are.
    ///
    /// # Errors
    /// [`Error::ServiceNotFound`].
    pub fn edit_service_stats(
        &self,
        service: ServiceId,
        edit: impl FnOnce(&mut Stats),
    ) -> Result<(), Error> {
        let absent = || Error::ServiceNotFound(service);
        let mut stats = self
            .state()
            .table
            .service(service)
            .ok_or_else(absent)?
            .stats;
        edit(&mut stats);
        self.state()
            .table
            .service_mut(service)
            .ok_or_else(absent)?
            .stats = stats;
        Ok(())
    }

    /// Changes the list of connections that [`Client::connections`](crate::Client::connections) reads, in
    /// this order. A connection without an origin belongs to this director. This does not change the counts
    /// of a destination; use [`edit_traffic`](Self::edit_traffic) for those.
    pub fn edit_connections(&self, edit: impl FnOnce(&mut Vec<Connection>)) {
        let mut connections = std::mem::take(&mut self.state().connections);
        edit(&mut connections);
        self.state().connections = connections;
    }

    /// Changes the totals of all services. The statistics of each service stay as they are.
    pub fn edit_totals(&self, edit: impl FnOnce(&mut Stats)) {
        let mut totals = self.state().totals;
        edit(&mut totals);
        self.state().totals = totals;
    }

    /// Returns the requests of all clients since the last call, including refused ones. A test can check
    /// with it that a program wrote no more than necessary.
    pub fn take_requests(&self) -> Vec<Command> {
        std::mem::take(&mut self.state().requests)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}
