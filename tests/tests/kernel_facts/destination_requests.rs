//! Requests about destinations: what must be there, and what is looked at first.

use std::net::Ipv6Addr;

use ipvs::{Destination, Encapsulation, Forwarding, Service};
use ipvs_lab::in_namespace;
use ipvs_sys::Errno;
use ipvs_sys::constants::{
    IP_VS_CONN_F_TUNNEL, IPVS_CMD_ATTR_DEST, IPVS_CMD_DEL_DEST, IPVS_CMD_GET_DEST,
    IPVS_CMD_NEW_DEST, IPVS_CMD_NEW_SERVICE, IPVS_CMD_SET_DEST, IPVS_DEST_ATTR_ADDR,
    IPVS_DEST_ATTR_ADDR_FAMILY, IPVS_DEST_ATTR_FWD_METHOD, IPVS_DEST_ATTR_L_THRESH,
    IPVS_DEST_ATTR_PORT, IPVS_DEST_ATTR_TUN_FLAGS, IPVS_DEST_ATTR_TUN_PORT,
    IPVS_DEST_ATTR_TUN_TYPE, IPVS_DEST_ATTR_U_THRESH, IPVS_DEST_ATTR_WEIGHT,
};

use crate::attributes::{
    attribute, destination, destination_attributes, named, nest, service, split, value, without,
};
use crate::common::{client, destinations, endpoint, web};
use crate::wire::{Request, Wire};

/// TCP 192.0.2.10:80 without destinations.
fn with_web() -> Wire {
    let mut wire = Wire::open();
    assert_eq!(
        wire.ask(Request::new(IPVS_CMD_NEW_SERVICE, &[service(80)])),
        None
    );
    wire
}

/// A request about a destination of TCP 192.0.2.10:80.
fn of_web(command: u8, attributes: &[Vec<u8>]) -> Request {
    let destination = nest(IPVS_CMD_ATTR_DEST, attributes);
    Request::new(command, &[named(80), destination])
}

/// 198.18.0.7:80 with more attributes, the last of a number being the one that counts.
fn with(more: &[(u16, &[u8])]) -> Vec<Vec<u8>> {
    let mut attributes = destination_attributes(7);
    attributes.extend(more.iter().map(|(kind, value)| attribute(*kind, value)));
    attributes
}

/// The attributes of the only destination.
fn read() -> Vec<(u16, Vec<u8>)> {
    let answers = Wire::open().converse(&[Request::dump(IPVS_CMD_GET_DEST, &[named(80)])]);
    assert_eq!(answers.len(), 2, "{answers:?}");
    answers[0].nested()
}

