//! `ip_vs` in `/proc/net`, letter by letter: blanks at line ends, and what is not shown.

use std::fs;

use ipvs::{
    Destination, Encapsulation, Family, Forwarding, Persistence, Scheduler, SchedulerFlags,
    Service, ServiceId,
};
use ipvs_lab::in_namespace;
use ipvs_sys::Command;

use crate::common::{client, endpoint, mark, raw, seconds, web};

pub(crate) fn file(name: &str) -> String {
    fs::read_to_string(format!("/proc/thread-self/net/{name}")).unwrap()
}

/// The lines of `ip_vs` behind its three lines of titles.
fn table() -> Vec<String> {
    file("ip_vs").lines().skip(3).map(str::to_owned).collect()
}

/// How the one service is shown.
#[track_caller]
fn shown(service: &Service) -> String {
    let mut ipvs = client();
    ipvs.flush().unwrap();
    ipvs.add_service(service).unwrap();
    let mut lines = table();
    assert_eq!(lines.len(), 1, "{lines:?}");
    lines.remove(0)
}

const V4: &str = "192.0.2.10:80";
const V6: &str = "[2001:db8::10]:80";
const V6_SHOWN: &str = "[2001:0db8:0000:0000:0000:0000:0000:0010]:0050";

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_table_begins_with_its_version_and_size_and_ends_with_a_line() {
    in_namespace(|| {
        let size = client().info().unwrap().connection_table_size;
        assert_eq!(
            file("ip_vs"),
            format!(
                "IP Virtual Server version 1.2.1 (size={size})\n\
                 Prot LocalAddress:Port Scheduler Flags\n  \
                 -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n"
            )
        );
        client().add_service(&Service::new(web())).unwrap();
        assert!(file("ip_vs").ends_with("TCP  C000020A:0050 wlc  \n"));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn services_end_with_blanks_which_depend_on_their_kind() {
    in_namespace(|| {
        let rr = |service: Service| service.scheduler(Scheduler::ROUND_ROBIN);
        for (service, line) in [
            (
                Service::tcp(endpoint(V4)),
                "TCP  C000020A:0050 rr  ".to_owned(),
            ),
            (Service::tcp(endpoint(V6)), format!("TCP  {V6_SHOWN} rr ")),
            (
                Service::udp(endpoint(V4)),
                "UDP  C000020A:0050 rr  ".to_owned(),
            ),
            (
                Service::sctp(endpoint(V4)),
                "SCTP  C000020A:0050 rr  ".to_owned(),
            ),
            (
                Service::fwmark(mark(0x4d), Family::Ipv4),
                "FWM  0000004D rr ".to_owned(),
            ),
        ] {
            assert_eq!(shown(&rr(service)), line);
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn one_packet_scheduling_shows_except_on_services_of_ipv6() {
    in_namespace(|| {
        let marked = |family| Service::fwmark(mark(0x4d), family);
        for (service, line) in [
            (
                Service::udp(endpoint(V4)),
                "UDP  C000020A:0050 wlc ops  ".to_owned(),
            ),
            (Service::udp(endpoint(V6)), format!("UDP  {V6_SHOWN} wlc ")),
            (marked(Family::Ipv4), "FWM  0000004D wlc ops ".to_owned()),
            (marked(Family::Ipv6), "FWM  0000004D wlc ops ".to_owned()),
        ] {
            assert_eq!(shown(&service.one_packet()), line);
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_family_of_a_mark_is_not_shown() {
    in_namespace(|| {
        let [v4, v6] =
            [Family::Ipv4, Family::Ipv6].map(|family| shown(&Service::fwmark(mark(7), family)));
        assert_eq!(v4, v6);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn persistence_is_shown_in_ticks_of_the_clock_with_its_netmask() {
    in_namespace(|| {
        // The number in memory, byte by byte.
        let prefix = format!("{:08X}", 64u32.to_be());
        for (service, netmask, before, after) in [
            (
                Service::tcp(endpoint(V4)),
                "255.255.255.0",
                "TCP  C000020A:0050 wlc  persistent ".to_owned(),
                " FFFFFF00".to_owned(),
            ),
            (
                Service::tcp(endpoint(V6)),
                "64",
                format!("TCP  {V6_SHOWN} wlc persistent "),
                format!(" {prefix}"),
            ),
            (
                Service::fwmark(mark(7), Family::Ipv4),
                "255.255.255.255",
                "FWM  00000007 wlc persistent ".to_owned(),
                " FFFFFFFF".to_owned(),
            ),
        ] {
            let persistence = Persistence::new(seconds(360)).netmask(netmask.parse().unwrap());
            let line = shown(&service.persistent(persistence));
            let ticks = line.strip_prefix(before.as_str());
            let ticks = ticks.and_then(|rest| rest.strip_suffix(after.as_str()));
            let ticks: u32 = ticks.unwrap_or_else(|| panic!("{line:?}")).parse().unwrap();
            // As often as a kernel may be built to tick in a second.
            let rates = [100, 250, 300, 1000];
            assert!(rates.contains(&(ticks / 360)) && ticks % 360 == 0, "{line}");
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_the_table_does_not_show_is_not_in_it() {
    in_namespace(|| {
        let plain = Service::udp(endpoint("192.0.2.10:5060")).scheduler(Scheduler::SOURCE_HASHING);
        let plain = plain.persistent(seconds(60));
        let before = shown(&plain);
        let engine = "sip".parse().unwrap();
        let more = plain.scheduler_flags(SchedulerFlags::FALLBACK);
        assert_eq!(shown(&more.persistence_engine(engine)), before);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn protocols_have_names_or_numbers() {
    in_namespace(|| {
        for (protocol, name) in [
            (0, "IP"),
            (1, "ICMP"),
            (6, "TCP"),
            (17, "UDP"),
            (47, "IP_47"),
            (50, "IP_50"),
            (51, "IP_51"),
            (58, "ICMPv6"),
            (132, "SCTP"),
            (300, "IP_300"),
        ] {
            let service = raw::service(raw::key(protocol, 80), 0, 0);
            assert_eq!(raw::ask(Command::NewService, service), None);
            assert_eq!(table(), [format!("{name}  C000020A:0050 rr  ")]);
            client().flush().unwrap();
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_destination_stands_in_columns_and_most_methods_are_masq() {
    in_namespace(|| {
        let mut ipvs = client();
        ipvs.add_service(&Service::new(web())).unwrap();
        ipvs.add_destination(web(), &Destination::new(endpoint("198.51.100.7:80")))
            .unwrap();
        for (method, name) in [
            (0, "Masq   "),
            (1, "Local  "),
            (2, "Tunnel "),
            (3, "Route  "),
            (4, "Masq   "),
            (5, "Masq   "),
            (7, "Masq   "),
        ] {
            let changed = raw::destination(method, (0, 0, 0));
            assert_eq!(raw::ask(Command::SetDest, changed), None);
            let line = format!("  -> C6336407:0050      {name} 1      0          0         ");
            assert_eq!(table()[1], line, "{method}");
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_destination_of_ipv6_is_in_brackets_and_the_newest_comes_first() {
    in_namespace(|| {
        let mut ipvs = client();
        let service = ServiceId::tcp(endpoint(V6));
        ipvs.add_service(&Service::new(service)).unwrap();
        let tunnel = Forwarding::Tunnel(Encapsulation::Ipip);
        for (address, weight) in [
            ("[2001:db8:1::7]:80", 1),
            ("198.51.100.7:80", 2_147_483_647),
        ] {
            let destination = Destination::new(endpoint(address)).weight(weight);
            ipvs.add_destination(service, &destination.forwarding(tunnel))
                .unwrap();
        }
        assert_eq!(
            table()[1..],
            [
                "  -> C6336407:0050      Tunnel  2147483647 0          0         ",
                "  -> [2001:0db8:0001:0000:0000:0000:0000:0007]:0050      Tunnel  1      0          0         ",
            ]
        );
    });
}
