//! What makes no sense is refused before anything is sent, in words that an operator can act on.
//!
//! That the kernel would take most of it is proved on a kernel: `tests/tests/client/accepted.rs`.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::num::NonZeroU32;
use std::time::Duration;

use common::{endpoint, invalid, mark, obeyed, seconds, server, web, web_service};
use ipvs::{
    Client, Destination, Encapsulation, Endpoint, Error, Family, Forwarding, Invalid, Netmask,
    ParseError, Persistence, PersistenceEngine, Protocol, Scheduler, SchedulerFlags, Service,
    ServiceId, SyncDaemon, SyncRole, Table, Timeouts, VirtualServer, duration,
};

/// It is refused with this message, and the kernel hears nothing of it.
#[track_caller]
fn assert_refused<T: std::fmt::Debug>(
    ask: impl Fn(&mut Client) -> Result<T, Error>,
    message: &str,
) -> Invalid {
    let (mut ipvs, sent) = obeyed();
    let error = invalid(ask(&mut ipvs));
    assert_eq!(error.to_string(), message);
    assert!(sent.all().is_empty(), "{:02x?}", sent.all());
    error
}

#[track_caller]
fn assert_service_refused(service: &Service, message: &str) -> Invalid {
    assert_refused(|ipvs| ipvs.update_service(service), message);
    assert_refused(|ipvs| ipvs.add_service(service), message)
}

#[track_caller]
fn assert_destination_refused(
    service: ServiceId,
    destination: &Destination,
    message: &str,
) -> Invalid {
    assert_refused(
        |ipvs| ipvs.update_destination(service, destination),
        message,
    );
    assert_refused(|ipvs| ipvs.add_destination(service, destination), message)
}

#[track_caller]
fn assert_unreadable<T: std::fmt::Debug, E: std::error::Error>(
    parsed: Result<T, E>,
    message: &str,
) -> E {
    let error = parsed.unwrap_err();
    assert_eq!(error.to_string(), message);
    error
}

fn persistent(timeout: Duration) -> Service {
    web_service().persistent(timeout)
}

#[test]
fn a_protocol_that_is_not_balanced() {
    let service = Service::new(ServiceId::Address {
        protocol: Protocol::Other(47),
        endpoint: endpoint("192.0.2.1:80"),
    });
    let message = "IPVS does not balance protocol 47: tcp, udp or sctp";
    let error = assert_service_refused(&service, message);
    assert_eq!(error, Invalid::ProtocolNotBalanced(Protocol::Other(47)));
}

#[test]
fn every_port_without_persistence() {
    let service = Service::tcp(endpoint("192.0.2.1"));
    let error = assert_service_refused(
        &service,
        "service tcp:192.0.2.1:0 needs a port: only a persistent service takes every port",
    );
    assert_eq!(error, Invalid::PortNeeded(service.id));
    let (mut ipvs, _) = obeyed();
    ipvs.add_service(&service.persistent(seconds(1))).unwrap();
}

#[test]
fn one_packet_scheduling_of_connections() {
    for id in [web(), ServiceId::sctp(endpoint("192.0.2.1:80"))] {
        let message = format!(
            "service {id} cannot schedule packets one by one: only UDP and fwmark services can"
        );
        let error = assert_service_refused(&Service::new(id).one_packet(), &message);
        assert_eq!(error, Invalid::OnePacketNeedsUdp(id));
    }
}

#[test]
fn a_persistence_that_the_kernel_would_not_keep() {
    for (timeout, shown) in [
        (Duration::ZERO, "0s"),
        (Duration::from_millis(999), "999ms"),
        (Duration::from_millis(1500), "1s 500ms"),
        (seconds(31 * 24 * 3600 + 1), "31d 1s"),
        (Duration::MAX, "213503982334601d 7h 15s 999ms 999us 999ns"),
    ] {
        let message = format!(
            "persistence of {shown} is out of range: 1s to {}, in whole seconds",
            { duration::display(seconds(31 * 24 * 3600)) }
        );
        let error = assert_service_refused(&persistent(timeout), &message);
        assert_eq!(error, Invalid::PersistenceTimeout(timeout));
    }
}

