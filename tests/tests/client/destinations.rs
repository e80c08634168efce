//! Destinations on a kernel: what is written is read back, by us and by ipvsadm.

use std::collections::HashSet;

use crate::common::{
    client, destination, destinations, endpoint, every_kind, every_tunnel, lines, mark, port,
    saved, server, web,
};
use ipvs::{
    Client, Destination, Encapsulation, Endpoint, Error, Family, Forwarding, GueChecksum,
    Scheduler, Service, ServiceId,
};
use ipvs_lab::{in_namespace, process};

/// Every method, with ipvsadm's name of it.
fn methods() -> [(Forwarding, &'static str); 3] {
    [
        (Forwarding::Masquerade, "-m"),
        (Forwarding::Direct, "-g"),
        (Forwarding::Tunnel(Encapsulation::Ipip), "-i"),
    ]
}

fn tunnel_of(forwarding: Forwarding) -> &'static str {
    match forwarding {
        Forwarding::Tunnel(_) => " --tun-type ipip",
        _ => "",
    }
}

fn other(family: Family) -> Family {
    match family {
        Family::Ipv4 => Family::Ipv6,
        Family::Ipv6 => Family::Ipv4,
    }
}

fn gue(checksum: GueChecksum) -> Forwarding {
    Forwarding::Tunnel(Encapsulation::Gue {
        port: port(6080),
        checksum,
    })
}

