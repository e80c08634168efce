//! Computes the difference between two tables, change by change.

use std::collections::HashMap;

use super::change::Change;
use crate::{
    Destination, DestinationId, Scheduler, SchedulerFlags, Service, SyncDaemon, Table, Timeouts,
    VirtualServer,
};

/// When a new service gets its scheduler.
///
/// Some schedulers iterate over all destinations for each one that is added: `mh` builds a table of 4093
/// slots, `wrr` computes the greatest common divisor of all weights.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NewServices {
    /// At once. Every connection goes to a destination that the scheduler has chosen.
    #[default]
    ScheduledFirst,
    /// After all destinations have been added, if that is faster: for `mh` from a hundred destinations on,
    /// for `wrr` from two thousand. Until then the service uses `rr`, and connections from that time keep
    /// their destinations.
    FilledFirst,
}

impl NewServices {
    /// Returns whether the service gets its destinations first. Changing the scheduler afterwards makes the
    /// kernel wait 5 to 50 ms for all its CPUs.
    fn fills_first(self, server: &VirtualServer) -> bool {
        let enough = match &server.service.scheduler {
            scheduler if *scheduler == Scheduler::MAGLEV_HASHING => 100,
            scheduler if *scheduler == Scheduler::WEIGHTED_ROUND_ROBIN => 2000,
            _ => return false,
        };
        self == Self::FilledFirst && server.destinations.len() >= enough
    }
}

/// Iterates over the changes, so that a large table needs no second copy.
pub(crate) fn difference<'a>(
    live: &'a Table,
    wanted: &'a Table,
    new_services: NewServices,
) -> impl Iterator<Item = Change> + 'a {
    let servers = live.virtual_servers.iter();
    let servers: HashMap<_, _> = servers.map(|server| (server.service.id, server)).collect();
    let of_servers = wanted.virtual_servers.iter().flat_map(move |server| {
        let changes: Box<dyn Iterator<Item = Change>> = match servers.get(&server.service.id) {
            Some(live) => Box::new(update(live, server)),
            None if new_services.fills_first(server) => Box::new(fill_first(server)),
            None => Box::new(add(server.service.clone(), server)),
        };
        changes
    });
    let of_daemons = wanted.sync_daemons.iter();
    timeouts(live.timeouts, wanted.timeouts)
        .into_iter()
        .chain(of_servers)
        .chain(of_daemons.flat_map(|daemon| sync_daemon(live, daemon)))
}

fn timeouts(live: Timeouts, wanted: Timeouts) -> Option<Change> {
    let to = Timeouts {
        tcp: wanted.tcp.filter(|_| wanted.tcp != live.tcp),
        tcp_fin: wanted.tcp_fin.filter(|_| wanted.tcp_fin != live.tcp_fin),
        udp: wanted.udp.filter(|_| wanted.udp != live.udp),
    };
    let from = live.named_by(&to);
    (to != Timeouts::default()).then_some(Change::SetTimeouts { from, to })
}

fn add(service: Service, server: &VirtualServer) -> impl Iterator<Item = Change> + '_ {
    let id = service.id;
    let destinations = server.destinations.iter();
    let destinations = destinations.map(move |destination| Change::AddDestination {
        service: id,
        destination: *destination,
    });
    std::iter::once(Change::AddService(service)).chain(destinations)
}

fn fill_first(server: &VirtualServer) -> impl Iterator<Item = Change> + '_ {
    let to = Box::new(server.service.clone());
    let mut from = server.service.clone();
    from.scheduler = Scheduler::ROUND_ROBIN;
    from.scheduler_flags = SchedulerFlags::empty();
    let schedule = Change::UpdateService {
        from: from.clone().into(),
        to,
    };
    add(from, server).chain([schedule])
}

fn update<'a>(
    live: &'a VirtualServer,
    wanted: &'a VirtualServer,
) -> impl Iterator<Item = Change> + 'a {
    let service = wanted.service.id;
    let changed = live.service != wanted.service;
    let itself = changed.then(|| Change::UpdateService {
        from: live.service.clone().into(),
        to: wanted.service.clone().into(),
    });
    let (before, after) = (by_id(&live.destinations), by_id(&wanted.destinations));
    // New destinations come first, so that a server is available at every moment.
    let present = wanted.destinations.iter();
    let present = present.filter_map(move |to| match before.get(&to.id) {
        None => Some(Change::AddDestination {
            service,
            destination: *to,
        }),
        Some(from) if *from == to => None,
        Some(from) => Some(Change::UpdateDestination {
            service,
            from: **from,
            to: *to,
        }),
    });
    let gone = live.destinations.iter();
    let gone = gone.filter(move |gone| !after.contains_key(&gone.id));
    let gone = gone.map(move |gone| Change::DeleteDestination {
        service,
        destination: *gone,
    });
    itself.into_iter().chain(present).chain(gone)
}

/// Stops and starts a daemon: the parameters of a running one cannot be changed.
fn sync_daemon(live: &Table, wanted: &SyncDaemon) -> impl Iterator<Item = Change> + use<> {
    let mut running = live.sync_daemons.iter();
    let running = running.find(|daemon| daemon.role == wanted.role);
    let is_as_wanted = running.is_some_and(|running| wanted.is_satisfied_by(running));
    let stop = running.filter(|_| !is_as_wanted).cloned();
    let start = (!is_as_wanted).then(|| wanted.clone());
    let stop = stop.into_iter().map(Change::StopSyncDaemon);
    stop.chain(start.into_iter().map(Change::StartSyncDaemon))
}

/// Sorts by identity: callers may build a table in any order.
fn by_id(destinations: &[Destination]) -> HashMap<DestinationId, &Destination> {
    destinations
        .iter()
        .map(|destination| (destination.id, destination))
        .collect()
}
