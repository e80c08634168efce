mod forwarding;

pub use forwarding::{Encapsulation, Forwarding, GreChecksum, GueChecksum};

use std::num::NonZeroU32;

use crate::{Endpoint, Invalid, ServiceId, Stats};

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
/// # Ok::<(), ipvs::Invalid>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        into = "crate::model::serde::DestinationFields",
        try_from = "crate::model::serde::DestinationFields"
    )
)]
#[non_exhaustive]
pub struct Destination {
    /// The real server. Without a port, connections keep the one that they came for.
    pub id: DestinationId,
    /// How packets get there.
    pub forwarding: Forwarding,
    /// Its share of new connections, up to 2147483647. 0 takes no new ones and keeps those it has.
    pub weight: u32,
    /// From this many connections on it takes no new ones, up to 2147483647.
    pub upper_threshold: Option<NonZeroU32>,
    /// Below this many it takes new ones again. Without it: three quarters of the upper one.
    pub lower_threshold: Option<NonZeroU32>,
}

impl Destination {
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

    /// Refuses what the kernel would take and should not: what adding it to this service would
    /// refuse.
    pub fn validate(&self, service: ServiceId) -> Result<(), Invalid> {
        crate::model::validate::destination(service, self)
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
