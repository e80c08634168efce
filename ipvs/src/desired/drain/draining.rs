//! The steps of draining, without the waiting.

use std::time::Duration;

use super::options::{Drain, DrainUntil};
use super::progress::{DrainProgress, Drained};
use crate::{
    Client, ConnectionFilter, DestinationId, DestinationStatus, Error, Protocol, ServiceId,
    settings,
};

/// Destinations that are being drained.
#[derive(Clone)]
pub(crate) struct Draining {
    targets: Vec<Target>,
    drain: Drain,
}

#[derive(Clone, Copy)]
struct Target {
    service: ServiceId,
    id: DestinationId,
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
        destinations: &[(ServiceId, DestinationId)],
        drain: Drain,
    ) -> Result<Self, Error> {
        let mut targets = Vec::with_capacity(destinations.len());
        for &(service, id) in destinations {
            let is_persistent = client.service(service)?.service.persistence.is_some();
            client.edit_destination(service, id, |destination| destination.weight = 0)?;
            targets.push(Target {
                service,
                id,
                is_persistent,
            });
        }
        Ok(Self { targets, drain })
    }

    /// Counts what is left. It reads the connection table only if the counters say that nothing is: the
    /// kernel does not count a connection that another director sent before the destination was added.
    pub(crate) fn look(&self, client: &mut Client) -> Result<DrainProgress, Error> {
        let mut left = DrainProgress::default();
        for target in &self.targets {
            let status = target.at_weight_0(client)?;
            add(&mut left.active_connections, status.active_connections);
            add(&mut left.inactive_connections, status.inactive_connections);
            add(
                &mut left.persistent_connections,
                status.persistent_connections,
            );
            left.is_held_by_persistence |= target.is_persistent && !lets_go(client);
        }
        if left.active_connections == 0 && left.inactive_connections == 0 {
            left.inactive_connections = self.uncounted(client)?;
        }
        Ok(left)
    }

    fn uncounted(&self, client: &Client) -> Result<u32, Error> {
        let filters: Vec<_> = self.targets.iter().filter_map(Target::filter).collect();
        let mut connections: u32 = 0;
        for connection in client.connections()? {
            let connection = connection?;
            if filters.iter().any(|filter| filter.matches(&connection)) {
                add(&mut connections, 1);
            }
        }
        Ok(connections)
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
        let may_stay_inactive = self.drain.until == DrainUntil::NoneActive
            && self.targets.iter().all(Target::counts_active);
        left.active_connections == 0
            && (may_stay_inactive || left.inactive_connections == 0)
            && (!left.is_held_by_persistence || left.persistent_connections == 0)
    }
}

impl Target {
    fn at_weight_0(&self, client: &mut Client) -> Result<DestinationStatus, Error> {
        let mut status = client.destination(self.service, self.id)?;
        // Connections that arrived while it had a weight again show up only at the next check.
        while status.destination.weight != 0 {
            client.edit_destination(self.service, self.id, |destination| destination.weight = 0)?;
            status = client.destination(self.service, self.id)?;
        }
        Ok(status)
    }

    /// Whether the kernel counts connections of this service as active.
    fn counts_active(&self) -> bool {
        matches!(
            self.service,
            ServiceId::Address {
                protocol: Protocol::Tcp | Protocol::Sctp,
                ..
            }
        )
    }

    /// The connections to the destination. None where the connection table does not tell them from those
    /// of other services: it has no firewall mark, and connections of a service for every port look like
    /// those of a service for one of them.
    fn filter(&self) -> Option<ConnectionFilter> {
        let filter = ConnectionFilter::new()
            .service(self.service)
            .destination(self.id)
            .without_templates();
        let is_told =
            matches!(self.service, ServiceId::Address { endpoint, .. } if endpoint.port.is_some());
        is_told.then_some(filter)
    }
}

fn add(sum: &mut u32, connections: u32) {
    *sum = sum.saturating_add(connections);
}

/// Returns whether persistent clients get another destination. If the setting cannot be read, the
/// default of the kernel is assumed.
fn lets_go(client: &Client) -> bool {
    let setting = client.setting(&settings::EXPIRE_QUIESCENT_TEMPLATE);
    setting.unwrap_or(false)
}
