//! Dumps: their pieces, and what may come between them.

use std::ops::Range;

use ipvs_lab::in_namespace;
use ipvs_sys::Errno;
use ipvs_sys::constants::{
    IPVS_CMD_ATTR_SERVICE, IPVS_CMD_GET_DAEMON, IPVS_CMD_GET_DEST, IPVS_CMD_GET_INFO,
    IPVS_CMD_GET_SERVICE, IPVS_CMD_NEW_DEST, IPVS_CMD_NEW_SERVICE, IPVS_DEST_ATTR_ADDR,
    IPVS_SVC_ATTR_AF,
};

use crate::attributes::{attribute, destination, key, named, nest, service, value};
use crate::wire::{ACK, Answer, DUMP, MULTI, NLMSG_DONE, NLMSG_ERROR, REQUEST, Request, Wire};

/// The longest first piece on a socket that never received anything, with pages of 4 KiB.
const SHORT: usize = 3776;
/// The longest piece of all.
const LONG: usize = 32448;
/// An entry is not longer than this.
const ENTRY: usize = 400;

/// TCP 192.0.2.10:80 with destinations of these numbers.
pub(crate) fn fill(numbers: Range<u16>) {
    let mut requests = vec![Request::new(IPVS_CMD_NEW_SERVICE, &[service(80)])];
    requests.extend(
        numbers.map(|number| Request::new(IPVS_CMD_NEW_DEST, &[named(80), destination(number)])),
    );
    carry_out(requests);
}

/// TCP 192.0.2.10 with ports of these numbers.
pub(crate) fn fill_services(ports: Range<u16>) {
    carry_out(ports.map(|port| Request::new(IPVS_CMD_NEW_SERVICE, &[service(port)])));
}

#[track_caller]
pub(crate) fn carry_out(requests: impl IntoIterator<Item = Request>) {
    let silent: Vec<_> = requests.into_iter().map(Request::silent).collect();
    let answers = Wire::open().converse(&silent);
    assert!(answers.is_empty(), "{answers:?}");
}

pub(crate) fn destinations() -> Request {
    Request::dump(IPVS_CMD_GET_DEST, &[named(80)])
}

pub(crate) fn services() -> Request {
    Request::dump(IPVS_CMD_GET_SERVICE, &[])
}

fn length(piece: &[Answer]) -> usize {
    piece.iter().map(Answer::length).sum()
}

