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
//! use ipvs::Error;
//!
//! let kernel = FakeKernel::new();
//! let mut ipvs = kernel.client()?;
//! const ENOMEM: i32 = 12;
//! kernel.refuse_next(Command::Flush, ENOMEM);
//! assert_eq!(ipvs.flush().unwrap_err().raw_os_error(), Some(ENOMEM));
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
mod attributes;
mod config;
mod destinations;
mod dump;
mod faults;
mod files;
mod kernel;
mod lines;
mod request;
mod services;
mod socket;
mod state;
mod stats;
mod sync;

/// Which request: [`FakeKernel::refuse_next`], [`FakeKernel::take_requests`].
pub use ipvs_sys::{Command, Errno};
pub use kernel::FakeKernel;
pub use socket::Socket;
pub use state::Traffic;
