use std::time::Duration;

/// Options for draining: taking a destination out of service without cutting its connections; see
/// [`Client::drain_destination`](crate::Client::drain_destination).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    pub(super) until: DrainUntil,
    pub(super) within: Option<Duration>,
    pub(super) every: Duration,
}

/// What a drain waits for.
///
/// The kernel counts a TCP or SCTP connection as active while it is established. When one side has closed
/// it, the kernel counts it as inactive, although the other side may still send: a client that closes its
/// half and downloads the rest, for example. Deleting the destination cuts such a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum DrainUntil {
    /// Until the kernel remembers no connection to the destination, so that deleting it cuts none. The
    /// kernel remembers a closed TCP connection for two minutes. With direct routing and tunnels, the
    /// timeout `tcp_fin` changes this ([`Client::set_timeouts`](crate::Client::set_timeouts)).
    #[default]
    NoneRemembered,
    /// Until no connection is active. This is faster, and deleting the destination then cuts connections
    /// that are half closed. For UDP and firewall-mark services it is the same as
    /// [`NoneRemembered`](Self::NoneRemembered): the kernel counts no UDP flow as active.
    NoneActive,
}

impl Drain {
    /// Creates options that wait until no connection is remembered, without limit, and check every second.
    pub fn new() -> Self {
        Self {
            until: DrainUntil::default(),
            within: None,
            every: Duration::from_secs(1),
        }
    }

    /// Sets what to wait for.
    #[must_use]
    pub fn until(mut self, until: DrainUntil) -> Self {
        self.until = until;
        self
    }

    /// Sets a time limit.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.within = Some(limit);
        self
    }

    /// Sets the interval between checks.
    #[must_use]
    pub fn every(mut self, interval: Duration) -> Self {
        self.every = interval;
        self
    }
}

impl Default for Drain {
    fn default() -> Self {
        Self::new()
    }
}
