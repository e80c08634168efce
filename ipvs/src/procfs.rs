//! What the kernel says in files, for the most part without privilege.

mod applications;
mod connections;
mod listing;
mod module;
pub mod settings;
mod text;
mod totals;

pub use applications::Application;
pub use connections::{
    Connection, ConnectionCounts, ConnectionFilter, ConnectionGroup, ConnectionService,
    ConnectionSummary, Connections, EngineData, Origin,
};
pub use listing::{
    ListedDestination, ListedForwarding, ListedPersistence, ListedService, ListedServiceId, Listing,
};
pub use totals::CpuStats;
