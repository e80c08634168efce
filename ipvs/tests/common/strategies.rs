//! Any valid service, destination and table.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::num::{NonZeroU16, NonZeroU32};
use std::time::Duration;

use ipvs::{
    Destination, Encapsulation, Endpoint, Family, Forwarding, GreChecksum, GueChecksum, Netmask,
    Persistence, Protocol, Scheduler, SchedulerFlags, Service, ServiceId, Table, Timeouts,
    VirtualServer,
};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

pub(crate) fn any_service() -> impl Strategy<Value = Service> {
    let parts = (
        any_service_id(),
        any_scheduler(),
        (0..8_u8).prop_map(SchedulerFlags::from_bits_retain),
        (
            any::<bool>(),
            1..=31 * 24 * 3600_u64,
            any::<[u8; 4]>(),
            1..128_u8,
            any::<bool>(),
        ),
        option::of(select(vec!["sip", "x", "an-engine-of-16b"])),
        any::<bool>(),
    );
    let services = parts.prop_map(|(id, scheduler, flags, persistence, engine, one_packet)| {
        let mut service = Service::new(id).scheduler(scheduler).scheduler_flags(flags);
        let every_port =
            matches!(id, ServiceId::Address { endpoint, .. } if endpoint.port.is_none());
        let (is_persistent, timeout, mask, prefix, is_whole) = persistence;
        if is_persistent || every_port {
            let mut persistence = Persistence::new(Duration::from_secs(timeout));
            let netmask = match id.family() {
                Family::Ipv4 => Netmask::Ipv4(mask.into()),
                Family::Ipv6 => Netmask::Ipv6(prefix),
            };
            // The whole mask and none are one to the kernel.
            persistence.netmask = Some(netmask).filter(|_| !is_whole && mask != [255; 4]);
            service = service.persistent(persistence);
        }
        if let Some(engine) = engine {
            service = service.persistence_engine(engine.parse().unwrap());
        }
        let takes_packets = match id {
            ServiceId::Address { protocol, .. } => protocol == Protocol::Udp,
            _ => true,
        };
        if one_packet && takes_packets {
            service.one_packet()
        } else {
            service
        }
    });
    services.prop_filter("a client refuses ineffective services", |service| {
        service.ineffective().is_none()
    })
}

pub(crate) fn any_service_id() -> impl Strategy<Value = ServiceId> {
    let name = |protocol, endpoint| match protocol {
        Protocol::Tcp => ServiceId::tcp(endpoint),
        Protocol::Udp => ServiceId::udp(endpoint),
        _ => ServiceId::sctp(endpoint),
    };
    let protocols = select(vec![Protocol::Tcp, Protocol::Udp, Protocol::Sctp]);
    prop_oneof![
        3 => (protocols, any_endpoint()).prop_map(move |(protocol, endpoint)| name(protocol, endpoint)),
        1 => (1..=u32::MAX, any_family()).prop_map(|(mark, family)| {
            ServiceId::fwmark(NonZeroU32::new(mark).unwrap(), family)
        }),
    ]
}

fn any_scheduler() -> impl Strategy<Value = Scheduler> {
    let names = [
        "rr",
        "wrr",
        "wlc",
        "sh",
        "mh",
        "none",
        "twos",
        "fifteen-letters",
    ];
    select(names.to_vec()).prop_map(|name| name.parse().unwrap())
}

fn any_family() -> impl Strategy<Value = Family> {
    select(vec![Family::Ipv4, Family::Ipv6])
}

fn any_endpoint() -> impl Strategy<Value = Endpoint> {
    (any::<IpAddr>(), any::<u16>()).prop_map(|(address, port)| Endpoint::new(address, port))
}

/// A valid destination of this service.
pub(crate) fn any_destination(service: ServiceId) -> impl Strategy<Value = Destination> {
    let thresholds = (0..=i32::MAX.unsigned_abs()).prop_flat_map(|upper| (Just(upper), 0..=upper));
    let parts = (
        any::<IpAddr>(),
        any::<u16>(),
        any_forwarding(),
        0..=i32::MAX.unsigned_abs(),
        thresholds,
    );
    parts.prop_map(move |(address, port, forwarding, weight, (upper, lower))| {
        // Only a tunnel joins families, and only masquerading rewrites ports.
        let is_tunnel = matches!(forwarding, Forwarding::Tunnel(_));
        let forwarding = if Family::of(address) == service.family() || is_tunnel {
            forwarding
        } else {
            Forwarding::Tunnel(Encapsulation::Ipip)
        };
        let mut id = Endpoint::new(address, port);
        match service {
            ServiceId::Address { endpoint, .. } if forwarding != Forwarding::Masquerade => {
                id.port = endpoint.port;
            }
            _ => {}
        }
        let mut destination = Destination::new(id).forwarding(forwarding).weight(weight);
        destination.upper_threshold = NonZeroU32::new(upper);
        destination.lower_threshold = NonZeroU32::new(lower);
        destination
    })
}

