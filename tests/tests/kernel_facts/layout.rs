//! What the messages of the kernel are made of.

use ipvs_lab::in_namespace;
use ipvs_sys::Errno;
use ipvs_sys::constants::{
    IPVS_CMD_ATTR_DAEMON, IPVS_CMD_ATTR_SERVICE, IPVS_CMD_ATTR_TIMEOUT_TCP,
    IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, IPVS_CMD_ATTR_TIMEOUT_UDP, IPVS_CMD_GET_CONFIG,
    IPVS_CMD_GET_DEST, IPVS_CMD_GET_INFO, IPVS_CMD_GET_SERVICE, IPVS_CMD_NEW_DAEMON,
    IPVS_CMD_NEW_SERVICE, IPVS_CMD_SET_CONFIG, IPVS_CMD_SET_INFO, IPVS_DAEMON_ATTR_STATE,
    IPVS_INFO_ATTR_CONN_TAB_SIZE, IPVS_INFO_ATTR_VERSION, IPVS_SVC_ATTR_AF,
};
use netlink_sys::SocketAddr;

use crate::attributes::{attribute, named, nest, service, split, value};
use crate::wire::{ACK_TLVS, Answer, CAPPED, NLMSG_DONE, NLMSG_ERROR, Request, Wire};

/// What may follow the outcome.
const NLMSGERR_ATTR_MSG: u16 = 1;
const NLMSGERR_ATTR_OFFS: u16 = 2;
const SAID: &[u8] = b"Attribute failed policy validation\0";

/// A timeout of one byte in the place of four.
fn too_short() -> Request {
    let timeout = attribute(IPVS_CMD_ATTR_TIMEOUT_TCP, &[1]);
    Request::new(IPVS_CMD_SET_CONFIG, &[timeout])
}

