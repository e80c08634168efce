use std::time::{Duration, Instant};

use crate::{Client, DestinationId, DestinationStatus, Error, Protocol, ServiceId, settings};

/// Options for draining: taking a destination out of service without cutting its connections; see
/// [`Client::drain_destination`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    within: Option<Duration>,
    every: Duration,
}

impl Drain {
    /// Creates options that wait without limit and check every second.
    pub fn new() -> Self {
        Self {
            within: None,
            every: Duration::from_secs(1),
        }
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

/// The connections that a draining destination still has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DrainProgress {
    /// Number of active connections.
    pub active_connections: u32,
    /// Number of inactive connections: those that the kernel still tracks but does not count as active,
    /// including every UDP flow. For UDP and firewall-mark services these must expire too.
    pub inactive_connections: u32,
    /// Number of clients that persistence assigns to the destination.
    pub persistent_connections: u32,
    /// Whether persistent clients are still sent to the destination at weight 0, because
    /// [`settings::EXPIRE_QUIESCENT_TEMPLATE`] is off. Then their templates must expire too.
    #[cfg_attr(feature = "serde", serde(rename = "held_by_persistence"))]
    pub is_held_by_persistence: bool,
}

/// How draining ended. In every case the weight is 0 and the destination still exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "the drain may have timed out with connections left"]
pub enum Drained {
    /// No connection uses the destination any more.
    Empty,
    /// The time limit expired with connections left.
    TimedOut(DrainProgress),
}

impl Client {
    /// Drains a destination: sets its weight to 0 and waits until no connection uses it. `progress`
    /// receives the remaining connections at each check. The destination is not deleted.
    ///
    /// A destination is drained when it has no active connection. For UDP and firewall-mark services, the
    /// kernel must also track no inactive one. If persistent clients are still sent to it at weight 0, no
    /// persistence template may be left either. If another program changes the weight, it is set to 0 again.
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
        mut progress: impl FnMut(&DrainProgress),
    ) -> Result<Drained, Error> {
        let began = Instant::now();
        let draining = Draining::begin(self, service, id, *drain)?;
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

/// The steps of draining, without the waiting.
#[derive(Clone, Copy)]
pub(crate) struct Draining {
    service: ServiceId,
    id: DestinationId,
    drain: Drain,
    is_persistent: bool,
}

/// The result of a check.
pub(crate) enum Next {
    Ended(Drained),
    Wait(Duration),
}

impl Draining {
    pub(crate) fn begin(
        client: &mut Client,
        service: ServiceId,
        id: DestinationId,
        drain: Drain,
    ) -> Result<Self, Error> {
        let is_persistent = client.service(service)?.service.persistence.is_some();
        client.edit_destination(service, id, |destination| destination.weight = 0)?;
        Ok(Self {
            service,
            id,
            drain,
            is_persistent,
        })
    }

    pub(crate) fn look(&self, client: &mut Client) -> Result<DrainProgress, Error> {
        let mut status = client.destination(self.service, self.id)?;
        // Connections that arrived while it had a weight again show up only at the next check.
        while status.destination.weight != 0 {
            client.edit_destination(self.service, self.id, |destination| destination.weight = 0)?;
            status = client.destination(self.service, self.id)?;
        }
        let DestinationStatus {
            active_connections,
            inactive_connections,
            persistent_connections,
            ..
        } = status;
        Ok(DrainProgress {
            active_connections,
            inactive_connections,
            persistent_connections,
            is_held_by_persistence: self.is_persistent && !lets_go(client),
        })
    }

    /// `waited` is measured by the caller's clock.
    pub(crate) fn next(&self, left: &DrainProgress, waited: Duration) -> Next {
        if self.is_empty(left) {
            return Next::Ended(Drained::Empty);
        }
        match self.drain.within.map(|within| within.checked_sub(waited)) {
            Some(None | Some(Duration::ZERO)) => Next::Ended(Drained::TimedOut(*left)),
            Some(Some(rest)) => Next::Wait(self.drain.every.min(rest)),
            None => Next::Wait(self.drain.every),
        }
    }

    fn is_empty(&self, left: &DrainProgress) -> bool {
        let counts_active = matches!(
            self.service,
            ServiceId::Address {
                protocol: Protocol::Tcp | Protocol::Sctp,
                ..
            }
        );
        left.active_connections == 0
            && (counts_active || left.inactive_connections == 0)
            && (!left.is_held_by_persistence || left.persistent_connections == 0)
    }
}

/// Returns whether persistent clients get another destination. If the setting cannot be read, the
/// default of the kernel is assumed.
fn lets_go(client: &Client) -> bool {
    let setting = client.setting(&settings::EXPIRE_QUIESCENT_TEMPLATE);
    setting.unwrap_or(false)
}
