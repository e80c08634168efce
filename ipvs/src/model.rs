//! The values of an IPVS configuration, and their validation. It uses neither netlink nor files.

mod destination;
pub mod duration;
mod endpoint;
pub(crate) mod flags;
mod info;
mod invalid;
mod new_clients;
mod number;
mod parse_error;
mod protocol;
mod savable;
#[cfg(feature = "serde")]
pub(crate) mod serde;
mod service;
mod stats;
mod sync;
mod table;
mod timeouts;
pub(crate) mod validate;

pub use destination::{
    Destination, DestinationId, DestinationStatus, Encapsulation, Forwarding, GreChecksum,
    GueChecksum,
};
pub use endpoint::Endpoint;
pub use info::{Info, Version};
pub use invalid::Invalid;
pub use new_clients::{CacheBypass, NewClients, NoneAvailable, Unavailable};
pub use parse_error::ParseError;
pub use protocol::{Family, Protocol};
pub use savable::{Dropped, Replaced};
pub use service::{
    Hashing, Ineffective, IneffectiveServices, Netmask, Persistence, PersistenceEngine, Scheduler,
    SchedulerFlags, Service, ServiceId, ServiceStatus,
};
pub use stats::{Rates, Stats, StatsDelta, StatsWidth};
pub use sync::{SyncDaemon, SyncRole};
pub use table::{Table, VirtualServer, VirtualServerStatus};
pub use timeouts::Timeouts;
