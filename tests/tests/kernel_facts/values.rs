//! How the kernel reads the values of attributes: too short, too long, or more than is asked for.

use std::slice;

use ipvs::{Client, Service};
use ipvs_lab::in_namespace;
use ipvs_sys::Errno;
use ipvs_sys::constants::{
    IPVS_CMD_ATTR_DEST, IPVS_CMD_ATTR_SERVICE, IPVS_CMD_ATTR_TIMEOUT_TCP,
    IPVS_CMD_ATTR_TIMEOUT_UDP, IPVS_CMD_DEL_SERVICE, IPVS_CMD_FLUSH, IPVS_CMD_GET_SERVICE,
    IPVS_CMD_NEW_DEST, IPVS_CMD_SET_CONFIG, IPVS_CMD_SET_SERVICE, IPVS_DEST_ATTR_PORT,
    IPVS_DEST_ATTR_WEIGHT, IPVS_SVC_ATTR_ADDR, IPVS_SVC_ATTR_AF, IPVS_SVC_ATTR_FLAGS,
    IPVS_SVC_ATTR_NETMASK, IPVS_SVC_ATTR_PORT, IPVS_SVC_ATTR_SCHED_NAME, IPVS_SVC_ATTR_TIMEOUT,
};

use crate::attributes::{
    attribute, configuration, destination_attributes, key, named, nest, service, value,
};
use crate::common::{client, saved, seconds};
use crate::parsing::{WEB, add, is_carried_out, is_refused};
use crate::wire::{Request, Wire};

/// A SERVICE with one attribute in the place of the one that it is.
fn service_but(kind: u16, value: &[u8]) -> Vec<u8> {
    let mut attributes = [key(80), configuration()].concat();
    let place = attributes
        .iter()
        .position(|it| it[2..4] == kind.to_ne_bytes());
    attributes[place.unwrap()] = attribute(kind, value);
    nest(IPVS_CMD_ATTR_SERVICE, &attributes)
}

fn the_only_service(ipvs: &mut Client) -> Service {
    let services = ipvs.services().unwrap();
    assert_eq!(services.len(), 1, "{services:?}");
    services[0].service.clone()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn of_a_number_that_is_too_long_the_first_bytes_count() {
    in_namespace(|| {
        is_carried_out(add(&[service_but(IPVS_SVC_ATTR_AF, &[2, 0, 9, 9])]));
        assert_eq!(saved(), WEB);

        let longer = [77u32.to_ne_bytes(), [9; 4]].concat();
        let timeout = attribute(IPVS_CMD_ATTR_TIMEOUT_UDP, &longer);
        is_carried_out(Request::new(IPVS_CMD_SET_CONFIG, &[timeout]));
        assert_eq!(client().timeouts().unwrap().udp, Some(seconds(77)));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_number_that_is_too_short_is_out_of_range_at_the_top_and_invalid_in_a_nest() {
    in_namespace(|| {
        for length in 0..4 {
            let timeout = attribute(IPVS_CMD_ATTR_TIMEOUT_TCP, &[1; 4][..length]);
            is_refused(Request::new(IPVS_CMD_SET_CONFIG, &[timeout]), Errno::ERANGE);
        }
        for (kind, short) in [
            (IPVS_SVC_ATTR_AF, &[2][..]),
            (IPVS_SVC_ATTR_PORT, &[80]),
            (IPVS_SVC_ATTR_TIMEOUT, &[0; 3]),
            (IPVS_SVC_ATTR_NETMASK, &[255; 3]),
        ] {
            is_refused(add(&[service_but(kind, short)]), Errno::EINVAL);
        }

        is_carried_out(add(&[service(80)]));
        for (kind, short) in [
            (IPVS_DEST_ATTR_PORT, &[80][..]),
            (IPVS_DEST_ATTR_WEIGHT, &[1; 3]),
        ] {
            let attributes = [destination_attributes(7), vec![attribute(kind, short)]];
            let destination = nest(IPVS_CMD_ATTR_DEST, &attributes.concat());
            let request = Request::new(IPVS_CMD_NEW_DEST, &[named(80), destination]);
            is_refused(request, Errno::EINVAL);
        }
        assert_eq!(saved(), WEB);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_address_that_is_too_short_is_filled_with_zeros_and_one_that_is_too_long_is_refused() {
    in_namespace(|| {
        for (length, found) in [
            (0, "0.0.0.0:80"),
            (3, "192.0.2.0:80"),
            (16, "192.0.2.10:80"),
        ] {
            let mut address = vec![192, 0, 2, 10];
            address.resize(length, 0);
            is_carried_out(add(&[service_but(IPVS_SVC_ATTR_ADDR, &address)]));
            assert_eq!(saved(), format!("-A -t {found} -s rr"));
            is_carried_out(Request::new(IPVS_CMD_FLUSH, &[]));
        }
        is_refused(
            add(&[service_but(IPVS_SVC_ATTR_ADDR, &[1; 17])]),
            Errno::EINVAL,
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn behind_the_four_bytes_of_an_ipv4_address_anything_may_stand() {
    in_namespace(|| {
        let mut address = [9; 16];
        address[..4].copy_from_slice(&[192, 0, 2, 10]);
        let odd = service_but(IPVS_SVC_ATTR_ADDR, &address);
        is_carried_out(add(slice::from_ref(&odd)));
        is_refused(add(&[service(80)]), Errno::EEXIST);

        let question = Request::new(IPVS_CMD_GET_SERVICE, slice::from_ref(&odd));
        let found = Wire::open().get(question).nested();
        let mut without = [0; 16];
        without[..4].copy_from_slice(&address[..4]);
        assert_eq!(value(&found, IPVS_SVC_ATTR_ADDR), without);
        // What names a service may describe the whole of it.
        is_carried_out(Request::new(IPVS_CMD_DEL_SERVICE, &[odd]));
        assert_eq!(saved(), "");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn flags_without_a_mask_count_for_nothing_and_flags_that_are_too_long_are_refused() {
    in_namespace(|| {
        // One-packet scheduling, which would be shown.
        let flags = service_but(IPVS_SVC_ATTR_FLAGS, &4u32.to_ne_bytes());
        is_carried_out(add(&[flags]));
        assert!(!the_only_service(&mut client()).one_packet);

        let half_a_mask = [&4u32.to_ne_bytes()[..], &[255]].concat();
        let flags = service_but(IPVS_SVC_ATTR_FLAGS, &half_a_mask);
        is_carried_out(Request::new(IPVS_CMD_SET_SERVICE, &[flags]));
        assert!(the_only_service(&mut client()).one_packet);

        let flags = service_but(IPVS_SVC_ATTR_FLAGS, &[255; 9]);
        is_refused(add(&[flags]), Errno::EINVAL);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_name_of_a_scheduler_has_at_most_15_bytes_and_ends_with_a_nul() {
    in_namespace(|| {
        for (name, errno) in [
            (&b"rr"[..], Errno::EINVAL),
            (b"fifteen-letters\0", Errno::ENOENT),
            (b"sixteen--letters\0", Errno::EINVAL),
        ] {
            is_refused(add(&[service_but(IPVS_SVC_ATTR_SCHED_NAME, name)]), errno);
        }
        // What stands behind the NUL is passed over.
        is_carried_out(add(&[service_but(IPVS_SVC_ATTR_SCHED_NAME, b"rr\0wlc")]));
        assert_eq!(saved(), WEB);
    });
}
