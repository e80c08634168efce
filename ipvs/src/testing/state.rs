//! The state of the fake kernel.

use ipvs_sys::{Command, Errno};

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::settings::{Description, descriptions};
use crate::{Connection, DestinationId, Endpoint, Error, Family, ServiceId, Stats};

/// Lower ids belong to the generic netlink controller and to families registered before IPVS.
pub(super) const FIRST_FAMILY: u16 = 28;

/// Length of the queue of sync messages on a small machine.
const LONGEST_SYNC_QUEUE: &str = "5818";

/// Ticks per second. This is the highest rate of any kernel, so the fake kernel refuses every timeout
/// that some kernel would refuse.
pub(super) const TICK_RATE: u32 = 1000;

const SCHEDULERS: [&str; 13] = [
    "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh",
];

#[derive(Debug)]
pub(super) struct State {
    pub(super) loaded: bool,
    pub(super) family: u16,
    pub(super) privileged: bool,
    pub(super) ipv6: bool,
    pub(super) schedulers: BTreeSet<String>,
    pub(super) interfaces: BTreeSet<String>,
    pub(super) faults: Vec<(Command, Fault)>,
    pub(super) requests: Vec<Command>,
    pub(super) table: Table,
    pub(super) connections: Vec<Connection>,
    pub(super) totals: Stats,
    pub(super) settings: BTreeMap<String, String>,
}

/// The traffic of a destination; see
/// [`FakeKernel::edit_traffic`](crate::testing::FakeKernel::edit_traffic).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Traffic {
    /// Number of active connections. A real kernel counts no UDP flow as active.
    pub active_connections: u32,
    /// Number of inactive connections: tracked, but not counted as active.
    pub inactive_connections: u32,
    /// Number of clients that persistence assigns to the destination.
    pub persistent_connections: u32,
    /// Counters and rates. The fake kernel always reports them in both widths.
    pub stats: Stats,
}

/// What the kernel does with a request instead of answering it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Fault {
    Refuse(Errno),
    Silence,
}

/// The state that `ip_vs` keeps while it is loaded.
#[derive(Debug)]
pub(super) struct Table {
    /// In the order of [`bucket`], newest first in each bucket.
    services: Vec<Service>,
    /// In seconds: TCP, TCP after a FIN, UDP.
    pub(super) timeouts: [u32; 3],
    pub(super) master: Option<Daemon>,
    pub(super) backup: Option<Daemon>,
}

#[derive(Debug)]
pub(super) struct Service {
    pub(super) id: ServiceId,
    pub(super) configuration: Configuration,
    pub(super) stats: Stats,
    /// Newest first.
    pub(super) destinations: VecDeque<Destination>,
}

/// The fields of a service that a request replaces.
#[derive(Debug)]
pub(super) struct Configuration {
    pub(super) scheduler: String,
    pub(super) engine: Option<String>,
    pub(super) flags: u32,
    pub(super) timeout: u32,
    pub(super) netmask: [u8; 4],
}

#[derive(Debug)]
pub(super) struct Destination {
    pub(super) id: DestinationId,
    pub(super) forwarding: Forwarding,
    pub(super) traffic: Traffic,
}

/// The fields of a destination that a request replaces.
#[derive(Debug)]
pub(super) struct Forwarding {
    pub(super) method: u32,
    pub(super) weight: i32,
    pub(super) upper_threshold: u32,
    pub(super) lower_threshold: u32,
    pub(super) tunnel_type: u8,
    pub(super) tunnel_port: u16,
    pub(super) tunnel_flags: u16,
}

#[derive(Debug)]
pub(super) struct Daemon {
    pub(super) interface: String,
    pub(super) sync_id: u32,
    pub(super) max_length: u16,
    pub(super) group: IpAddr,
    pub(super) port: u16,
    pub(super) ttl: u8,
}

impl Default for State {
    fn default() -> Self {
        Self {
            loaded: true,
            family: FIRST_FAMILY,
            privileged: true,
            ipv6: true,
            schedulers: SCHEDULERS.map(str::to_owned).into(),
            interfaces: ["lo", "eth0"].map(str::to_owned).into(),
            faults: Vec::new(),
            requests: Vec::new(),
            table: Table::default(),
            connections: Vec::new(),
            totals: Stats::default(),
            settings: settings(),
        }
    }
}

impl Default for Table {
    fn default() -> Self {
        Self {
            services: Vec::new(),
            timeouts: [900, 120, 300],
            master: None,
            backup: None,
        }
    }
}

impl Table {
    pub(super) fn services(&self) -> &[Service] {
        &self.services
    }

