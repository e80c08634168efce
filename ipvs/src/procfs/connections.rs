//! The connections that the kernel tracks: reading, filtering, counting.

mod connection;
mod filter;
mod line;
mod read;
mod summary;

pub use connection::{Connection, ConnectionService, EngineData, Origin};
pub use filter::ConnectionFilter;
pub use read::Connections;
pub use summary::{ConnectionCounts, ConnectionGroup, ConnectionSummary};