/// What identifies the entries, without the end of the dump.
pub(crate) fn entries(answers: &[Answer], attribute: u16) -> Vec<Vec<u8>> {
    let entries = answers.iter().filter(|answer| answer.kind != NLMSG_DONE);
    entries
        .map(|answer| value(&answer.nested(), attribute).to_vec())
        .collect()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_end_of_a_dump_comes_in_a_datagram_of_its_own() {
    in_namespace(|| {
        fill(0..3);
        for (dump, messages) in [
            (destinations(), 3),
            (services(), 1),
            (Request::dump(IPVS_CMD_GET_DAEMON, &[]), 0),
        ] {
            let mut wire = Wire::open();
            wire.send(&[dump]).unwrap();
            let mut pieces = wire.pieces();
            let end = pieces.pop().unwrap();
            assert_eq!(end.len(), 1);
            assert_eq!((end[0].kind, end[0].length()), (NLMSG_DONE, 20));
            assert_eq!(end[0].outcome(), None);
            let before = pieces.concat();
            assert_eq!(before.len(), messages);
            assert!(before.iter().all(|answer| answer.flags & MULTI != 0));
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_dump_is_not_acknowledged_even_where_that_is_asked_for() {
    in_namespace(|| {
        fill(0..3);
        let dump = destinations().flags(REQUEST | DUMP | ACK);
        let kinds: Vec<_> = Wire::open()
            .converse(&[dump])
            .iter()
            .map(|answer| answer.kind)
            .collect();
        assert_eq!(kinds.len(), 4);
        assert!(!kinds.contains(&NLMSG_ERROR), "{kinds:?}");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_dump_of_destinations_that_names_no_service_rightly_is_empty_and_no_error() {
    in_namespace(|| {
        fill(0..3);
        let unknown_family = [key(80), vec![attribute(IPVS_SVC_ATTR_AF, &[1, 0])]].concat();
        for wrong in [
            named(81),
            nest(IPVS_CMD_ATTR_SERVICE, &unknown_family),
            nest(IPVS_CMD_ATTR_SERVICE, &[]),
            attribute(IPVS_CMD_ATTR_SERVICE, &[1]),
            vec![],
        ] {
            let dump = Request::dump(IPVS_CMD_GET_DEST, &[wrong]);
            let answers = Wire::open().converse(&[dump]);
            assert_eq!(answers.len(), 1);
            assert_eq!(answers[0].outcome(), None);
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_first_piece_on_a_fresh_socket_is_short_and_the_others_are_not() {
    in_namespace(|| {
        fill(0..300);
        let mut wire = Wire::open();
        wire.send(&[destinations()]).unwrap();
        let lengths: Vec<_> = wire.pieces().iter().map(|piece| length(piece)).collect();
        assert!((SHORT - ENTRY..=SHORT).contains(&lengths[0]), "{lengths:?}");
        assert!((LONG - ENTRY..=LONG).contains(&lengths[1]), "{lengths:?}");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn once_a_long_buffer_was_offered_every_piece_is_long_and_none_is_longer() {
    in_namespace(|| {
        fill(0..300);
        let mut wire = Wire::open();
        wire.send(&[Request::new(IPVS_CMD_GET_INFO, &[])]).unwrap();
        let room = 1024 * 1024;
        while wire.receive(room).is_ok() {}

        wire.send(&[destinations()]).unwrap();
        let mut lengths = Vec::new();
        while let Ok((_, length)) = wire.receive(room) {
            lengths.push(length);
        }
        let [full @ .., _, 20] = lengths.as_slice() else {
            panic!("{lengths:?}");
        };
        assert!(!full.is_empty(), "{lengths:?}");
        for length in full {
            assert!((LONG - ENTRY..=LONG).contains(length), "{lengths:?}");
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn of_a_piece_that_does_not_fit_the_rest_is_lost() {
    in_namespace(|| {
        fill(0..300);
        let mut wire = Wire::open();
        let all = wire.converse(&[destinations()]).len();

        wire.send(&[destinations()]).unwrap();
        let (datagram, needed) = wire.receive(1000).unwrap();
        assert_eq!(datagram.len(), 1000);
        assert!(needed > LONG - ENTRY, "{needed}");
        let left = wire.answers().len();
        let entry = u32::from_ne_bytes(datagram[..4].try_into().unwrap());
        assert_eq!(left, all - needed / usize::try_from(entry).unwrap());
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_second_dump_is_refused_while_the_first_is_open_and_goes_on() {
    in_namespace(|| {
        fill(0..300);
        let mut wire = Wire::open();
        wire.send(&[destinations()]).unwrap();
        wire.send(&[services()]).unwrap();
        let answers = wire.answers();
        let (first, second): (Vec<_>, Vec<_>) =
            answers.into_iter().partition(|answer| answer.sequence == 1);
        assert_eq!(entries(&first, IPVS_DEST_ATTR_ADDR).len(), 300);
        assert_eq!(second.len(), 1);
        assert_eq!(second[0].outcome(), Some(Errno::EBUSY));

        // It ended with the end of the first.
        let answers = wire.converse(&[services()]);
        assert_eq!(answers.last().unwrap().outcome(), None);
    });
}

/// Even if both are short: the end of the first is made when its one piece was read.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn of_two_dumps_in_one_datagram_the_second_is_refused_unless_the_first_is_empty() {
    in_namespace(|| {
        let ends = || {
            let answers = Wire::open().converse(&[services(), services()]);
            let mut ends: Vec<_> = answers
                .iter()
                .filter(|answer| [NLMSG_DONE, NLMSG_ERROR].contains(&answer.kind))
                .map(|answer| (answer.sequence, answer.kind, answer.outcome()))
                .collect();
            ends.sort_by_key(|(sequence, ..)| *sequence);
            ends
        };
        assert_eq!(ends(), [(1, NLMSG_DONE, None), (2, NLMSG_DONE, None)]);
        fill_services(1..2);
        let refused = (2, NLMSG_ERROR, Some(Errno::EBUSY));
        assert_eq!(ends(), [(1, NLMSG_DONE, None), refused]);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn other_requests_are_answered_between_the_pieces_of_a_dump() {
    in_namespace(|| {
        fill(0..300);
        let mut wire = Wire::open();
        wire.send(&[destinations()]).unwrap();
        wire.next().unwrap();
        wire.send(&[Request::new(IPVS_CMD_GET_INFO, &[])]).unwrap();
        let sequences: Vec<_> = wire.answers().iter().map(|it| it.sequence).collect();
        let answered = sequences.iter().position(|it| *it == 2).unwrap();
        assert_eq!(sequences[answered + 1], 2, "its acknowledgement");
        let dumped_after = sequences[answered + 2..].iter().filter(|it| **it == 1);
        assert!(dumped_after.count() > 100, "{sequences:?}");
    });
}
