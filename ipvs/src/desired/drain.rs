use std::time::{Duration, Instant};

use crate::{Client, DestinationId, DestinationStatus, Error, Protocol, ServiceId, settings};

/// How to take a destination out of service without cutting connections:
/// [`Client::drain_destination`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drain {
    within: Option<Duration>,
    every: Duration,
}

impl Drain {
    /// Waits as long as it takes, and looks every second.
    pub fn new() -> Self {
        Self {
            within: None,
            every: Duration::from_secs(1),
        }
    }

    /// Waits no longer than this.
    #[must_use]
    pub fn within(mut self, limit: Duration) -> Self {
        self.within = Some(limit);
        self
    }

    /// Looks this often.
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

/// What a destination still has while it is drained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct DrainProgress {
    /// Established connections.
    pub active_connections: u32,
    /// All others that the kernel still remembers. Of UDP and marks it must forget them too: it
    /// counts no UDP flow as active.
    pub inactive_connections: u32,
    /// Clients that persistence binds to it.
    pub persistent_connections: u32,
    /// Whether those come again in spite of weight 0, because
    /// [`settings::EXPIRE_QUIESCENT_TEMPLATE`] is off: then they must be forgotten too.
    #[cfg_attr(feature = "serde", serde(rename = "held_by_persistence"))]
    pub is_held_by_persistence: bool,
}

/// How draining ended. The weight is 0 either way, and the destination is still there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use = "the drain may have timed out with connections left"]
pub enum Drained {
    /// Nothing uses the destination any more.
    Empty,
    /// The time limit expired with connections left.
    TimedOut(DrainProgress),
}

impl Client {
    /// Gives a destination weight 0, and waits until nothing uses it; tells `progress` what is left
    /// each time that it looked. Deleting it comes after that, if it is to go.
    ///
    /// It is empty when it has no established connection; of UDP and marks, when the kernel
    /// remembers none at all; and where persistent clients come again in spite of weight 0, when
    /// none of them is remembered. A weight that somebody else gives it meanwhile is made 0 again.
    ///
    /// # Errors
    /// [`Error::DestinationNotFound`], [`Error::ServiceNotFound`], also when it is deleted meanwhile.
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

/// What a client that waits in its own way needs to drain a destination.
#[derive(Clone, Copy)]
pub(crate) struct Draining {
    service: ServiceId,
    id: DestinationId,
    drain: Drain,
    is_persistent: bool,
}

/// What to do after a look.
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
        // What came while it had a weight again shows only after that is gone.
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

    /// `waited` is by the clock of whoever waits.
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

/// Whether persistent clients go elsewhere. Where that cannot be read, it is as the kernel began.
fn lets_go(client: &Client) -> bool {
    let setting = client.setting(&settings::EXPIRE_QUIESCENT_TEMPLATE);
    setting.unwrap_or(false)
}
