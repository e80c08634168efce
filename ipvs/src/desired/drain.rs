//! Taking destinations out of service without cutting their connections.

mod draining;
mod options;
mod progress;

use std::time::Instant;

pub(crate) use draining::{Draining, Next};
pub use options::{Drain, DrainUntil};
pub use progress::{DrainProgress, Drained};

use crate::{Client, DestinationId, Error, ServiceId};

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