    pub(super) fn service(&self, id: ServiceId) -> Option<&Service> {
        self.services.iter().find(|service| service.id == id)
    }

    pub(super) fn service_mut(&mut self, id: ServiceId) -> Option<&mut Service> {
        self.services.iter_mut().find(|service| service.id == id)
    }

    /// Looks an entry up for a test. The error names what is missing.
    pub(super) fn find(
        &mut self,
        service: ServiceId,
        destination: DestinationId,
    ) -> Result<&mut Destination, Error> {
        self.service_mut(service)
            .ok_or(Error::ServiceNotFound(service))?
            .destination_mut(destination)
            .ok_or(Error::DestinationNotFound {
                service,
                destination,
            })
    }

    pub(super) fn add(&mut self, service: Service) {
        let bucket_of_new = bucket(service.id);
        let place = |other: &Service| bucket(other.id) < bucket_of_new;
        self.services
            .insert(self.services.partition_point(place), service);
    }

    pub(super) fn delete(&mut self, id: ServiceId) {
        self.services.retain(|service| service.id != id);
    }

    pub(super) fn flush(&mut self) {
        self.services.clear();
    }

    pub(super) fn zero(&mut self) {
        self.services.iter_mut().for_each(Service::zero);
    }

    /// Whether any destination has another address family than its service, which sync daemons do not
    /// support.
    pub(super) fn has_mixed_families(&self) -> bool {
        self.services.iter().any(|service| {
            let mut destinations = service.destinations.iter();
            destinations.any(|it| it.id.family() != service.id.family())
        })
    }
}

impl Service {
    pub(super) fn destination_mut(&mut self, id: DestinationId) -> Option<&mut Destination> {
        self.destinations.iter_mut().find(|it| it.id == id)
    }

    /// Resets counters. Connection counts are not counters and stay.
    pub(super) fn zero(&mut self) {
        self.stats = Stats::default();
        for destination in &mut self.destinations {
            destination.traffic.stats = Stats::default();
        }
    }
}

/// The settings of Linux 6.1 with their defaults, except those of schedulers, which come with their
/// modules.
fn settings() -> BTreeMap<String, String> {
    let of_newer = [
        "conn_lfactor",
        "conn_max",
        "est_cpulist",
        "est_nice",
        "svc_lfactor",
    ];
    let of_schedulers = ["lblc_expiration", "lblcr_expiration"];
    let is_there = |name| !of_newer.contains(&name) && !of_schedulers.contains(&name);
    let known = descriptions()
        .into_iter()
        .filter(|known| is_there(known.name));
    known
        .map(|Description { name, default, .. }| {
            // The only setting whose default depends on the machine's memory.
            let default = default.unwrap_or_else(|| LONGEST_SYNC_QUEUE.to_owned());
            (name.to_owned(), default)
        })
        .collect()
}

/// The bucket of the kernel's hash table for a service. Firewall marks have a table of their own, which
/// is listed second.
fn bucket(id: ServiceId) -> u32 {
    match id {
        ServiceId::Fwmark { mark, .. } => 256 + mark.get() % 256,
        ServiceId::Address { protocol, endpoint } => {
            let Endpoint { address, .. } = endpoint;
            let folded = match address {
                IpAddr::V4(v4) => u32::from(v4),
                IpAddr::V6(v6) => {
                    let words = v6.octets();
                    words.chunks(4).fold(0, |folded, word| {
                        let bytes = word.iter().fold(0, |sum, byte| sum << 8 | u32::from(*byte));
                        folded ^ bytes
                    })
                }
            };
            let port = u32::from(endpoint.port_number());
            (u32::from(protocol.number()) ^ folded ^ (port >> 8) ^ port) % 256
        }
    }
}

impl State {
    /// The state that is lost with the module.
    pub(super) fn forget(&mut self) {
        self.table = Table::default();
        self.connections.clear();
        self.totals = Stats::default();
        self.settings = settings();
    }

    /// Refuses IPv6 in a kernel without it.
    pub(super) fn family(&self, number: u16) -> Result<Family, Errno> {
        crate::netlink::convert::family::from_number(number)
            .ok()
            .filter(|family| self.ipv6 || *family == Family::Ipv4)
            .ok_or(Errno::EAFNOSUPPORT)
    }

    /// The fault that a test has planned for this request.
    pub(super) fn take_fault(&mut self, command: Command) -> Option<Fault> {
        let place = self.faults.iter().position(|(it, _)| *it == command)?;
        Some(self.faults.remove(place).1)
    }
}

/// A thread that panicked in the middle of a test leaves nothing half done here.
pub(super) fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
