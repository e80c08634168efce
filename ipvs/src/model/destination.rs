mod forwarding;

pub use forwarding::{Encapsulation, Forwarding, GreChecksum, GueChecksum};

use std::num::NonZeroU32;

use crate::{Endpoint, Stats};

/// What tells one destination of a service from another: its address and port alone.
pub type DestinationId = Endpoint;

/// How a destination is configured: one real server of a service.
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
    /// The real server. Without a port, connections keep the one that they came for.
    pub id: DestinationId,
    /// How packets get there.
    pub forwarding: Forwarding,
    /// Its share of new connections, up to [`HIGHEST_WEIGHT`](Self::HIGHEST_WEIGHT). A destination
    /// with weight 0 gets no new connections and keeps those it has.
    pub weight: u32,
    /// The number of connections from which on it gets no new ones, up to
    /// [`HIGHEST_THRESHOLD`](Self::HIGHEST_THRESHOLD).
    pub upper_threshold: Option<NonZeroU32>,
    /// Below this many it takes new ones again. Without it: three quarters of the upper one.
    pub lower_threshold: Option<NonZeroU32>,
}

impl Destination {
    /// The highest weight. The kernel keeps weights as signed 32-bit numbers.
    pub const HIGHEST_WEIGHT: u32 = i32::MAX.unsigned_abs();

    /// The highest threshold. The kernel compares thresholds as signed 32-bit numbers.
    pub const HIGHEST_THRESHOLD: u32 = i32::MAX.unsigned_abs();

    /// A real server with direct routing and weight 1.
    pub fn new(id: impl Into<DestinationId>) -> Self {
        Self {
            id: id.into(),
            forwarding: Forwarding::default(),
            weight: 1,
            upper_threshold: None,
            lower_threshold: None,
        }
    }

    /// Sends packets there like this.
    #[must_use]
    pub fn forwarding(mut self, forwarding: Forwarding) -> Self {
        self.forwarding = forwarding;
        self
    }

    /// Gives it this share of new connections.
    #[must_use]
    pub fn weight(mut self, weight: u32) -> Self {
        self.weight = weight;
        self
    }

    /// Gives it no new connections from this many on.
    #[must_use]
    pub fn upper_threshold(mut self, connections: NonZeroU32) -> Self {
        self.upper_threshold = Some(connections);
        self
    }

    /// Gives it new connections again below this many.
    #[must_use]
    pub fn lower_threshold(mut self, connections: NonZeroU32) -> Self {
        self.lower_threshold = Some(connections);
        self
    }
}

/// A destination as it was read: its configuration, its connections and what it counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DestinationStatus {
    /// How it is configured.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub destination: Destination,
    /// Established connections. Always 0 for UDP.
    pub active_connections: u32,
    /// All others that the kernel still remembers; for UDP, all.
    pub inactive_connections: u32,
    /// Clients that persistence binds to it.
    pub persistent_connections: u32,
    /// What it counted.
    pub stats: Stats,
}

impl DestinationStatus {
    /// A destination without connections that counted this.
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
