//! Destinations: added, read back, changed, deleted; and which addresses can be one.

use ipvs::{
    Client, Destination, DestinationId, Encapsulation, Endpoint, Ensured, Error, Family,
    Forwarding, Service, ServiceId,
};
use ipvs_sys::Errno;

use crate::common::{
    destination, destinations, endpoint, every_kind, every_tunnel, mark, server, web,
};

crate::conversations![
    every_method_of_every_family_is_read_back,
    every_tunnel_is_read_back,
    the_newest_comes_first_and_a_change_moves_nothing,
    thresholds_are_read_back,
    an_update_replaces_the_tunnel,
    an_edit_keeps_the_tunnel,
    a_destination_is_ensured,
    the_highest_numbers_are_read_back,
    a_port_makes_another_destination,
    a_family_makes_another_destination,
    only_some_ipv4_addresses_can_be_reached,
    only_some_ipv6_addresses_can_be_reached,
    an_address_of_the_other_family_must_be_unicast_too,
];

/// A client of a table with TCP 192.0.2.10:80.
fn with_web(ipvs: &mut Client) -> &mut Client {
    ipvs.add_service(&Service::new(web())).unwrap();
    ipvs
}

fn every_method_of_every_family_is_read_back(ipvs: &mut Client) {
    let tunnel = Forwarding::Tunnel(Encapsulation::Ipip);
    for (service, _) in every_kind() {
        ipvs.add_service(&Service::new(service)).unwrap();
        for (family, forwarding) in [
            (service.family(), Forwarding::Masquerade),
            (service.family(), Forwarding::Direct),
            (Family::Ipv4, tunnel),
            (Family::Ipv6, tunnel),
        ] {
            let wanted = destination(service, family, forwarding).weight(7);
            ipvs.ensure_destination(service, &wanted).unwrap();
            let status = ipvs.destination(service, wanted.id).unwrap();
            assert_eq!(status.destination, wanted);
            assert_eq!(
                (status.active_connections, status.inactive_connections),
                (0, 0)
            );
            assert_eq!(status.stats, ipvs::Stats::default());
        }
    }
}

fn every_tunnel_is_read_back(ipvs: &mut Client) {
    let ipvs = with_web(ipvs);
    for (tunnel, _) in every_tunnel() {
        for family in [Family::Ipv4, Family::Ipv6] {
            let wanted = destination(web(), family, Forwarding::Tunnel(tunnel));
            ipvs.add_destination(web(), &wanted).unwrap();
            assert_eq!(destinations(ipvs, web()), [wanted]);
            ipvs.delete_destination(web(), wanted.id).unwrap();
        }
    }
}

fn the_newest_comes_first_and_a_change_moves_nothing(ipvs: &mut Client) {
    let ipvs = with_web(ipvs);
    let id = |number: u8| Endpoint::new([198, 51, 100, number].into(), 80);
    for number in 1..=4 {
        ipvs.add_destination(web(), &Destination::new(id(number)))
            .unwrap();
    }
    ipvs.update_destination(web(), &Destination::new(id(2)).weight(0))
        .unwrap();
    ipvs.delete_destination(web(), id(3)).unwrap();
    let order: Vec<_> = destinations(ipvs, web())
        .iter()
        .map(|it| (it.id, it.weight))
        .collect();
    assert_eq!(order, [(id(4), 1), (id(2), 0), (id(1), 1)]);
}

fn thresholds_are_read_back(ipvs: &mut Client) {
    let ipvs = with_web(ipvs);
    let plain = Destination::new(server());
    for wanted in [
        plain.upper_threshold(mark(100)).lower_threshold(mark(100)),
        plain.upper_threshold(mark(100)).lower_threshold(mark(1)),
        plain.upper_threshold(mark(1)),
        plain,
    ] {
        ipvs.ensure_destination(web(), &wanted).unwrap();
        assert_eq!(destinations(ipvs, web()), [wanted]);
    }
}

fn an_update_replaces_the_tunnel(ipvs: &mut Client) {
    let ipvs = with_web(ipvs);
    ipvs.add_destination(web(), &Destination::new(server()))
        .unwrap();
    let back = every_tunnel().into_iter().rev();
    for (tunnel, _) in every_tunnel().into_iter().chain(back) {
        let wanted = Destination::new(server()).forwarding(Forwarding::Tunnel(tunnel));
        ipvs.update_destination(web(), &wanted).unwrap();
        assert_eq!(destinations(ipvs, web()), [wanted]);
    }
}

fn an_edit_keeps_the_tunnel(ipvs: &mut Client) {
    let ipvs = with_web(ipvs);
    for (tunnel, _) in every_tunnel() {
        let before = Destination::new(server())
            .forwarding(Forwarding::Tunnel(tunnel))
            .upper_threshold(mark(9));
        ipvs.ensure_destination(web(), &before).unwrap();
        let edited = ipvs
            .edit_destination(web(), server(), |it| it.weight = 0)
            .unwrap();
        assert_eq!(edited, before.weight(0));
        assert_eq!(destinations(ipvs, web()), [edited]);
    }
}

