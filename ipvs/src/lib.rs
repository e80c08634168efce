#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

pub mod duration;
pub mod settings;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "tokio")]
pub mod tokio;

mod application;
mod batch;
mod client;
mod connection;
mod connection_filter;
mod connection_summary;
mod convert;
mod destination;
mod drain;
mod endpoint;
mod errno;
mod error;
mod files;
mod forwarding;
mod hashing;
mod info;
mod invalid;
mod listing;
mod namespace;
mod persistence;
mod plan;
mod proc_text;
mod protocol;
mod ramp;
mod report;
mod scheduler;
#[cfg(feature = "serde")]
mod serde;
mod service;
mod stats;
mod sync;
mod table;
mod timeouts;
mod totals;
mod validate;

pub use application::Application;
pub use batch::Batch;
pub use client::{Client, Connections, Ensured};
pub use connection::{Connection, ConnectionService, EngineData, Origin};
pub use connection_filter::ConnectionFilter;
pub use connection_summary::{ConnectionCounts, ConnectionGroup, ConnectionSummary};
pub use destination::{Destination, DestinationId, DestinationStatus};
pub use drain::{Drain, DrainProgress, Drained};
pub use endpoint::Endpoint;
pub use error::Error;
pub use forwarding::{Encapsulation, Forwarding, GreChecksum, GueChecksum};
pub use hashing::Hashing;
pub use info::{Info, Version};
pub use invalid::Invalid;
pub use listing::{
    ListedDestination, ListedForwarding, ListedPersistence, ListedService, ListedServiceId, Listing,
};
pub use namespace::Namespace;
pub use persistence::{Netmask, Persistence, PersistenceEngine};
pub use plan::{ApplyError, Change, NewServices, Plan, RestoreError};
pub use protocol::{Family, Protocol};
pub use ramp::{Ramp, Ramped};
pub use report::{CommitReport, OnError, Outcome};
pub use scheduler::{Scheduler, SchedulerFlags};
pub use service::{Service, ServiceId, ServiceStatus};
pub use stats::{Rates, Stats, StatsDelta, StatsWidth};
pub use sync::{SyncDaemon, SyncRole};
pub use table::{Table, VirtualServer, VirtualServerStatus};
pub use timeouts::Timeouts;
pub use totals::CpuStats;

/// What the kernel answered: [`Error::errno`].
pub use ipvs_sys::Errno;