/// The kernel's one answer to a request that it does not acknowledge.
#[track_caller]
fn refusal(wire: &mut Wire, request: Request) -> Answer {
    let answer = wire.get(request);
    assert_eq!(answer.kind, NLMSG_ERROR);
    answer
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_reading_is_answered_and_then_acknowledged_where_that_is_asked_for() {
    in_namespace(|| {
        for (command, answered, length) in [
            (IPVS_CMD_GET_INFO, IPVS_CMD_SET_INFO, 36),
            (IPVS_CMD_GET_CONFIG, IPVS_CMD_SET_CONFIG, 44),
        ] {
            let question = Request::new(command, &[]);
            let answers = Wire::open().converse(&[question.clone(), question.silent()]);
            let [answer, acknowledgement, again] = answers.as_slice() else {
                panic!("{answers:?}");
            };
            assert_eq!((answer.payload[0], answer.length()), (answered, length));
            assert_eq!((answer.flags, answer.payload[1]), (0, 1));
            assert_eq!(acknowledgement.length(), 36);
            assert_eq!(acknowledgement.flags, CAPPED);
            assert_eq!(acknowledgement.outcome(), None);
            assert_eq!(again.payload, answer.payload);
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_attributes_of_the_info_have_numbers_of_their_own() {
    in_namespace(|| {
        let numbers = |command| -> Vec<_> {
            let answer = Wire::open().get(Request::new(command, &[]));
            answer.attributes().into_iter().map(|it| it.0).collect()
        };
        assert_eq!(
            numbers(IPVS_CMD_GET_INFO),
            [IPVS_INFO_ATTR_VERSION, IPVS_INFO_ATTR_CONN_TAB_SIZE]
        );
        assert_eq!(
            numbers(IPVS_CMD_GET_CONFIG),
            [
                IPVS_CMD_ATTR_TIMEOUT_TCP,
                IPVS_CMD_ATTR_TIMEOUT_TCP_FIN,
                IPVS_CMD_ATTR_TIMEOUT_UDP
            ]
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn answers_are_the_kernels_and_addressed_to_the_port_of_the_socket() {
    in_namespace(|| {
        let mut wire = Wire::open();
        wire.send(&[Request::new(IPVS_CMD_GET_INFO, &[])]).unwrap();
        let (datagram, sender) = wire.socket.recv_from_full().unwrap();
        assert_eq!(sender, SocketAddr::new(0, 0));
        let answers = crate::wire::messages(&datagram);
        assert_ne!(wire.port, 0);
        assert!(answers.iter().all(|answer| answer.port == wire.port));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn no_answer_carries_a_flag_on_the_number_of_an_attribute() {
    in_namespace(|| {
        let mut wire = Wire::open();
        let added = Request::new(IPVS_CMD_NEW_SERVICE, &[service(80)]);
        assert_eq!(wire.ask(added), None);
        let answer = wire.get(Request::new(IPVS_CMD_GET_SERVICE, &[named(80)]));
        let nested = answer.nested();
        // The statistics are nests, too.
        let all = [answer.attributes(), nested.clone()].concat();
        assert!(all.iter().all(|(kind, _)| *kind <= 12), "{all:?}");
        assert_eq!(value(&nested, IPVS_SVC_ATTR_AF), [2, 0]);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_refusal_holds_the_whole_request_unless_it_is_to_be_capped() {
    in_namespace(|| {
        let exists = Request::new(IPVS_CMD_NEW_SERVICE, &[service(80)]);
        let mut wire = Wire::open();
        assert_eq!(wire.ask(exists.clone()), None);
        let sent = wire.datagram(&[exists.clone().silent()]);
        wire.send_bytes(&sent).unwrap();
        let answers = wire.answers();
        assert_eq!(answers[0].flags, 0);
        assert_eq!(answers[0].length(), 20 + sent.len());
        assert_eq!(answers[0].payload[4..], sent);

        wire.socket.set_cap_ack(true).unwrap();
        let answer = refusal(&mut wire, exists);
        assert_eq!(answer.outcome(), Some(Errno::EEXIST));
        assert_eq!((answer.flags, answer.length()), (CAPPED, 36));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_the_parser_says_stands_behind_the_request_or_what_is_left_of_it() {
    in_namespace(|| {
        for capped in [false, true] {
            let mut wire = Wire::open();
            wire.socket.set_ext_ack(true).unwrap();
            wire.socket.set_cap_ack(capped).unwrap();
            // Its length is 25, so that there is padding behind it.
            let mut request = too_short();
            request.attributes.truncate(5);
            let sent = wire.datagram(&[request.clone()]).len();
            assert_eq!(sent, 25);

            let answer = refusal(&mut wire, request);
            assert_eq!(answer.outcome(), Some(Errno::ERANGE));
            let (flags, request) = if capped {
                (ACK_TLVS | CAPPED, 16)
            } else {
                (ACK_TLVS, 28)
            };
            assert_eq!(answer.flags, flags);
            let said = split(&answer.payload[4 + request..]);
            assert_eq!(value(&said, NLMSGERR_ATTR_MSG), SAID);
            let offset = 20u32.to_ne_bytes();
            assert_eq!(value(&said, NLMSGERR_ATTR_OFFS), offset);
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_parser_speaks_of_a_daemon_and_nothing_ever_speaks_of_a_service() {
    in_namespace(|| {
        let short = |outer, inner| nest(outer, &[attribute(inner, &[1])]);
        let daemon = short(IPVS_CMD_ATTR_DAEMON, IPVS_DAEMON_ATTR_STATE);
        let service = short(IPVS_CMD_ATTR_SERVICE, IPVS_SVC_ATTR_AF);
        for (command, attribute, flags) in [
            (IPVS_CMD_NEW_DAEMON, daemon, ACK_TLVS),
            (IPVS_CMD_NEW_SERVICE, service, 0),
            (IPVS_CMD_GET_SERVICE, named(80), 0),
        ] {
            let mut wire = Wire::open();
            wire.socket.set_ext_ack(true).unwrap();
            let answer = refusal(&mut wire, Request::new(command, &[attribute]));
            assert_eq!(answer.flags & ACK_TLVS, flags, "{command}");
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_end_of_a_dump_that_succeeds_may_say_what_was_wrong_with_it() {
    in_namespace(|| {
        let mut wire = Wire::open();
        wire.socket.set_ext_ack(true).unwrap();
        let dump = Request::dump(IPVS_CMD_GET_DEST, &[too_short().attributes]);
        let answers = wire.converse(&[dump]);
        let [end] = answers.as_slice() else {
            panic!("{answers:?}");
        };
        assert_eq!((end.kind, end.outcome()), (NLMSG_DONE, None));
        assert_eq!(end.flags & ACK_TLVS, ACK_TLVS);
        let said = split(&end.payload[4..]);
        assert_eq!(value(&said, NLMSGERR_ATTR_MSG), SAID);
    });
}