const IPV6: &[u8] = &10u16.to_ne_bytes();

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_destination_must_have_all_of_its_configuration_when_it_is_added_or_changed() {
    in_namespace(|| {
        let mut wire = with_web();
        for command in [IPVS_CMD_NEW_DEST, IPVS_CMD_SET_DEST] {
            for kind in [
                IPVS_DEST_ATTR_ADDR,
                IPVS_DEST_ATTR_PORT,
                IPVS_DEST_ATTR_FWD_METHOD,
                IPVS_DEST_ATTR_WEIGHT,
                IPVS_DEST_ATTR_U_THRESH,
                IPVS_DEST_ATTR_L_THRESH,
            ] {
                let attributes = without(&destination_attributes(7), kind);
                let answer = wire.ask(of_web(command, &attributes));
                assert_eq!(answer, Some(Errno::EINVAL), "{command} without {kind}");
            }
            // Changes are about one that exists.
            let request = of_web(command, &destination_attributes(7));
            assert_eq!(wire.ask(request), None);
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_destination_without_a_family_has_that_of_its_service() {
    in_namespace(|| {
        let mut wire = with_web();
        let attributes = without(&destination_attributes(7), IPVS_DEST_ATTR_ADDR_FAMILY);
        assert_eq!(wire.ask(of_web(IPVS_CMD_NEW_DEST, &attributes)), None);
        let family = 2u16.to_ne_bytes();
        assert_eq!(value(&read(), IPVS_DEST_ATTR_ADDR_FAMILY), family);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn one_of_another_family_is_deleted_by_its_family_only() {
    in_namespace(|| {
        let mut wire = with_web();
        let far = Destination::new(endpoint("[2001:db8:1::7]:80"))
            .forwarding(Forwarding::Tunnel(Encapsulation::Ipip));
        let mut ipvs = client();
        ipvs.add_destination(web(), &far).unwrap();
        let address: Ipv6Addr = "2001:db8:1::7".parse().unwrap();
        let address = attribute(IPVS_DEST_ATTR_ADDR, &address.octets());
        let port = attribute(IPVS_DEST_ATTR_PORT, &80u16.to_be_bytes());
        let key = [address, port];
        assert_eq!(
            wire.ask(of_web(IPVS_CMD_DEL_DEST, &key)),
            Some(Errno::ENOENT)
        );
        ipvs.delete_destination(web(), far.id).unwrap();
        assert_eq!(destinations(&mut ipvs, web()), []);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn families_are_compared_before_the_numbers_are_looked_at() {
    in_namespace(|| {
        let mut wire = with_web();
        let negative: &[u8] = &(-1i32).to_ne_bytes();
        let mixed = (IPVS_DEST_ATTR_ADDR_FAMILY, IPV6);
        let weight = (IPVS_DEST_ATTR_WEIGHT, negative);
        let request = of_web(IPVS_CMD_NEW_DEST, &with(&[mixed, weight]));
        assert_eq!(wire.ask(request), Some(Errno::EINVAL));
        let tunnel = IP_VS_CONN_F_TUNNEL.to_ne_bytes();
        let tunnel = (IPVS_DEST_ATTR_FWD_METHOD, &tunnel[..]);
        let request = of_web(IPVS_CMD_NEW_DEST, &with(&[mixed, weight, tunnel]));
        assert_eq!(wire.ask(request), Some(Errno::ERANGE));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn thresholds_are_compared_before_the_address_is_looked_at() {
    in_namespace(|| {
        let mut wire = with_web();
        let multicast: &[u8] = &[224, 0, 0, 1];
        let address = (IPVS_DEST_ATTR_ADDR, multicast);
        let one = 1u32.to_ne_bytes();
        let lower = (IPVS_DEST_ATTR_L_THRESH, &one[..]);
        let request = of_web(IPVS_CMD_NEW_DEST, &with(&[address, lower]));
        assert_eq!(wire.ask(request), Some(Errno::ERANGE));
        let request = of_web(IPVS_CMD_NEW_DEST, &with(&[address]));
        assert_eq!(wire.ask(request), Some(Errno::EINVAL));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_tunnel_is_kept_whatever_the_method_is() {
    in_namespace(|| {
        let mut wire = with_web();
        let (port, flags) = (6080u16.to_be_bytes(), 1u16.to_ne_bytes());
        let tunnel: [(u16, &[u8]); 3] = [
            (IPVS_DEST_ATTR_TUN_TYPE, &[2]),
            (IPVS_DEST_ATTR_TUN_PORT, &port),
            (IPVS_DEST_ATTR_TUN_FLAGS, &flags),
        ];
        let request = of_web(IPVS_CMD_NEW_DEST, &with(&tunnel));
        assert_eq!(wire.ask(request), None);
        let found = read();
        for (kind, expected) in tunnel {
            assert_eq!(value(&found, kind), expected, "{kind}");
        }
        let found = client().destinations(web()).unwrap().remove(0);
        assert_eq!(found.destination.forwarding, Forwarding::Masquerade);
    });
}

/// Kernels from the middle of 2026 on refuse it.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_upper_threshold_beyond_31_bits_is_kept_as_it_is_or_refused_as_invalid() {
    in_namespace(|| {
        let mut wire = with_web();
        let beyond = (1u32 << 31).to_ne_bytes();
        let upper = with(&[(IPVS_DEST_ATTR_U_THRESH, &beyond)]);
        match wire.ask(of_web(IPVS_CMD_NEW_DEST, &upper)) {
            None => assert_eq!(value(&read(), IPVS_DEST_ATTR_U_THRESH), beyond),
            Some(errno) => {
                assert_eq!(errno, Errno::EINVAL);
                assert_eq!(destinations(&mut client(), web()), []);
            }
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_destination_may_be_named_with_the_whole_of_it() {
    in_namespace(|| {
        let mut wire = with_web();
        for command in [IPVS_CMD_NEW_DEST, IPVS_CMD_DEL_DEST] {
            let request = Request::new(command, &[service(80), destination(7)]);
            assert_eq!(wire.ask(request), None);
        }
        assert_eq!(destinations(&mut client(), web()), []);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn destinations_are_told_without_their_service() {
    in_namespace(|| {
        let mut wire = with_web();
        let added = Request::new(IPVS_CMD_NEW_DEST, &[named(80), destination(7)]);
        assert_eq!(wire.ask(added), None);
        let answers = wire.converse(&[Request::dump(IPVS_CMD_GET_DEST, &[named(80)])]);
        let kinds: Vec<_> = split(&answers[0].payload[4..])
            .into_iter()
            .map(|it| it.0)
            .collect();
        assert_eq!(kinds, [IPVS_CMD_ATTR_DEST]);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn every_request_about_a_service_that_is_not_there_says_so_before_it_looks_at_the_destination() {
    in_namespace(|| {
        for command in [IPVS_CMD_NEW_DEST, IPVS_CMD_SET_DEST, IPVS_CMD_DEL_DEST] {
            let answer = Wire::open().ask(of_web(command, &[]));
            assert_eq!(answer, Some(Errno::ESRCH), "{command}");
        }
        let mut ipvs = client();
        ipvs.add_service(&Service::new(web())).unwrap();
        for command in [IPVS_CMD_NEW_DEST, IPVS_CMD_SET_DEST, IPVS_CMD_DEL_DEST] {
            let answer = Wire::open().ask(of_web(command, &[]));
            assert_eq!(answer, Some(Errno::EINVAL), "{command}");
        }
    });
}
