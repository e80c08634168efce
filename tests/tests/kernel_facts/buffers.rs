//! Batches of requests, and the buffers of the socket that hold them and their answers.

use ipvs_lab::in_namespace;
use ipvs_sys::Errno;
use ipvs_sys::constants::{
    IPVS_CMD_DEL_SERVICE, IPVS_CMD_GET_INFO, IPVS_CMD_GET_SERVICE, IPVS_CMD_NEW_SERVICE,
};
use nix::sys::socket::{getsockopt, setsockopt, sockopt};

use crate::alone::wait_to_be_alone;
use crate::attributes::{named, service};
use crate::common::{client, saved};
use crate::wire::{ACK, Answer, NLMSG_ERROR, REQUEST, Request, Wire};

fn add(port: u16) -> Request {
    Request::new(IPVS_CMD_NEW_SERVICE, &[service(port)])
}

fn info() -> Request {
    Request::new(IPVS_CMD_GET_INFO, &[])
}

fn services() -> usize {
    client().services().unwrap().len()
}

/// What a message is to the request that it answers.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    /// With what was asked for.
    Answered,
    Done,
    Refused(Errno),
}

use Said::{Answered, Done, Refused};

/// What the kernel says of which request.
fn said(answers: &[Answer]) -> Vec<(u32, Said)> {
    let said = |answer: &Answer| match answer.kind {
        NLMSG_ERROR => answer.outcome().map_or(Done, Refused),
        _ => Answered,
    };
    answers
        .iter()
        .map(|answer| (answer.sequence, said(answer)))
        .collect()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_batch_is_carried_out_and_answered_in_order_before_the_sending_is_over() {
    in_namespace(|| {
        let answers = Wire::open().converse(&[
            add(80),
            Request::new(IPVS_CMD_GET_SERVICE, &[named(80)]),
            Request::new(IPVS_CMD_DEL_SERVICE, &[named(80)]),
        ]);
        assert_eq!(
            said(&answers),
            [(1, Done), (2, Answered), (2, Done), (3, Done)]
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_error_does_not_stop_a_batch_and_the_whole_of_it_counts_as_sent() {
    in_namespace(|| {
        let mut wire = Wire::open();
        let batch = wire.datagram(&[add(80), add(80), add(81)]);
        assert_eq!(wire.send_bytes(&batch).unwrap(), batch.len());
        let exists = Refused(Errno::EEXIST);
        assert_eq!(said(&wire.answers()), [(1, Done), (2, exists), (3, Done)]);
        assert_eq!(
            saved(),
            "-A -t 192.0.2.10:80 -s rr\n-A -t 192.0.2.10:81 -s rr"
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn without_an_acknowledgement_success_is_silent_and_a_refusal_is_not() {
    in_namespace(|| {
        let batch = [add(80), add(80), add(81)].map(Request::silent);
        let answers = Wire::open().converse(&batch);
        assert_eq!(said(&answers), [(2, Refused(Errno::EEXIST))]);
        assert_eq!(services(), 2);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn one_acknowledgement_is_enough_for_a_long_batch() {
    in_namespace(|| {
        wait_to_be_alone();
        let mut batch: Vec<_> = (1..=1500).map(|port| add(port).silent()).collect();
        batch.push(info().flags(REQUEST | ACK));
        let answers = Wire::open().converse(&batch);
        assert_eq!(said(&answers), [(1501, Answered), (1501, Done)]);
        assert_eq!(services(), 1500);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_batch_ends_without_a_word_at_a_length_that_cannot_be() {
    in_namespace(|| {
        for wrong in [0u32, 15, 100_000] {
            let mut wire = Wire::open();
            let mut batch = wire.datagram(&[add(80)]);
            let first = batch.len();
            batch.extend(wire.datagram(&[add(81), add(82)]));
            batch[first..first + 4].copy_from_slice(&wrong.to_ne_bytes());
            assert_eq!(wire.send_bytes(&batch).unwrap(), batch.len());
            assert_eq!(said(&wire.answers()), [(1, Done)]);
            assert_eq!(saved(), "-A -t 192.0.2.10:80 -s rr", "{wrong}");
            client().flush().unwrap();
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_is_no_request_is_acknowledged_and_not_carried_out() {
    in_namespace(|| {
        let noop = Request {
            kind: Some(1),
            ..add(81)
        };
        let answers = Wire::open().converse(&[add(80).flags(ACK), noop, add(82).flags(0)]);
        assert_eq!(said(&answers), [(1, Done), (2, Done)]);
        assert_eq!(services(), 0);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_batch_beyond_the_send_buffer_is_not_sent_at_all() {
    in_namespace(|| {
        let mut wire = Wire::open();
        let room = getsockopt(&wire.socket, sockopt::SndBuf).unwrap() - 32;
        let mut batch = wire.datagram(&[add(80)]);
        // Zeros end a batch, and count.
        batch.resize(room + 1, 0);
        let error = wire.send_bytes(&batch).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(Errno::EMSGSIZE as i32));
        assert_eq!(said(&wire.answers()), []);
        assert_eq!(services(), 0);

        batch.truncate(room);
        assert_eq!(wire.send_bytes(&batch).unwrap(), room);
        assert_eq!(said(&wire.answers()), [(1, Done)]);
        assert_eq!(services(), 1);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_send_buffer_that_is_forced_takes_thousands_of_requests() {
    in_namespace(|| {
        wait_to_be_alone();
        let mut wire = Wire::open();
        let batch: Vec<_> = (1..=8000).map(|port| add(port).silent()).collect();
        let batch = wire.datagram(&batch);
        let error = wire.send_bytes(&batch).unwrap_err();
        assert_eq!(error.raw_os_error(), Some(Errno::EMSGSIZE as i32));
        setsockopt(&wire.socket, sockopt::SndBufForce, &(1 << 20)).unwrap();
        assert_eq!(wire.send_bytes(&batch).unwrap(), batch.len());
        assert_eq!(said(&wire.answers()), []);
        assert_eq!(services(), 8000);
    });
}

/// More requests than the receive buffer has room for answers to, in one datagram.
const TOO_MANY: u16 = 600;

/// A socket on which answers were dropped, and that has not told it yet.
fn overrun() -> Wire {
    let mut wire = Wire::open();
    let batch: Vec<_> = (1..=TOO_MANY).map(add).collect();
    wire.send(&batch).unwrap();
    wire
}

#[track_caller]
fn assert_says_that_it_was_overrun(wire: &Wire) {
    let error = wire.next().unwrap_err();
    assert_eq!(error.raw_os_error(), Some(Errno::ENOBUFS as i32));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn answers_are_dropped_where_there_is_no_room_and_the_requests_are_carried_out() {
    in_namespace(|| {
        wait_to_be_alone();
        let wire = overrun();
        // Said once, and before the answers that there was room for, which are the first.
        assert_says_that_it_was_overrun(&wire);
        let answers = said(&wire.answers());
        let first = (1..).map(|sequence| (sequence, Done)).take(answers.len());
        assert_eq!(answers, first.collect::<Vec<_>>());
        assert!((100..500).contains(&answers.len()), "{}", answers.len());
        assert_eq!(services(), usize::from(TOO_MANY));
    });
}

/// What is budgeted for on newer kernels is less.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_default_receive_buffer_holds_277_acknowledgements_on_6_1() {
    in_namespace(|| {
        let wire = overrun();
        assert_eq!(getsockopt(&wire.socket, sockopt::RcvBuf), Ok(212_992));
        assert_says_that_it_was_overrun(&wire);
        assert_eq!(wire.answers().len(), 277);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_socket_that_was_overrun_hears_nothing_until_it_is_drained() {
    in_namespace(|| {
        let mut wire = overrun();
        assert_says_that_it_was_overrun(&wire);
        // There would be room for these.
        for _ in 0..100 {
            wire.next().unwrap();
        }
        wire.send(&[info()]).unwrap();
        let lost = u32::from(TOO_MANY) + 1;
        let answers = wire.answers();
        assert!(!answers.is_empty());
        assert!(answers.iter().all(|answer| answer.sequence < lost));

        let answers = wire.converse(&[info()]);
        assert_eq!(said(&answers), [(lost + 1, Answered), (lost + 1, Done)]);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn answers_are_dropped_without_a_word_where_nobody_wants_to_know() {
    in_namespace(|| {
        wait_to_be_alone();
        let mut wire = Wire::open();
        wire.socket.set_no_enobufs(true).unwrap();
        let batch: Vec<_> = (1..=TOO_MANY).map(add).collect();
        let answers = wire.converse(&batch);
        assert!((100..500).contains(&answers.len()), "{}", answers.len());
        assert_eq!(services(), usize::from(TOO_MANY));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_receive_buffer_that_is_forced_is_doubled_and_holds_thousands_of_answers() {
    in_namespace(|| {
        let mut wire = Wire::open();
        let size = 8 << 20;
        // Without force, there is a limit for the whole system.
        setsockopt(&wire.socket, sockopt::RcvBuf, &size).unwrap();
        assert!(getsockopt(&wire.socket, sockopt::RcvBuf).unwrap() < size);

        setsockopt(&wire.socket, sockopt::RcvBufForce, &size).unwrap();
        assert_eq!(getsockopt(&wire.socket, sockopt::RcvBuf), Ok(2 * size));
        for thousand in 0..4 {
            let ports = (1..=1000).map(|port| thousand * 1000 + port);
            wire.send(&ports.map(add).collect::<Vec<_>>()).unwrap();
        }
        assert_eq!(wire.answers().len(), 4000);
    });
}
