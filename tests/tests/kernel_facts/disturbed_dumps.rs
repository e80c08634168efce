//! Dumps while something changes: they go on after as many entries as were sent, wherever that is by
//! then.

use std::collections::HashSet;
use std::ops::Range;

use ipvs_lab::in_namespace;
use ipvs_lab::netns::Netns;
use ipvs_sys::constants::{
    IPVS_CMD_DEL_SERVICE, IPVS_CMD_FLUSH, IPVS_DEST_ATTR_ADDR, IPVS_SVC_ATTR_PORT,
};

use crate::alone::wait_to_be_alone;
use crate::attributes::{address, named};
use crate::dumps::{carry_out, destinations, entries, fill, fill_services, services};
use crate::wire::{DUMP_INTERRUPTED, Request, Wire};

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_dump_does_not_say_that_it_was_disturbed() {
    in_namespace(|| {
        fill(0..300);
        let mut wire = Wire::open();
        wire.send(&[destinations()]).unwrap();
        let mut answers = wire.next().unwrap();
        carry_out([Request::new(IPVS_CMD_FLUSH, &[])]);
        answers.extend(wire.answers());
        // It did disturb it.
        assert!(answers.len() < 300, "{}", answers.len());
        assert_eq!(answers.last().unwrap().outcome(), None);
        let said = answers.iter().any(|it| it.flags & DUMP_INTERRUPTED != 0);
        assert!(!said);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_dump_goes_on_in_the_service_that_took_the_place_of_its_own() {
    in_namespace(|| {
        fill(0..300);
        let mut wire = Wire::open();
        wire.send(&[destinations()]).unwrap();
        let mut answers = wire.next().unwrap();
        carry_out([Request::new(IPVS_CMD_DEL_SERVICE, &[named(80)])]);
        fill(1000..1300);
        answers.extend(wire.answers());

        let found = entries(&answers, IPVS_DEST_ATTR_ADDR);
        let ipv4 = |address: &Vec<u8>| <[u8; 4]>::try_from(&address[..4]).unwrap();
        let found: Vec<_> = found.iter().map(ipv4).collect();
        let newest_first = |numbers: Range<u16>| -> Vec<_> {
            numbers.rev().map(|it| address(it).octets()).collect()
        };
        let (old, new) = (newest_first(0..300), newest_first(1000..1300));
        let of_the_old = found.iter().filter(|it| old.contains(it)).count();
        assert!((1..300).contains(&of_the_old), "{of_the_old}");
        assert_eq!(found[..of_the_old], old[..of_the_old]);
        assert_eq!(found[of_the_old..], new[of_the_old..]);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn services_that_are_deleted_meanwhile_hide_as_many_others() {
    in_namespace(|| {
        wait_to_be_alone();
        fill_services(1..401);
        let mut wire = Wire::open();
        wire.send(&[services()]).unwrap();
        let mut answers = wire.next().unwrap();
        let first = entries(&answers, IPVS_SVC_ATTR_PORT);
        let gone = first[..5].iter().map(|port| {
            let port = u16::from_be_bytes(port.as_slice().try_into().unwrap());
            Request::new(IPVS_CMD_DEL_SERVICE, &[named(port)])
        });
        carry_out(gone);
        answers.extend(wire.answers());
        let found: HashSet<_> = entries(&answers, IPVS_SVC_ATTR_PORT).into_iter().collect();
        // Those that are gone are among them, and five that are not are missing.
        assert_eq!(found.len(), 395);
    });
}

/// From 7.1 on, each namespace has a table of its own.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn services_that_are_deleted_in_another_namespace_hide_some_in_this_one_on_6_1() {
    in_namespace(|| {
        wait_to_be_alone();
        let other = Netns::new("other");
        other.enter(|| fill_services(1..1001));
        fill_services(1..401);
        let mut wire = Wire::open();
        wire.send(&[services()]).unwrap();
        let mut answers = wire.next().unwrap();
        other.enter(|| carry_out([Request::new(IPVS_CMD_FLUSH, &[])]));
        answers.extend(wire.answers());
        let found = entries(&answers, IPVS_SVC_ATTR_PORT).len();
        assert!((10..400).contains(&found), "{found}");
        let all = Wire::open().converse(&[services()]);
        assert_eq!(entries(&all, IPVS_SVC_ATTR_PORT).len(), 400);
    });
}
