//! Lists that others cut, spoil, or refuse to give.

use ipvs::testing::FakeKernel;
use ipvs::{
    Client, Destination, Endpoint, Family, Scheduler, Service, ServiceId, Table,
    VirtualServerStatus,
};
use ipvs_lab::in_namespace;
use ipvs_sys::constants::IP_VS_CONN_F_TUNNEL;
use ipvs_sys::{CmdAttr, Command, SvcAttr};

use crate::common::program::{done, json, shown, typed};
use crate::common::{client, endpoint, every_kind, mark, raw, saved, seconds, server, web};

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_empty_table_is_not_an_error() {
    in_namespace(|| {
        let mut ipvs = client();
        assert_eq!(ipvs.services().unwrap(), []);
        assert_eq!(ipvs.virtual_servers().unwrap(), []);
        assert_eq!(ipvs.sync_daemons().unwrap(), []);
        assert_eq!(ipvs.connections().unwrap().count(), 0);
        ipvs.zero().unwrap();
        ipvs.flush().unwrap();
        let empty = ipvs.table().unwrap();
        assert_eq!(
            (empty.virtual_servers.len(), empty.sync_daemons.len()),
            (0, 0)
        );

        for (line, rows) in [
            ("list", 2),
            ("list --stats", 2),
            ("list --rate", 2),
            ("connections", 1),
            ("sync-status", 0),
            ("save --format ipvsadm", 0),
            ("zero", 0),
            ("flush --yes", 0),
        ] {
            assert_eq!(shown(line).lines().count(), rows, "{line}");
        }
        for (line, key) in [
            ("list", "services"),
            ("connections", "connections"),
            ("sync-status", "sync_daemons"),
        ] {
            assert_eq!(json(line), serde_json::json!({key: []}), "{line}");
        }
        assert_eq!(toml::from_str::<Table>(&shown("save")).unwrap(), empty);

        done("add-service -t 192.0.2.10:80");
        assert_eq!(ipvs.destinations(web()).unwrap(), []);
        assert_eq!(
            json("list")["services"][0]["destinations"],
            serde_json::json!([])
        );
    });
}

