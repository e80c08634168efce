//! Taking destinations out of service without cutting their connections.

mod draining;

use std::time::{Duration, Instant};

pub(crate) use draining::{Draining, Next};

use crate::{Client, DestinationId, Error, ServiceId};

/// Options for draining: taking a destination out of service without cutting its connections; see
/// [`Client::drain_destination`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    until: DrainUntil,
    within: Option<Duration>,
    every: Duration,
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
    /// kernel remembers a closed TCP connection for two minutes, unless its
    /// [timeouts](crate::Client::timeouts) say otherwise.
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
    /// [`settings::EXPIRE_QUIESCENT_TEMPLATE`] is off. Then their templates must expire too.
    #[cfg_attr(feature = "serde", serde(rename = "held_by_persistence"))]
    pub is_held_by_persistence: bool,
}

/// How draining ended. In every case the weight is 0 and the destination still exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "the drain may have timed out with connections left"]
pub enum Drained {
    /// The destination has no connection of those that the drain [waits for](DrainUntil).
    Empty,
    /// The time limit expired with connections left.
    TimedOut(DrainProgress),
}

impl Client {
    /// Drains a destination: sets its weight to 0 and waits until no connection uses it. `progress`
    /// receives the remaining connections at each check. The destination is not deleted.
    ///
    /// A destination is drained when it has none of the connections that the drain
    /// [waits for](DrainUntil). If persistent clients are still sent to it at weight 0, no persistence
    /// template may be left either. If another program changes the weight, it is set to 0 again.
    ///
    /// Clients that reuse a port while the kernel remembers their last connection are sent to the same
    /// destination again, even at weight 0, unless [`EXPIRE_NODEST_CONN`](crate::settings::EXPIRE_NODEST_CONN)
    /// is on. They can prolong a drain.
    ///
    /// # Errors
    /// [`Error::DestinationNotFound`] or [`Error::ServiceNotFound`], also if it is deleted during draining.
    ///
    /// # Examples
    /// ```no_run
    /// use std::time::Duration;
    /// use ipvs::{Client, Drain, Drained, Endpoint, ServiceId};
    ///
    /// let mut ipvs = Client::open()?;
    /// let web = ServiceId::tcp("192.0.2.10:80".parse::<Endpoint>()?);
    /// let server: Endpoint = "198.51.100.7:80".parse()?;
    /// let five_minutes = Drain::new().within(Duration::from_secs(300));
    /// let drained = ipvs.drain_destination(web, server, &five_minutes, |left| {
    ///     println!("{} connections left", left.active_connections);
    /// })?;
    /// if drained == Drained::Empty {
    ///     ipvs.delete_destination(web, server)?;
    /// }
    /// # Ok::<(), ipvs::Error>(())
    /// ```
    pub fn drain_destination(
        &mut self,
        service: ServiceId,
        id: DestinationId,
        drain: &Drain,
        progress: impl FnMut(&DrainProgress),
    ) -> Result<Drained, Error> {
        self.drain_destinations(&[(service, id)], drain, progress)
    }

    /// Drains several destinations at the same time, like
    /// [`drain_destination`](Self::drain_destination): a real server that several services have, for
    /// example. It ends when all are drained.
    ///
    /// # Errors
    /// As [`drain_destination`](Self::drain_destination). The weights of the destinations before the one
    /// that failed are 0 by then.
    pub fn drain_destinations(
        &mut self,
        destinations: &[(ServiceId, DestinationId)],
        drain: &Drain,
        mut progress: impl FnMut(&DrainProgress),
    ) -> Result<Drained, Error> {
        let began = Instant::now();
        let draining = Draining::begin(self, destinations, *drain)?;
        loop {
            let left = draining.look(self)?;
            progress(&left);
            match draining.next(&left, began.elapsed()) {
                Next::Ended(drained) => return Ok(drained),
                Next::Wait(interval) => std::thread::sleep(interval),
            }
        }
    }
}
