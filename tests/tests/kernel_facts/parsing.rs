//! How the kernel reads messages and their attributes: what it lets pass, and what not.

use std::slice;

use ipvs_lab::in_namespace;
use ipvs_sys::Errno;
use ipvs_sys::constants::{
    IPVS_CMD_ATTR_DAEMON, IPVS_CMD_ATTR_DEST, IPVS_CMD_ATTR_SERVICE, IPVS_CMD_FLUSH,
    IPVS_CMD_GET_INFO, IPVS_CMD_NEW_DAEMON, IPVS_CMD_NEW_DEST, IPVS_CMD_NEW_SERVICE, IPVS_CMD_ZERO,
    IPVS_SVC_ATTR_PORT,
};

use crate::attributes::{attribute, configuration, key, nest, service, service_with};
use crate::common::saved;
use crate::wire::{Request, Wire};

const NLA_F_NESTED: u16 = 0x8000;
/// A number that no attribute has.
const UNKNOWN: u16 = 99;
pub(crate) const WEB: &str = "-A -t 192.0.2.10:80 -s rr";

pub(crate) fn add(attributes: &[Vec<u8>]) -> Request {
    Request::new(IPVS_CMD_NEW_SERVICE, attributes)
}

#[track_caller]
pub(crate) fn is_carried_out(request: Request) {
    assert_eq!(Wire::open().ask(request), None);
}

#[track_caller]
pub(crate) fn is_refused(request: Request, errno: Errno) {
    assert_eq!(Wire::open().ask(request), Some(errno));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_version_and_the_reserved_bytes_of_a_request_are_not_looked_at() {
    in_namespace(|| {
        for header in [
            [IPVS_CMD_GET_INFO, 0, 0, 0],
            [IPVS_CMD_GET_INFO, 200, 0, 0],
            [IPVS_CMD_GET_INFO, 1, 7, 0],
        ] {
            let question = Request::new(IPVS_CMD_GET_INFO, &[]);
            let answer = Wire::open().get(Request { header, ..question });
            // The version of the answer is always the same.
            assert_eq!(answer.payload[1], 1, "{header:?}");
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_message_without_room_for_its_command_is_refused() {
    in_namespace(|| {
        for length in 16..20u32 {
            let mut wire = Wire::open();
            let mut datagram = wire.datagram(&[Request::new(IPVS_CMD_FLUSH, &[])]);
            datagram[..4].copy_from_slice(&length.to_ne_bytes());
            wire.send_bytes(&datagram).unwrap();
            let answers = wire.answers();
            assert_eq!(answers[0].outcome(), Some(Errno::EINVAL), "{length}");
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_command_that_there_is_not_is_not_supported() {
    in_namespace(|| {
        for command in [0, 14, 18, 255] {
            is_refused(Request::new(command, &[]), Errno::EOPNOTSUPP);
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn flags_of_the_header_that_ask_for_a_way_of_adding_are_not_looked_at() {
    in_namespace(|| {
        // To replace, to add only, to change only.
        let ways = [0x100, 0x200, 0x400, 0x800, 0x8];
        let plain = add(&[service(80)]);
        is_carried_out(plain.clone());
        for way in ways {
            let flags = plain.flags | way;
            // 0x100 alone does not make a dump of it.
            is_refused(plain.clone().flags(flags), Errno::EEXIST);
        }
        assert_eq!(saved(), WEB);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn attributes_that_the_kernel_does_not_know_are_passed_over() {
    in_namespace(|| {
        let unknown = attribute(UNKNOWN, b"something");
        let service = service_with(80, slice::from_ref(&unknown));
        is_carried_out(add(&[unknown, service]));
        assert_eq!(saved(), WEB);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_follows_the_attributes_is_passed_over() {
    in_namespace(|| {
        is_carried_out(add(&[service(80), vec![1, 2, 3]]));
        assert_eq!(saved(), WEB);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn of_an_attribute_that_stands_twice_the_last_counts() {
    in_namespace(|| {
        let port = attribute(IPVS_SVC_ATTR_PORT, &81u16.to_be_bytes());
        is_carried_out(add(&[service_with(80, &[port])]));
        is_carried_out(add(&[service(90), service(91)]));
        assert_eq!(
            saved(),
            "-A -t 192.0.2.10:81 -s rr\n-A -t 192.0.2.10:91 -s rr"
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_nest_may_say_that_it_is_one_or_not() {
    in_namespace(|| {
        for flag in [0, NLA_F_NESTED] {
            let attributes = [key(80), configuration()].concat();
            let service = nest(IPVS_CMD_ATTR_SERVICE | flag, &attributes);
            is_carried_out(add(&[service]));
            assert_eq!(saved(), WEB);
            is_carried_out(Request::new(IPVS_CMD_FLUSH, &[]));
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_nest_too_short_for_an_attribute_is_out_of_range_unless_it_is_empty() {
    in_namespace(|| {
        for (command, kind) in [
            (IPVS_CMD_NEW_SERVICE, IPVS_CMD_ATTR_SERVICE),
            (IPVS_CMD_ZERO, IPVS_CMD_ATTR_SERVICE),
            (IPVS_CMD_NEW_DEST, IPVS_CMD_ATTR_DEST),
            (IPVS_CMD_NEW_DAEMON, IPVS_CMD_ATTR_DAEMON),
        ] {
            for length in 1..4 {
                let short = attribute(kind, &[0; 3][..length]);
                is_refused(Request::new(command, &[short]), Errno::ERANGE);
            }
            is_refused(
                Request::new(command, &[attribute(kind, &[])]),
                Errno::EINVAL,
            );
        }
    });
}