fn a_destination_is_ensured(ipvs: &mut Client) {
    let ipvs = with_web(ipvs);
    let heavy = Destination::new(server()).weight(9);
    for (wanted, outcome) in [
        (Destination::new(server()), Ensured::Created),
        (heavy, Ensured::Changed),
        (heavy, Ensured::Unchanged),
    ] {
        assert_eq!(ipvs.ensure_destination(web(), &wanted).unwrap(), outcome);
        assert_eq!(destinations(ipvs, web()), [wanted]);
    }
}

fn the_highest_numbers_are_read_back(ipvs: &mut Client) {
    let ipvs = with_web(ipvs);
    let highest = i32::MAX.unsigned_abs();
    let wanted = Destination::new(server())
        .weight(highest)
        .upper_threshold(mark(highest))
        .lower_threshold(mark(highest));
    ipvs.add_destination(web(), &wanted).unwrap();
    assert_eq!(destinations(ipvs, web()), [wanted]);
}

fn a_port_makes_another_destination(ipvs: &mut Client) {
    let ipvs = with_web(ipvs);
    let ids = ["198.51.100.7", "198.51.100.7:80", "198.51.100.7:65535"].map(endpoint);
    for id in ids {
        let wanted = Destination::new(id).forwarding(Forwarding::Masquerade);
        ipvs.add_destination(web(), &wanted).unwrap();
    }
    ipvs.delete_destination(web(), ids[1]).unwrap();
    let left: Vec<_> = destinations(ipvs, web()).iter().map(|it| it.id).collect();
    assert_eq!(left, [ids[2], ids[0]]);
}

/// The bytes of one are those of the other.
fn a_family_makes_another_destination(ipvs: &mut Client) {
    let ipvs = with_web(ipvs);
    let tunnel = Forwarding::Tunnel(Encapsulation::Ipip);
    let ids: [DestinationId; 2] = ["198.51.100.7:80", "[c633:6407::]:80"].map(endpoint);
    let wanted = ids.map(|id| Destination::new(id).forwarding(tunnel));
    for destination in &wanted {
        ipvs.add_destination(web(), destination).unwrap();
    }
    assert_eq!(destinations(ipvs, web()), [wanted[1], wanted[0]]);
    ipvs.delete_destination(web(), ids[0]).unwrap();
    assert_eq!(destinations(ipvs, web()), [wanted[1]]);
}

#[track_caller]
fn is_taken(ipvs: &mut Client, service: ServiceId, address: &str) -> bool {
    let id = Endpoint {
        port: endpoint("0.0.0.0:80").port,
        ..endpoint(address)
    };
    match ipvs.add_destination(service, &Destination::new(id)) {
        Ok(()) => true,
        Err(error) => {
            assert!(matches!(error, Error::DestinationRefused { .. }), "{error}");
            assert_eq!(error.raw_os_error(), Some(Errno::EINVAL as i32));
            false
        }
    }
}

fn only_some_ipv4_addresses_can_be_reached(ipvs: &mut Client) {
    let ipvs = with_web(ipvs);
    for (address, taken) in [
        ("198.51.100.7", true),
        ("127.0.0.1", true),
        ("127.0.0.0", true),
        ("127.255.255.254", true),
        ("240.0.0.1", true),
        ("169.254.0.1", true),
        ("0.0.0.1", true),
        ("223.255.255.255", true),
        ("255.255.255.254", true),
        ("0.0.0.0", false),
        ("127.255.255.255", false),
        ("224.0.0.0", false),
        ("239.255.255.255", false),
        ("255.255.255.255", false),
    ] {
        assert_eq!(is_taken(ipvs, web(), address), taken, "{address}");
    }
}

fn only_some_ipv6_addresses_can_be_reached(ipvs: &mut Client) {
    let service = ServiceId::tcp(endpoint("[2001:db8::10]:80"));
    ipvs.add_service(&Service::new(service)).unwrap();
    for (address, taken) in [
        ("2001:db8:1::7", true),
        ("::1", true),
        ("::2", true),
        ("::1.2.3.4", true),
        ("64:ff9b::1", true),
        ("fc00::1", true),
        ("fd00::1", true),
        ("fec0::1", true),
        ("e000::1", true),
        ("::", false),
        ("::ffff:192.0.2.1", false),
        ("fe80::1", false),
        ("febf::1", false),
        ("ff02::1", false),
        ("ff0e::1", false),
    ] {
        assert_eq!(is_taken(ipvs, service, address), taken, "{address}");
    }
}

fn an_address_of_the_other_family_must_be_unicast_too(ipvs: &mut Client) {
    let ipvs = with_web(ipvs);
    for address in ["[ff02::1]:80", "[fe80::1]:80", "[::]:80"] {
        let wanted =
            Destination::new(endpoint(address)).forwarding(Forwarding::Tunnel(Encapsulation::Ipip));
        let error = ipvs.add_destination(web(), &wanted).unwrap_err();
        assert!(matches!(error, Error::MixedFamilyRefused { .. }), "{error}");
    }
    assert_eq!(destinations(ipvs, web()), []);
}
