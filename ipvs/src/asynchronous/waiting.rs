use tokio::time::{Instant, sleep};

use super::Client;
use crate::desired::{Draining, Next};
use crate::{DestinationId, Drain, DrainProgress, Drained, Error, Ramp, Ramped, ServiceId};

impl Client {
    /// Like [`Client::drain_destination`](crate::Client::drain_destination). Other requests are not blocked
    /// meanwhile. Dropping the future leaves the weight at 0.
    pub async fn drain_destination(
        &self,
        service: ServiceId,
        id: DestinationId,
        drain: &Drain,
        progress: impl FnMut(&DrainProgress),
    ) -> Result<Drained, Error> {
        self.drain_destinations(&[(service, id)], drain, progress)
            .await
    }

    /// Like [`Client::drain_destinations`](crate::Client::drain_destinations). Other requests are not
    /// blocked meanwhile. Dropping the future leaves the weights at 0.
    pub async fn drain_destinations(
        &self,
        destinations: &[(ServiceId, DestinationId)],
        drain: &Drain,
        mut progress: impl FnMut(&DrainProgress),
    ) -> Result<Drained, Error> {
        let (began, drain, destinations) = (Instant::now(), *drain, destinations.to_vec());
        let draining = self
            .with(move |client| Draining::begin(client, &destinations, drain))
            .await?;
        loop {
            let looking = draining.clone();
            let left = self.with(move |client| looking.look(client)).await?;
            progress(&left);
            match draining.next(&left, began.elapsed()) {
                Next::Ended(drained) => return Ok(drained),
                Next::Wait(interval) => sleep(interval).await,
            }
        }
    }

    /// Like [`Client::ramp_destination`](crate::Client::ramp_destination). Other requests are not blocked
    /// meanwhile. Dropping the future leaves the weight as it is then.
    pub async fn ramp_destination(
        &self,
        service: ServiceId,
        id: DestinationId,
        ramp: &Ramp,
        mut progress: impl FnMut(u32),
    ) -> Result<Ramped, Error> {
        ramp.validate()?;
        let mut last = self.destination(service, id).await?.destination.weight;
        for (step, weight) in ramp.weights(last).enumerate() {
            if step > 0 {
                sleep(ramp.interval()).await;
            }
            let stepped = self.with(move |client| client.step_weight(service, id, last, weight));
            if let Some(other) = stepped.await? {
                return Ok(Ramped::Overtaken(other));
            }
            progress(weight);
            last = weight;
        }
        Ok(Ramped::Done)
    }
}