/// What ipvsadm saves for services of every kind with a hundred ports each and for destinations of
/// the first, in an order of our own.
fn hundreds(ipvs: &mut Client) -> Vec<String> {
    let mut expected = Vec::new();
    for number in 1..=100_u16 {
        for (id, named) in every_kind() {
            let (id, named) = if let ServiceId::Address { protocol, endpoint } = id {
                let endpoint = Endpoint::new(endpoint.address, number);
                let id = ServiceId::Address { protocol, endpoint };
                (id, named.replace(":80", &format!(":{number}")))
            } else {
                let id = ServiceId::fwmark(mark(number.into()), id.family());
                (id, named.replace("-f 7", &format!("-f {number}")))
            };
            ipvs.add_service(&Service::new(id)).unwrap();
            expected.push(format!("-A {named} -s wlc"));
        }
    }
    let first = ServiceId::tcp(endpoint("192.0.2.10:1"));
    for number in 1..=250_u8 {
        let id = Endpoint::new([198, 51, 100, number].into(), 1);
        ipvs.add_destination(first, &Destination::new(id)).unwrap();
        expected.push(format!(
            "-a -t 192.0.2.10:1 -r 198.51.100.{number}:1 -g -w 1"
        ));
    }
    expected.sort();
    expected
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_list_of_hundreds_of_services_is_whole() {
    in_namespace(|| {
        let mut ipvs = client();
        let expected = hundreds(&mut ipvs);
        let sorted = |text: &str| {
            let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(sorted(&saved()), expected);
        assert_eq!(sorted(&shown("save --format ipvsadm")), expected);

        let servers = ipvs.virtual_servers().unwrap();
        assert_eq!(json("list")["services"].as_array().unwrap().len(), 800);
        assert_eq!(shown("list").lines().count(), 2 + expected.len());
        assert_eq!(servers.len(), 800);
        let (with, without): (Vec<_>, Vec<_>) = servers
            .iter()
            .map(|server| server.destinations.len())
            .partition(|count| *count > 0);
        assert_eq!((with, without.len()), (vec![250], 799));
    });
}

/// Names of services and what became of them, in order.
fn summary(servers: &[VirtualServerStatus]) -> Vec<String> {
    let of_one = |server: &VirtualServerStatus| {
        let service = &server.service.service;
        let destinations = server.destinations.iter().map(|status| &status.destination);
        let destinations: Vec<_> = destinations
            .map(|it| format!("{} {}", it.id, it.forwarding))
            .collect();
        format!(
            "{} {}: {}",
            service.id,
            service.scheduler,
            destinations.join(", ")
        )
    };
    servers.iter().map(of_one).collect()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_nobody_understands_does_not_spoil_the_list() {
    in_namespace(|| {
        for (key, flags) in [
            (raw::key(47, 80), 0),
            (raw::key(255, 80), 0x100),
            (vec![SvcAttr::Af(raw::AF_INET), SvcAttr::Fwmark(0)], 0),
        ] {
            let service = raw::service(key, flags, 0);
            assert_eq!(raw::ask(Command::NewService, service), None);
        }
        let mut ipvs = client();
        let ours = [
            Service::new(web()).scheduler(Scheduler::WEIGHTED_OVERFLOW),
            Service::sctp(endpoint("192.0.2.10:80")).scheduler(Scheduler::WEIGHTED_FAILOVER),
            Service::fwmark(mark(7), Family::Ipv6).scheduler(Scheduler::NONE),
            Service::udp(endpoint("192.0.2.10:80"))
                .persistent(seconds(60))
                .persistence_engine("sip".parse().unwrap()),
        ];
        for service in &ours {
            ipvs.add_service(service).unwrap();
        }
        for (method, tunnel) in [(7, (0, 0, 0)), (IP_VS_CONN_F_TUNNEL, (9, 5, 3))] {
            let mut odd = raw::destination(method, tunnel);
            if let Some(CmdAttr::Dest(attributes)) = odd.last_mut() {
                // One address each: a second one of the first would be refused.
                let last = 100 + u8::try_from(method).unwrap();
                attributes.push(ipvs_sys::DestAttr::Addr(raw::ipv4([198, 51, 100, last])));
            }
            assert_eq!(raw::ask(Command::NewDest, odd), None);
        }
        ipvs.add_destination(web(), &Destination::new(server()))
            .unwrap();

        let expected = [
            "tcp:0.0.0.0:0 rr: ",
            "tcp:192.0.2.10:80 ovf: 198.51.100.7:80 direct, 198.51.100.102:80 \
             tunnel:unknown-9,port=5,flags=3, \
             198.51.100.107:80 unknown-7",
            "udp:192.0.2.10:80 wlc: ",
            "ip_47:192.0.2.10:80 rr: ",
            "sctp:192.0.2.10:80 fo: ",
            "ip_255:192.0.2.10:80 rr: ",
            "fwmark:7/ipv6 none: ",
        ];
        assert_eq!(summary(&ipvs.virtual_servers().unwrap()), expected);
        let list = typed("list", "");
        let (table, notes) = (list.stdout, list.stderr);
        // The kernel makes a service at no address of the mark 0.
        let is_known = |note: &str| note.starts_with("note: service tcp:0.0.0.0:0 is never served");
        assert!(notes.lines().count() == 1 && is_known(&notes), "{notes}");
        assert_eq!(json("list")["services"].as_array().unwrap().len(), 7);
        for line in expected {
            let (name, _) = line.split_once(": ").unwrap();
            let (protocol, rest) = name.split_once(':').unwrap();
            let columns = match protocol {
                "fwmark" => "FWM 7 IPv6 none".to_owned(),
                _ => format!("{} {rest}", protocol.to_uppercase()),
            };
            let words: Vec<_> = columns.split(' ').collect();
            let is_shown = |row: &str| row.split_whitespace().take(words.len()).eq(words.clone());
            assert!(table.lines().any(is_shown), "{name}: {table}");
        }
    });
}

/// The lab's kernel has no scheduler without a constant of ours.
#[test]
fn a_scheduler_nobody_knows_does_not_spoil_the_list() {
    let kernel = FakeKernel::new();
    let newest: Scheduler = "fifteen-letters".parse().unwrap();
    kernel.add_scheduler(&newest);
    let mut ipvs = kernel.client().unwrap();
    let before = Service::tcp(endpoint("192.0.2.9:80"));
    let unknown = Service::new(web()).scheduler(newest);
    let after = Service::tcp(endpoint("192.0.2.11:80"));
    for service in [&before, &unknown, &after] {
        ipvs.add_service(service).unwrap();
    }
    let services = ipvs.table().unwrap().virtual_servers;
    let services: Vec<_> = services.into_iter().map(|server| server.service).collect();
    assert_eq!(services, [before, unknown, after]);
}
