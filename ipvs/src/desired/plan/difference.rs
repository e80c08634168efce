//! Computes the difference between two tables, change by change.

use std::collections::{HashMap, HashSet};

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

/// What becomes of services and sync daemons that the wanted table does not name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Others {
    /// They are left unchanged.
    #[default]
    Keep,
    /// They are deleted and stopped: the wanted table is all that is left.
    Delete,
}

/// The changes that turn one table into another, computed one after the other.
///
/// It has the same changes as a [`Plan`](crate::Plan), in the same order, but they are never in memory as
/// a whole. Use it for tables with tens of thousands of destinations. [`Client::apply_difference`]
/// applies it.
///
/// # Examples
/// ```
/// use ipvs::{Difference, Endpoint, Others, Service, Table, Timeouts, VirtualServer};
///
/// let web = Service::tcp("192.0.2.10:80".parse::<Endpoint>()?);
/// let live = Table::new(Timeouts::default(), [VirtualServer::new(web, [])]);
/// let wanted = Table::default();
///
/// let difference = Difference::between(&live, &wanted);
/// assert_eq!(difference.changes().count(), 0);
/// let changes: Vec<_> = difference.others(Others::Delete).changes().collect();
/// assert_eq!(changes[0].to_string(), "delete service tcp:192.0.2.10:80");
/// # Ok::<(), ipvs::ParseError>(())
/// ```
///
/// [`Client::apply_difference`]: crate::Client::apply_difference
#[derive(Clone, Copy, Debug)]
pub struct Difference<'a> {
    live: &'a Table,
    wanted: &'a Table,
    new_services: NewServices,
    others: Others,
}

impl<'a> Difference<'a> {
    /// Creates the difference between the current table and the wanted one. Services and daemons that
    /// `wanted` does not name are left unchanged.
    pub fn between(live: &'a Table, wanted: &'a Table) -> Self {
        Self {
            live,
            wanted,
            new_services: NewServices::default(),
            others: Others::default(),
        }
    }

    /// Sets when new services get their schedulers.
    #[must_use]
    pub fn new_services(self, new_services: NewServices) -> Self {
        Self {
            new_services,
            ..self
        }
    }

    /// Sets what becomes of services and sync daemons that the wanted table does not name. Deletions come
    /// last. Each deleted service is preceded by the deletions of its destinations.
    #[must_use]
    pub fn others(self, others: Others) -> Self {
        Self { others, ..self }
    }

    /// Returns the current table and the wanted one.
    #[cfg(feature = "tokio")]
    pub(crate) fn tables(self) -> (&'a Table, &'a Table) {
        (self.live, self.wanted)
    }

    #[cfg(feature = "tokio")]
    pub(crate) fn options(self) -> (NewServices, Others) {
        (self.new_services, self.others)
    }

    /// Returns the changes in the order in which they are made.
    pub fn changes(self) -> impl Iterator<Item = Change> + 'a {
        let Self { live, wanted, .. } = self;
        let deletes = self.others == Others::Delete;
        let rest = deletes.then(|| of_others(live, wanted));
        named(live, wanted, self.new_services).chain(rest.into_iter().flatten())
    }
}

/// Deletes and stops what the wanted table does not name.
fn of_others<'a>(live: &'a Table, wanted: &'a Table) -> impl Iterator<Item = Change> + 'a {
    let named = wanted.virtual_servers.iter();
    let named: HashSet<_> = named.map(|server| server.service.id).collect();
    let gone = live.virtual_servers.iter();
    let gone = gone.filter(move |server| !named.contains(&server.service.id));
    let roles = wanted.sync_daemons.iter();
    let roles: Vec<_> = roles.map(|daemon| daemon.role).collect();
    let stopped = live.sync_daemons.iter();
    let stopped = stopped.filter(move |daemon| !roles.contains(&daemon.role));
    gone.flat_map(delete)
        .chain(stopped.cloned().map(Change::StopSyncDaemon))
}

/// The kernel would delete the destinations with the service, and undoing could not restore them.
fn delete(server: &VirtualServer) -> impl Iterator<Item = Change> + '_ {
    let service = server.service.id;
    let destinations = server.destinations.iter();
    let destinations = destinations.map(move |destination| Change::DeleteDestination {
        service,
        destination: *destination,
    });
    let itself = std::iter::once_with(|| Change::DeleteService(server.service.clone()));
    destinations.chain(itself)
}

/// The changes of what the wanted table names.
fn named<'a>(
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