#[test]
fn a_netmask_of_the_other_family() {
    let v6 = Service::tcp(endpoint("[2001:db8::10]:80"));
    for (service, mask, message) in [
        (
            web_service(),
            "64",
            "netmask 64 does not fit service tcp:192.0.2.1:80: IPv4 takes one like 255.255.255.0",
        ),
        (
            v6,
            "255.255.255.0",
            "netmask 255.255.255.0 does not fit service tcp:[2001:db8::10]:80: IPv6 takes a prefix \
             length from 1 to 128",
        ),
    ] {
        let netmask: Netmask = mask.parse().unwrap();
        let service = service.persistent(Persistence::new(seconds(5)).netmask(netmask));
        let error = assert_service_refused(&service, message);
        let service = service.id;
        assert_eq!(error, Invalid::NetmaskFamily { service, netmask });
    }
}

#[test]
fn an_ipv6_netmask_of_no_bits_or_too_many() {
    for prefix in [0, 129] {
        let persistence = Persistence::new(seconds(5)).netmask(Netmask::Ipv6(prefix));
        let service = Service::fwmark(mark(7), Family::Ipv6).persistent(persistence);
        let message = format!("netmask {prefix} is out of range: 1 to 128");
        let error = assert_service_refused(&service, &message);
        assert_eq!(error, Invalid::NetmaskPrefix(prefix));
    }
}

#[test]
fn a_weight_or_a_threshold_of_32_bits() {
    let error = assert_destination_refused(
        web(),
        &server().weight(1 << 31),
        "weight 2147483648 is out of range: 0 to 2147483647",
    );
    assert_eq!(error, Invalid::Weight(1 << 31));
    let too_high = server().upper_threshold(mark(1 << 31));
    let both = too_high.lower_threshold(mark(1 << 31));
    for destination in [too_high, both] {
        let message = "threshold 2147483648 is out of range: 1 to 2147483647";
        let error = assert_destination_refused(web(), &destination, message);
        assert_eq!(error, Invalid::Threshold(1 << 31));
    }
}

#[test]
fn a_lower_threshold_that_is_above_the_upper_one_or_alone() {
    let alone = server().lower_threshold(mark(10));
    for destination in [alone, alone.upper_threshold(mark(9))] {
        let message = "lower threshold 10 needs an upper threshold that is not below it";
        let error = assert_destination_refused(web(), &destination, message);
        assert_eq!(error, Invalid::ThresholdsReversed { lower: 10 });
    }
    let (mut ipvs, _) = obeyed();
    ipvs.add_destination(web(), &alone.upper_threshold(mark(10)))
        .unwrap();
}

#[test]
fn a_port_that_nothing_rewrites() {
    let tunnel = Forwarding::Tunnel(Encapsulation::Ipip);
    for (forwarding, name) in [(Forwarding::Direct, "direct"), (tunnel, "tunnel")] {
        let destination = Destination::new(endpoint("198.51.100.2:8080")).forwarding(forwarding);
        let message = format!(
            "destination 198.51.100.2:8080 must have the port of service tcp:192.0.2.1:80: {name} \
             forwarding does not rewrite it (masquerade does)"
        );
        let error = assert_destination_refused(web(), &destination, &message);
        assert!(matches!(error, Invalid::PortNotRewritten { .. }));
        // Marked packets come for any port.
        let (mut ipvs, _) = obeyed();
        let marked = ServiceId::fwmark(mark(7), Family::Ipv4);
        ipvs.add_destination(marked, &destination).unwrap();
    }
}

#[test]
fn a_destination_of_the_other_family_without_a_tunnel() {
    for forwarding in [Forwarding::Direct, Forwarding::Masquerade] {
        let destination = Destination::new(endpoint("[2001:db8::7]:80")).forwarding(forwarding);
        let error = assert_destination_refused(
            web(),
            &destination,
            "destination [2001:db8::7]:80 and service tcp:192.0.2.1:80 are of different address \
             families: only a tunnel joins them",
        );
        assert!(matches!(error, Invalid::FamiliesMixed { .. }));
    }
}

#[test]
fn a_forwarding_method_that_is_only_read() {
    for (forwarding, name) in [
        (Forwarding::Local, "local"),
        (Forwarding::Bypass, "bypass"),
        (Forwarding::Other(6), "unknown-6"),
    ] {
        let message =
            format!("forwarding {name} cannot be asked for: masquerade, direct or tunnel");
        let error = assert_destination_refused(web(), &server().forwarding(forwarding), &message);
        assert_eq!(error, Invalid::ForwardingNotSettable(forwarding));
    }
    let (kind, port, flags) = (9, 5, 3);
    let tunnel = Forwarding::Tunnel(Encapsulation::Other { kind, port, flags });
    let error = assert_destination_refused(
        web(),
        &server().forwarding(tunnel),
        "tunnel of type 9 with port 5 and flags 3 cannot be asked for: ipip, gue or gre",
    );
    assert_eq!(error, Invalid::TunnelNotSettable { kind, port, flags });
}

