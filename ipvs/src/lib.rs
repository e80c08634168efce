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
    ApplyError, Change, Drain, DrainProgress, Drained, Ensured, NewServices, Plan, Ramp, Ramped,
    RestoreError,
};
pub use model::duration;
pub use model::{
    Destination, DestinationId, DestinationStatus, Encapsulation, Endpoint, Family, Forwarding,
    GreChecksum, GueChecksum, Hashing, Info, Invalid, Netmask, Persistence, PersistenceEngine,
    Protocol, Rates, Scheduler, SchedulerFlags, Service, ServiceId, ServiceStatus, Stats,
    StatsDelta, StatsWidth, SyncDaemon, SyncRole, Table, Timeouts, Version, VirtualServer,
    VirtualServerStatus,
};
pub use netlink::{Batch, Client, CommitReport, Error, Namespace, OnError, Outcome};
pub use procfs::settings;
pub use procfs::{
    Application, Connection, ConnectionCounts, ConnectionFilter, ConnectionGroup,
    ConnectionService, ConnectionSummary, Connections, CpuStats, EngineData, ListedDestination,
    ListedForwarding, ListedPersistence, ListedService, ListedServiceId, Listing, Origin,
};

/// What the kernel answered: [`Error::errno`].
pub use ipvs_sys::Errno;