/// TCP 192.0.2.10:80 with this destination alone.
fn with(destination: Destination) -> Client {
    let mut ipvs = client();
    ipvs.add_service(&Service::new(web())).unwrap();
    ipvs.add_destination(web(), &destination).unwrap();
    ipvs
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_destination_of_every_kind_of_service_and_method_is_added_read_changed_and_deleted() {
    in_namespace(|| {
        let mut ipvs = client();
        for (service, named) in every_kind() {
            ipvs.add_service(&Service::new(service)).unwrap();
            for (forwarding, flag) in methods() {
                let added = destination(service, service.family(), forwarding);
                let shown = |flag, weight, forwarding| {
                    let (id, tunnel) = (added.id, tunnel_of(forwarding));
                    let line = format!("-a {named} -r {id} {flag} -w {weight}{tunnel}");
                    lines([format!("-A {named} -s wlc"), line])
                };

                ipvs.add_destination(service, &added).unwrap();
                assert_eq!(destinations(&mut ipvs, service), [added]);
                assert_eq!(
                    ipvs.destination(service, added.id).unwrap().destination,
                    added
                );
                assert_eq!(saved(), shown(flag, 1, forwarding));

                ipvs.update_destination(service, &added.weight(5)).unwrap();
                assert_eq!(destinations(&mut ipvs, service), [added.weight(5)]);
                assert_eq!(saved(), shown(flag, 5, forwarding));

                // What is masqueraded to another port cannot become anything else.
                if added.id.port != Some(port(8080)) {
                    for (forwarding, flag) in methods() {
                        let changed = added.forwarding(forwarding);
                        ipvs.update_destination(service, &changed).unwrap();
                        assert_eq!(destinations(&mut ipvs, service), [changed]);
                        assert_eq!(saved(), shown(flag, 1, forwarding));
                    }
                }

                ipvs.delete_destination(service, added.id).unwrap();
                assert_eq!(destinations(&mut ipvs, service), []);
                assert!(
                    ipvs.destination(service, added.id)
                        .unwrap_err()
                        .is_not_found()
                );
                assert_eq!(saved(), format!("-A {named} -s wlc"));
            }
            ipvs.delete_service(service).unwrap();
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn every_tunnel_leads_to_a_destination_of_either_family() {
    in_namespace(|| {
        let mut ipvs = client();
        for (service, named) in every_kind() {
            ipvs.add_service(&Service::new(service)).unwrap();
            for family in [service.family(), other(service.family())] {
                for (tunnel, shown) in every_tunnel() {
                    let added = destination(service, family, Forwarding::Tunnel(tunnel));
                    ipvs.add_destination(service, &added).unwrap();
                    assert_eq!(destinations(&mut ipvs, service), [added], "{named}");
                    let line = format!("-a {named} -r {} -i -w 1 {shown}", added.id);
                    assert_eq!(saved(), lines([format!("-A {named} -s wlc"), line]));

                    let drained = added.weight(0);
                    ipvs.update_destination(service, &drained).unwrap();
                    assert_eq!(destinations(&mut ipvs, service), [drained], "{named}");

                    ipvs.delete_destination(service, added.id).unwrap();
                    assert_eq!(destinations(&mut ipvs, service), [], "{named}");
                }
            }
            ipvs.delete_service(service).unwrap();
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn one_tunnel_becomes_another() {
    in_namespace(|| {
        let mut ipvs = with(Destination::new(server()));
        for (tunnel, shown) in every_tunnel() {
            let changed = Destination::new(server()).forwarding(Forwarding::Tunnel(tunnel));
            ipvs.update_destination(web(), &changed).unwrap();
            assert_eq!(destinations(&mut ipvs, web()), [changed]);
            assert!(saved().ends_with(shown), "{} for {shown}", saved());
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_edit_keeps_tunnel_and_thresholds() {
    in_namespace(|| {
        let before = Destination::new(server())
            .forwarding(gue(GueChecksum::Remote))
            .upper_threshold(mark(100))
            .lower_threshold(mark(10));
        let mut ipvs = with(before);
        let edited = ipvs
            .edit_destination(web(), server(), |destination| destination.weight = 7)
            .unwrap();
        assert_eq!(edited, before.weight(7));
        assert_eq!(destinations(&mut ipvs, web()), [edited]);
        assert_eq!(
            saved().lines().last(),
            Some(
                "-a -t 192.0.2.10:80 -r 198.51.100.7:80 -i -w 7 --tun-type gue --tun-port 6080 \
                 --tun-remcsum"
            )
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn thresholds_are_read_back_and_shown() {
    in_namespace(|| {
        let mut ipvs = with(Destination::new(server()));
        let highest = i32::MAX.unsigned_abs();
        for (upper, lower) in [
            (100, Some(10)),
            (1, Some(1)),
            (100, None),
            (highest, Some(highest)),
        ] {
            let mut limited = Destination::new(server()).upper_threshold(mark(upper));
            limited.lower_threshold = lower.map(mark);
            ipvs.update_destination(web(), &limited).unwrap();
            assert_eq!(destinations(&mut ipvs, web()), [limited]);
            let listed = process::ipvsadm(&["-Ln", "--thresholds"]);
            let columns: Vec<_> = listed.lines().last().unwrap().split_whitespace().collect();
            let shown = [upper, lower.unwrap_or(0), 0, 0].map(|number| number.to_string());
            assert_eq!(
                columns,
                ["->", "198.51.100.7:80", &shown[0], &shown[1], "0", "0"]
            );
        }
        ipvs.update_destination(web(), &Destination::new(server()))
            .unwrap();
        assert_eq!(destinations(&mut ipvs, web()), [Destination::new(server())]);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn weights_go_from_none_to_all_31_bits() {
    in_namespace(|| {
        let mut ipvs = with(Destination::new(server()));
        for weight in [0, 1, 65_535, 65_536, 2_147_483_647] {
            let weighted = Destination::new(server()).weight(weight);
            ipvs.update_destination(web(), &weighted).unwrap();
            assert_eq!(destinations(&mut ipvs, web()), [weighted]);
            let line = format!("-a -t 192.0.2.10:80 -r 198.51.100.7:80 -g -w {weight}");
            assert_eq!(saved(), lines(["-A -t 192.0.2.10:80 -s wlc", &line]));
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_newest_destination_comes_first() {
    in_namespace(|| {
        let mut ipvs = with(Destination::new(server()));
        let newer = Destination::new(endpoint("198.51.100.6:80"));
        ipvs.add_destination(web(), &newer).unwrap();
        assert_eq!(
            destinations(&mut ipvs, web()),
            [newer, Destination::new(server())]
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn two_thousand_destinations_are_read_back_each_once() {
    in_namespace(|| {
        let mut ipvs = client();
        ipvs.add_service(&Service::new(web()).scheduler(Scheduler::ROUND_ROBIN))
            .unwrap();
        let added: Vec<_> = (0..2000_u16)
            .map(|number| {
                let [high, low] = number.to_be_bytes();
                Destination::new(Endpoint::new([10, 1, high, low].into(), 8080))
                    .forwarding(Forwarding::Masquerade)
                    .weight(number.into())
            })
            .collect();
        for destination in &added {
            ipvs.add_destination(web(), destination).unwrap();
        }
        let mut read = destinations(&mut ipvs, web());
        assert_eq!(
            read.iter()
                .map(|found| found.id)
                .collect::<HashSet<_>>()
                .len(),
            2000
        );
        read.reverse();
        assert_eq!(read, added);
        assert_eq!(
            ipvs.destination(web(), added[1234].id).unwrap().destination,
            added[1234]
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn one_address_with_two_ports_is_two_destinations() {
    in_namespace(|| {
        let masqueraded =
            |text| Destination::new(endpoint(text)).forwarding(Forwarding::Masquerade);
        let (first, second) = (
            masqueraded("198.51.100.7:80"),
            masqueraded("198.51.100.7:81"),
        );
        let mut ipvs = with(first);
        ipvs.add_destination(web(), &second).unwrap();
        assert_eq!(destinations(&mut ipvs, web()), [second, first]);
        ipvs.delete_destination(web(), first.id).unwrap();
        assert_eq!(destinations(&mut ipvs, web()), [second]);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_empty_service_has_no_destinations_and_a_missing_one_is_an_error() {
    in_namespace(|| {
        let mut ipvs = client();
        let missing = ipvs.destinations(web()).unwrap_err();
        assert!(
            matches!(missing, Error::ServiceNotFound(id) if id == web()),
            "{missing}"
        );
        ipvs.add_service(&Service::new(web())).unwrap();
        assert_eq!(ipvs.destinations(web()).unwrap(), []);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn deleting_a_service_deletes_its_destinations() {
    in_namespace(|| {
        let mut ipvs = with(Destination::new(server()));
        ipvs.delete_service(web()).unwrap();
        ipvs.add_service(&Service::new(web())).unwrap();
        assert_eq!(destinations(&mut ipvs, web()), []);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_deleted_destination_can_be_added_again() {
    in_namespace(|| {
        let mut ipvs = with(Destination::new(server()).weight(3));
        ipvs.delete_destination(web(), server()).unwrap();
        let again = Destination::new(server())
            .forwarding(gue(GueChecksum::Full))
            .weight(9);
        ipvs.add_destination(web(), &again).unwrap();
        assert_eq!(destinations(&mut ipvs, web()), [again]);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_destination_without_a_port_keeps_the_one_that_packets_came_for() {
    in_namespace(|| {
        let mut ipvs = client();
        let every_port = ServiceId::tcp(endpoint("192.0.2.10"));
        let service = Service::new(every_port).persistent(crate::common::seconds(60));
        ipvs.add_service(&service).unwrap();
        let server = Destination::new(endpoint("198.51.100.7"));
        ipvs.add_destination(every_port, &server).unwrap();
        assert_eq!(destinations(&mut ipvs, every_port), [server]);
        let line = "-a -t 192.0.2.10:0 -r 198.51.100.7:0 -g -w 1";
        assert_eq!(saved(), lines(["-A -t 192.0.2.10:0 -s wlc -p 60", line]));
    });
}