#[test]
fn a_timeout_that_the_kernel_would_refuse_or_take_for_keep() {
    let longest = duration::display(seconds(2_147_483)).to_string();
    for timeout in [
        Duration::ZERO,
        Duration::from_millis(1001),
        seconds(2_147_484),
    ] {
        let shown = duration::display(timeout);
        let message =
            format!("timeout of {shown} is out of range: 1s to {longest}, in whole seconds");
        let some = Timeouts::default();
        for timeouts in [some.tcp(timeout), some.tcp_fin(timeout), some.udp(timeout)] {
            let error = assert_refused(|ipvs| ipvs.set_timeouts(&timeouts), &message);
            assert_eq!(error, Invalid::Timeout(timeout));
        }
    }
}

#[test]
fn an_edit_that_makes_another_one_of_it() {
    let mut ipvs = common::echo::echoing();
    ipvs.add_service(&web_service()).unwrap();
    let other = ServiceId::udp(endpoint("192.0.2.1:53"));
    let error = invalid(ipvs.edit_service(web(), |service| service.id = other));
    assert_eq!(
        error.to_string(),
        "tcp:192.0.2.1:80 cannot become udp:192.0.2.1:53: add udp:192.0.2.1:53 and delete \
         tcp:192.0.2.1:80"
    );
    ipvs.add_destination(web(), &server()).unwrap();
    let id = server().id;
    let edit = |destination: &mut Destination| destination.id = endpoint("198.51.100.3:80");
    let error = invalid(ipvs.edit_destination(web(), id, edit));
    assert_eq!(
        error.to_string(),
        "198.51.100.2:80 cannot become 198.51.100.3:80: add 198.51.100.3:80 and delete \
         198.51.100.2:80"
    );
    // Nothing was written.
    assert_eq!(ipvs.service(web()).unwrap().service, web_service());
    assert_eq!(ipvs.destination(web(), id).unwrap().destination, server());
}

#[test]
fn what_stands_in_a_table_twice() {
    let with = |destinations: Vec<Destination>| VirtualServer::new(web_service(), destinations);
    let twice = Table::new(Timeouts::default(), [with(vec![]), with(vec![])]);
    assert_unreadable(twice.validate(), "service tcp:192.0.2.1:80 is there twice");
    let twice = with(vec![server(), server().weight(2)]);
    let message = "destination 198.51.100.2:80 is there twice in service tcp:192.0.2.1:80";
    assert_unreadable(twice.validate(), message);
    let table = Table::new(Timeouts::default(), [twice]);
    assert_unreadable(table.validate(), message);
    // What is wrong with a part is wrong with the whole.
    let wrong = VirtualServer::new(web_service().one_packet(), []);
    let table = Table::new(Timeouts::default(), [wrong]);
    assert_eq!(table.validate(), Err(Invalid::OnePacketNeedsUdp(web())));
    let table = Table::new(Timeouts::default().tcp(Duration::ZERO), []);
    assert_eq!(table.validate(), Err(Invalid::Timeout(Duration::ZERO)));
}

