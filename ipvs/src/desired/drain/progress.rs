/// The connections that draining destinations still have, all of them together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DrainProgress {
    /// Number of active connections.
    pub active_connections: u32,
    /// Number of inactive connections: those that the kernel still tracks but does not count as active,
    /// including every UDP flow.
    pub inactive_connections: u32,
    /// Number of clients that persistence assigns to the destinations.
    pub persistent_connections: u32,
    /// Whether persistent clients are still sent to a destination at weight 0, because
    /// [`EXPIRE_QUIESCENT_TEMPLATE`](crate::settings::EXPIRE_QUIESCENT_TEMPLATE) is off. Then their templates must expire too.
    #[cfg_attr(feature = "serde", serde(rename = "held_by_persistence"))]
    pub is_held_by_persistence: bool,
}

/// How draining ended. In every case the weight is 0 and the destination still exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "the drain may have timed out with connections left"]
pub enum Drained {
    /// The destination has no connection of those that the drain [waits for](crate::DrainUntil).
    Empty,
    /// The time limit expired with connections left.
    TimedOut(DrainProgress),
}
