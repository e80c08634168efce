mod forwarding;

pub use forwarding::{Encapsulation, Forwarding, GreChecksum, GueChecksum};

use std::num::NonZeroU32;

use crate::{Endpoint, Stats};

/// The identity of a destination within its service: its address and port.
pub type DestinationId = Endpoint;

/// The configuration of a destination: one real server of a service.
///
/// # Examples
/// ```
/// use ipvs::{Destination, Endpoint, Forwarding};
///
/// let server = Destination::new("198.51.100.7:8080".parse::<Endpoint>()?)
///     .forwarding(Forwarding::Masquerade)
///     .weight(2);
/// assert_eq!(server.id.to_string(), "198.51.100.7:8080");
/// # Ok::<(), ipvs::ParseError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Destination {
    /// The address and port of the real server. Without a port, packets keep the port that the client
    /// used.
    pub id: DestinationId,
    /// The forwarding method.
    pub forwarding: Forwarding,
    /// The weight: the share of new connections, up to [`HIGHEST_WEIGHT`](Self::HIGHEST_WEIGHT). A
    /// destination with weight 0 gets no new connections and keeps its existing ones.
    pub weight: u32,
    /// The number of connections at which the destination gets no more, up to
    /// [`HIGHEST_THRESHOLD`](Self::HIGHEST_THRESHOLD).
    pub upper_threshold: Option<NonZeroU32>,
    /// The number of connections below which it gets new ones again. Without it, the kernel uses three
    /// quarters of the upper threshold.
    pub lower_threshold: Option<NonZeroU32>,
}

impl Destination {
    /// The highest weight. The kernel keeps weights as signed 32-bit numbers.
    pub const HIGHEST_WEIGHT: u32 = i32::MAX.unsigned_abs();

    /// The highest threshold. The kernel compares thresholds as signed 32-bit numbers.
    pub const HIGHEST_THRESHOLD: u32 = i32::MAX.unsigned_abs();

    /// Creates a destination with direct routing and weight 1.
    pub fn new(id: impl Into<DestinationId>) -> Self {
        Self {
            id: id.into(),
            forwarding: Forwarding::default(),
            weight: 1,
            upper_threshold: None,
            lower_threshold: None,
        }
    }

    /// Sets the forwarding method.
    #[must_use]
    pub fn forwarding(mut self, forwarding: Forwarding) -> Self {
        self.forwarding = forwarding;
        self
    }

    /// Sets the weight.
    #[must_use]
    pub fn weight(mut self, weight: u32) -> Self {
        self.weight = weight;
        self
    }

    /// Sets the upper threshold of connections.
    #[must_use]
    pub fn upper_threshold(mut self, connections: NonZeroU32) -> Self {
        self.upper_threshold = Some(connections);
        self
    }

    /// Sets the lower threshold of connections.
    #[must_use]
    pub fn lower_threshold(mut self, connections: NonZeroU32) -> Self {
        self.lower_threshold = Some(connections);
        self
    }
}

/// A destination as read from the kernel: its configuration, connections and statistics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DestinationStatus {
    /// The configuration.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub destination: Destination,
    /// Number of active connections. Always 0 for UDP.
    pub active_connections: u32,
    /// Number of inactive connections: those that the kernel still tracks but does not count as active,
    /// including every UDP flow.
    pub inactive_connections: u32,
    /// Number of clients that persistence assigns to this destination.
    pub persistent_connections: u32,
    /// The statistics.
    pub stats: Stats,
}

impl DestinationStatus {
    /// Creates a status with these statistics and no connections.
    pub fn new(destination: Destination, stats: Stats) -> Self {
        Self {
            destination,
            active_connections: 0,
            inactive_connections: 0,
            persistent_connections: 0,
            stats,
        }
    }
}
