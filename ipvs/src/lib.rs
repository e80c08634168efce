#![doc = include_str!("../README.md")]
#![deny(missing_docs)]

#[cfg(feature = "tokio")]
pub mod asynchronous;
mod desired;
mod model;
mod netlink;
mod procfs;
#[cfg(feature = "testing")]
pub mod testing;

pub use desired::{
    ApplyError, Change, Difference, Drain, DrainProgress, DrainUntil, Drained, EachReport, Ensured,
    NewServices, Others, PartOutcome, Plan, PlanPart, Ramp, Ramped, RestoreError,
};
pub use model::duration;
#[cfg(feature = "serde")]
pub use model::serde::{file, json};
pub use model::{
    CacheBypass, Destination, DestinationId, DestinationStatus, Dropped, Encapsulation, Endpoint,
    Family, Forwarding, GreChecksum, GueChecksum, Hashing, Ineffective, IneffectiveServices, Info,
    Invalid, Netmask, NewClients, NoneAvailable, ParseError, Persistence, PersistenceEngine,
    Protocol, Rates, Replaced, Scheduler, SchedulerFlags, Service, ServiceId, ServiceStatus, Stats,
    StatsDelta, StatsWidth, SyncDaemon, SyncRole, Table, Timeouts, Unavailable, Version,
    VirtualServer, VirtualServerStatus,
};
pub use netlink::{Batch, Client, CommitReport, Error, Namespace, OnError, WriteOutcome};
pub use procfs::settings;
pub use procfs::{
    Application, Connection, ConnectionCounts, ConnectionFilter, ConnectionGroup,
    ConnectionService, ConnectionSummary, Connections, CpuStats, EngineData, ListedDestination,
    ListedForwarding, ListedPersistence, ListedService, ListedServiceId, Listing, Origin,
};
