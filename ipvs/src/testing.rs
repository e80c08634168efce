//! A fake kernel with IPVS in memory, to test a program without privilege, without the module, and
//! without leaving anything behind. Feature `testing`.
//!
//! A [`FakeKernel`] creates ordinary [`Client`](crate::Client)s, so a test runs the same code as production. The fake
//! answers with the kernel's bytes, after the kernel's checks in the kernel's order. The same tests run
//! against the fake and against a real kernel (`tests/tests/fake_and_kernel` in the repository).
//!
//! # Examples
//! A function that takes servers out of rotation, and its test:
//! ```
//! use ipvs::testing::FakeKernel;
//! use ipvs::{Client, Destination, DestinationId, Endpoint, Error, Service, ServiceId};
//!
//! /// Waits for a server's connections to end, then deletes it. Call it until it returns true.
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
//! Test how a program handles rare failures:
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
//! # What it supports
//! Services, destinations, timeouts, sync daemons, zeroing and flushing, with everything that a real
//! kernel refuses or silently accepts; settings, with their limits; and the files with the table, the
//! connections and the totals. A dump comes in several datagrams and resumes by counting, so a change by
//! another client during the dump repeats or loses entries, as in a real kernel.
//!
//! # What it does not support
//! - It forwards no packets. Traffic comes from [`edit_traffic`](FakeKernel::edit_traffic),
//!   [`edit_service_stats`](FakeKernel::edit_service_stats),
//!   [`edit_totals`](FakeKernel::edit_totals) and
//!   [`edit_connections`](FakeKernel::edit_connections), and settings have no effect on it. No time
//!   passes: rates do not decay, connections do not expire, and an unanswered request times out at once.
//! - It forgets deleted destinations. A real kernel keeps them for minutes, and a destination that is
//!   added again may get its connections back.
//! - It has one network namespace, no routes (any unicast address can be a destination, and any device
//!   reaches any multicast group) and no memory limits.
//! - Where kernels differ, it behaves like Linux 6.1, but with the highest tick rate: it accepts no
//!   timeout that some kernel would refuse.

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

/// The command of a request, for [`FakeKernel::refuse_next`] and [`FakeKernel::take_requests`].
pub use ipvs_sys::{Command, Errno};
pub use kernel::FakeKernel;
pub use socket::Socket;
pub use state::Traffic;