#[test]
fn words_that_mean_nothing() {
    assert_unreadable(
        "icmp".parse::<Protocol>(),
        "\"icmp\" is not a protocol: tcp, udp or sctp",
    );
    assert_unreadable(
        "192.0.2.1:http".parse::<Endpoint>(),
        "\"192.0.2.1:http\" is not an address and port: write 192.0.2.10:80 or [2001:db8::10]:80",
    );
    for name in ["", "sixteen-letters!", "w rr", "wrr\n", "é"] {
        let message =
            format!("{name:?} cannot be a scheduler: a name has 1 to 15 letters, digits or signs");
        let error = assert_unreadable(name.parse::<Scheduler>(), &message);
        assert_eq!(error, ParseError::SchedulerName(name.to_owned()));
    }
    for name in ["", "seventeen-letters", "s p"] {
        let message = format!(
            "{name:?} cannot be a persistence engine: a name has 1 to 16 letters, digits or signs"
        );
        assert_unreadable(name.parse::<PersistenceEngine>(), &message);
    }
    for text in ["", "0", "129", "255.255.255", "/0", "64.0"] {
        let message = format!(
            "{text:?} is not a netmask: write 255.255.255.0 for IPv4, a prefix length from 1 to \
             128 for IPv6"
        );
        assert_unreadable(text.parse::<Netmask>(), &message);
    }
    for text in ["", "5 parsecs", "-1", "1.5", "99999999999999999999"] {
        let message = format!("{text:?} is not a duration: write 300, 300s or 5m");
        assert_unreadable(duration::parse(text), &message);
    }
    let error = SchedulerFlags::named("flag-4", &Scheduler::ROUND_ROBIN);
    assert_unreadable(
        error,
        "scheduler rr has no flag \"flag-4\": flag-1, flag-2 or flag-3",
    );
    let error = SchedulerFlags::named("mh-port", &Scheduler::SOURCE_HASHING);
    let message = "scheduler sh has no flag \"mh-port\": sh-fallback, sh-port, flag-1, flag-2 or \
                   flag-3";
    assert_unreadable(error, message);
}

#[test]
fn the_limits_themselves_are_in_order() {
    let (mut ipvs, sent) = obeyed();
    ipvs.add_service(&persistent(seconds(1))).unwrap();
    ipvs.add_service(&persistent(seconds(31 * 24 * 3600)))
        .unwrap();
    ipvs.set_timeouts(&Timeouts::default().udp(seconds(2_147_483)))
        .unwrap();
    let highest = NonZeroU32::new(i32::MAX.unsigned_abs()).unwrap();
    let limited = server()
        .weight(highest.get())
        .upper_threshold(highest)
        .lower_threshold(highest);
    ipvs.add_destination(web(), &limited).unwrap();
    assert_eq!(sent.all().len(), 4);
}

/// What comes of a sync daemon in a table.
fn sync_daemon(daemon: SyncDaemon) -> Result<(), Invalid> {
    Table::new(Timeouts::default(), [])
        .sync_daemons([daemon])
        .validate()
}

#[test]
fn the_device_of_a_sync_daemon() {
    let on = |device: &str| sync_daemon(SyncDaemon::new(SyncRole::Master, device));
    assert_eq!(on("e"), Ok(()));
    assert_eq!(on("fifteen-letters"), Ok(()));
    for device in [
        "",
        "sixteen--letters",
        "et\0h0",
        "et/h0",
        "et:h0",
        "et h0",
        "eth0\n",
    ] {
        assert_eq!(on(device), Err(Invalid::Interface(device.to_owned())));
    }
}

#[test]
fn the_group_of_a_sync_daemon() {
    let to = |group: &str| {
        let master = SyncDaemon::new(SyncRole::Master, "eth0");
        sync_daemon(master.group(group.parse().unwrap()))
    };
    for group in ["224.0.0.81", "239.255.255.255", "ff02::81"] {
        assert_eq!(to(group), Ok(()));
    }
    for group in ["192.0.2.1", "255.255.255.255", "2001:db8::1"] {
        let group_address = group.parse().unwrap();
        assert_eq!(to(group), Err(Invalid::MulticastGroup(group_address)));
    }
}

#[test]
fn the_longest_message_of_a_sync_daemon() {
    use SyncRole::{Backup, Master};

    for (role, group, shortest, longest) in [
        (Master, None, 1, 65_507),
        (Master, Some("239.1.1.1"), 1, 65_507),
        (Master, Some("ff02::81"), 1, 65_487),
        (Backup, None, 1024, 65_507),
        (Backup, Some("ff02::81"), 1024, 65_487),
    ] {
        let with = |length: u16| {
            let mut daemon = SyncDaemon::new(role, "eth0");
            daemon.group = group.map(|group| group.parse().unwrap());
            sync_daemon(daemon.max_length(length.try_into().unwrap()))
        };
        assert_eq!(with(shortest), Ok(()));
        assert_eq!(with(longest), Ok(()));
        let refused = |length| Invalid::SyncMessageLength {
            length,
            shortest,
            longest,
        };
        assert_eq!(with(longest + 1), Err(refused(longest + 1)));
        if shortest > 1 {
            assert_eq!(with(shortest - 1), Err(refused(shortest - 1)));
        }
    }
    assert_eq!(sync_daemon(SyncDaemon::new(Backup, "eth0")), Ok(()));
}
