//! IPVS in memory, to test a daemon without a kernel: no privilege, no module, nothing left behind.
//! Feature `testing`.
//!
//! A [`FakeKernel`] gives ordinary [`Client`]s, so that what is tested is the code that will run.
//! It answers in the kernel's bytes, after the kernel's checks in the kernel's order; the tests that
//! hold it to that run on a real kernel too (`tests/tests/fake_and_kernel` in the repository).
//!
//! # Examples
//! A daemon that takes servers out of rotation, and its test:
//! ```
//! use ipvs::testing::FakeKernel;
//! use ipvs::{Client, Destination, DestinationId, Endpoint, Error, Service, ServiceId};
//!
//! /// Lets a server's connections end, then deletes it; called again and again until it is true.
//! fn drain(ipvs: &mut Client, service: ServiceId, server: DestinationId) -> Result<bool, Error> {
//!     ipvs.edit_destination(service, server, |server| server.weight = 0)?;
//!     if ipvs.destination(service, server)?.active_connections > 0 {
//!         return Ok(false);
//!     }
//!     ipvs.delete_destination(service, server)?;
//!     Ok(true)
//! }
//!
//! let kernel = FakeKernel::new();
//! let mut ipvs = kernel.client()?;
//! let web = Service::tcp("192.0.2.10:80".parse::<Endpoint>()?);
//! let server = Destination::new("198.51.100.7:80".parse::<Endpoint>()?);
//! ipvs.add_service(&web)?;
//! ipvs.add_destination(web.id, &server)?;
//!
//! kernel.edit_traffic(web.id, server.id, |traffic| traffic.active_connections = 2)?;
//! assert!(!drain(&mut ipvs, web.id, server.id)?);
//! assert_eq!(ipvs.destination(web.id, server.id)?.destination.weight, 0);
//!
//! kernel.edit_traffic(web.id, server.id, |traffic| traffic.active_connections = 0)?;
//! assert!(drain(&mut ipvs, web.id, server.id)?);
//! assert_eq!(ipvs.destinations(web.id)?, []);
//! # Ok::<(), Error>(())
//! ```
//! And that it copes with what seldom happens:
//! ```
//! use ipvs::testing::{Command, FakeKernel};
//! use ipvs::{Errno, Error};
//!
//! let kernel = FakeKernel::new();
//! let mut ipvs = kernel.client()?;
//! kernel.refuse_next(Command::Flush, Errno::ENOMEM);
//! assert_eq!(ipvs.flush().unwrap_err().errno(), Some(Errno::ENOMEM));
//! ipvs.flush()?;
//!
//! kernel.revoke_privilege();
//! assert!(matches!(ipvs.services(), Err(Error::PermissionDenied)));
//! # Ok::<(), Error>(())
//! ```
//!
//! # What it does
//! Services, destinations, timeouts, sync daemons, zeroing, flushing, with every refusal of a
//! kernel's and with what a kernel accepts in silence; settings, with what they refuse; and the files
//! that tell of the table, of connections and of totals. Dumps come in pieces that are counted
//! through, so that a change by another client between two of them repeats entries or loses them,
//! as it does there.
//!
//! # What it does not do
//! - It balances nothing: traffic is what [`edit_traffic`](FakeKernel::edit_traffic),
//!   [`edit_service_stats`](FakeKernel::edit_service_stats),
//!   [`edit_totals`](FakeKernel::edit_totals) and
//!   [`edit_connections`](FakeKernel::edit_connections) say, and no setting changes anything. No time passes: rates do not decay,
//!   connections do not expire, and a request that stays unanswered has run out of time at once.
//! - Deleted destinations are forgotten; the kernel keeps them aside for minutes, and one that is
//!   added again may have its connections again.
//! - It has one network namespace, no routes (any unicast address can be a destination, and any
//!   device leads to any multicast group) and no limits of memory.
//! - It is Linux 6.1 where kernels differ, but with the highest tick rate, so that it takes no
//!   timeout that another would refuse.

mod answer;
mod config;
mod destinations;
mod dump;
mod faults;
mod files;
mod lines;
mod request;
mod services;
mod socket;
mod state;
mod stats;
mod sync;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Which request: [`FakeKernel::refuse_next`], [`FakeKernel::take_requests`].
pub use ipvs_sys::Command;
pub use socket::Socket;

use crate::netlink::errno::Request;
use crate::{Client, DestinationId, Error, ServiceId, Stats};
use files::FakeFiles;
use state::State;

/// A kernel with IPVS, in memory.
///
/// Clones are the same kernel, and all of its clients see one table. A new one has an empty table,
/// every scheduler of Linux 6.1 but `twos`, the persistence engine `sip`, the network devices `lo`
/// and `eth0`, IPv6, and privilege for everybody.
///
/// # Examples
/// [The module](self) has some.
#[derive(Clone, Debug, Default)]
pub struct FakeKernel(Arc<Mutex<State>>);

/// What goes through a destination: [`FakeKernel::edit_traffic`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Traffic {
    /// Established connections; a kernel has none of UDP.
    pub active_connections: u32,
    /// All others that it still remembers.
    pub inactive_connections: u32,
    /// Clients that persistence binds to it.
    pub persistent_connections: u32,
    /// What it counted, and its rates. Always answered in both widths.
    pub stats: Stats,
}

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
        let connection = ipvs_sys::Connection::over(Box::new(self.socket()));
        let connection = connection.map_err(|error| Request::General.refused(error))?;
        Ok(Client::new(connection, FakeFiles(Arc::clone(&self.0))))
    }

    /// Opens a socket, for what speaks netlink by itself: `ipvs_sys::Connection::over`.
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

    /// What was asked since the last time, by all clients, refused requests included. Tells whether
    /// something was written that need not have been.
    pub fn take_requests(&self) -> Vec<Command> {
        std::mem::take(&mut self.state().requests)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.0)
    }
}

/// A thread that panicked in the middle of a test leaves nothing half done here.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