fn any_forwarding() -> impl Strategy<Value = Forwarding> {
    let gue = |(port, checksum)| {
        Forwarding::Tunnel(Encapsulation::Gue {
            port: NonZeroU16::new(port).unwrap(),
            checksum,
        })
    };
    let gre = |checksum| Forwarding::Tunnel(Encapsulation::Gre { checksum });
    let gue_checksums = select(vec![
        GueChecksum::None,
        GueChecksum::Full,
        GueChecksum::Remote,
    ]);
    prop_oneof![
        Just(Forwarding::Masquerade),
        Just(Forwarding::Direct),
        Just(Forwarding::Tunnel(Encapsulation::Ipip)),
        (1..=u16::MAX, gue_checksums).prop_map(gue),
        select(vec![GreChecksum::None, GreChecksum::Full]).prop_map(gre),
    ]
}

pub(crate) fn any_virtual_server() -> impl Strategy<Value = VirtualServer> {
    any_service().prop_flat_map(|service| {
        let destinations = prop::collection::vec(any_destination(service.id), 0..5);
        (Just(service), destinations).prop_map(|(service, destinations)| {
            let unique: BTreeMap<_, _> = destinations.into_iter().map(|it| (it.id, it)).collect();
            VirtualServer::new(service, unique.into_values())
        })
    })
}

/// A table that names some timeouts.
pub(crate) fn any_table() -> impl Strategy<Value = Table> {
    let servers = prop::collection::vec(any_virtual_server(), 0..5);
    (any_timeouts(), servers).prop_map(|(timeouts, servers)| table(timeouts, servers))
}

/// As a kernel tells it: all timeouts are there.
pub(crate) fn any_live_table() -> impl Strategy<Value = Table> {
    (any_table(), any::<[u16; 3]>()).prop_map(|(mut table, timeouts)| {
        let [tcp, tcp_fin, udp] = timeouts.map(|it| Duration::from_secs(u64::from(it) + 1));
        table.timeouts = Timeouts::default().tcp(tcp).tcp_fin(tcp_fin).udp(udp);
        table
    })
}

/// A live table and a wanted one that has services and destinations in common with it.
pub(crate) fn any_two_tables() -> impl Strategy<Value = (Table, Table)> {
    let changed = prop::collection::vec((any::<bool>(), any::<bool>(), 0..4_usize), 5);
    (any_live_table(), any_table(), changed, any::<u32>()).prop_map(
        |(live, other, changed, weight)| {
            let mut servers: Vec<VirtualServer> = Vec::new();
            for (server, (is_kept, is_rescheduled, kept)) in live
                .virtual_servers
                .iter()
                .zip(changed)
                .filter(|(_, (is_kept, ..))| *is_kept)
            {
                assert!(is_kept);
                let mut server = server.clone();
                if is_rescheduled {
                    server.service = server.service.scheduler(Scheduler::NONE);
                }
                server.destinations.truncate(kept);
                if let Some(first) = server.destinations.first_mut() {
                    first.weight = weight / 2;
                }
                servers.push(server);
            }
            servers.extend(other.virtual_servers);
            (live, table(other.timeouts, servers))
        },
    )
}

fn any_timeouts() -> impl Strategy<Value = Timeouts> {
    let one = || option::of((1..=2_147_483_u64).prop_map(Duration::from_secs));
    (one(), one(), one()).prop_map(|(tcp, tcp_fin, udp)| {
        let mut timeouts = Timeouts::default();
        (timeouts.tcp, timeouts.tcp_fin, timeouts.udp) = (tcp, tcp_fin, udp);
        timeouts
    })
}

/// A table of these, each service once.
fn table(timeouts: Timeouts, servers: Vec<VirtualServer>) -> Table {
    let unique: BTreeMap<_, _> = servers.into_iter().map(|it| (it.service.id, it)).collect();
    Table::new(timeouts, unique.into_values())
}
