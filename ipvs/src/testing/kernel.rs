use std::sync::{Arc, Mutex, MutexGuard};

use ipvs_sys::{Command, Conversation};

use super::files::FakeFiles;
use super::socket::Socket;
use super::state::{State, Traffic, lock};
use crate::netlink::errno::Request;
use crate::{Client, Connection, DestinationId, Error, ServiceId, Stats};

/// A kernel with IPVS, in memory.
///
/// Clones are the same kernel, and all of its clients see one table. A new one has an empty table,
/// every scheduler of Linux 6.1 but `twos`, the persistence engine `sip`, the network devices `lo`
/// and `eth0`, IPv6, and privilege for everybody.
///
/// # Examples
/// [The module](super) has some.
#[derive(Clone, Debug, Default)]
pub struct FakeKernel(Arc<Mutex<State>>);

impl FakeKernel {
    /// A kernel with an empty table.
    pub fn new() -> Self {
        Self::default()
    }

    /// Opens a client.
    ///
    /// # Errors
    /// [`Error::Unavailable`] after [`unload`](Self::unload).
    pub fn client(&self) -> Result<Client, Error> {
        let connection = Conversation::over(Box::new(self.socket()));
        let connection = connection.map_err(|error| Request::General.refused(error))?;
        Ok(Client::new(connection, FakeFiles(Arc::clone(&self.0))))
    }

    /// Opens a socket, for what speaks netlink by itself: `ipvs_sys::Conversation::over`.
    pub fn socket(&self) -> Socket {
        Socket::new(Arc::clone(&self.0))
    }

    /// Changes what goes through a destination. The service's own statistics stay as they are.
    ///
    /// # Errors
    /// [`Error::ServiceNotFound`], [`Error::DestinationNotFound`].
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

    /// Changes what a service counted. Its destinations' statistics stay as they are.
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

    /// Changes which connections there are: [`Client::connections`](crate::Client::connections)
    /// tells them, in this order. Those without an origin are of this director. Nothing else is
    /// changed by it: what a destination counts is [`edit_traffic`](Self::edit_traffic).
    pub fn edit_connections(&self, edit: impl FnOnce(&mut Vec<Connection>)) {
        let mut connections = std::mem::take(&mut self.state().connections);
        edit(&mut connections);
        self.state().connections = connections;
    }

    /// Changes what all services counted together. Services' own statistics stay as they are.
    pub fn edit_totals(&self, edit: impl FnOnce(&mut Stats)) {
        let mut totals = self.state().totals;
        edit(&mut totals);
        self.state().totals = totals;
    }

    /// What was asked since the last time, by all clients, refused requests included. Tells whether
    /// something was written that need not have been.
    pub fn take_requests(&self) -> Vec<Command> {
        std::mem::take(&mut self.state().requests)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}
