//! Many requests in one send.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod common;

use std::time::Duration;

use common::scripted_kernel::{Delivery, Request, ScriptedKernel, datagram};
use common::{FAMILY, assert_same_bytes, emitted, flush};
use ipvs_sys::{
    Batch, CmdAttr, Command, Committed, DestAttr, Errno, Error, IpvsMessage, Nest, SvcAttr,
};
use netlink_packet_core::{NLM_F_ACK, NLM_F_REQUEST, NLMSG_ERROR, NLMSG_OVERRUN};
use netlink_packet_generic::GenlMessage;

/// Deletes the services with these marks.
fn deleting(marks: impl IntoIterator<Item = u32>) -> Batch {
    let mut batch = Batch::new();
    for mark in marks {
        let service = [SvcAttr::Af(2), SvcAttr::Fwmark(mark)];
        batch
            .push(Command::DelService, &[Nest::Service(&service)])
            .unwrap();
    }
    batch
}

/// The length of one of [`deleting`].
const ONE: usize = 16 + 4 + 4 + 8 + 8;

fn ack_of_last(requests: &[Request]) -> Vec<Delivery> {
    vec![datagram([requests.last().unwrap().ack()])]
}

#[track_caller]
fn refused(committed: &Committed) -> Vec<(usize, Option<Errno>)> {
    let refused = committed.refused.iter();
    refused
        .map(|(index, error)| (*index, error.errno()))
        .collect()
}

#[test]
fn requests_are_written_as_they_are_one_by_one_and_read_back() {
    let key = vec![SvcAttr::Af(2), SvcAttr::Fwmark(7)];
    let with_name = vec![SvcAttr::Af(10), SvcAttr::SchedName("rr".to_owned())];
    let mut batch = Batch::new();
    batch
        .push(Command::Zero, &[Nest::Service(&key), Nest::Dest(&[])])
        .unwrap();
    batch.push(Command::Flush, &[]).unwrap();
    batch
        .push(Command::NewService, &[Nest::Service(&with_name)])
        .unwrap();
    let messages = [
        IpvsMessage::new(
            Command::Zero,
            vec![CmdAttr::Service(key), CmdAttr::Dest(vec![])],
        ),
        flush(),
        IpvsMessage::new(Command::NewService, vec![CmdAttr::Service(with_name)]),
    ];
    for (index, message) in messages.iter().enumerate() {
        assert_eq!(batch.message(index).as_ref(), Some(message));
    }
    assert_eq!(batch.message(messages.len()), None);

    let (mut kernel, requests) = ScriptedKernel::new().then_to_batch(ack_of_last).connect();
    kernel.commit(&mut batch, 0).unwrap().answers.unwrap();
    for (request, message) in requests.lock().unwrap().iter().zip(messages) {
        let expected = emitted(&GenlMessage::from_payload(message));
        assert_same_bytes("a request of a batch", request.payload(), &expected);
    }
}

#[test]
fn the_last_request_alone_is_acknowledged_and_ends_the_send() {
    let (mut kernel, requests) = ScriptedKernel::new().then_to_batch(ack_of_last).connect();
    let committed = kernel.commit(&mut deleting(1..=5), 0).unwrap();
    committed.answers.unwrap();
    assert_eq!((committed.sent, committed.refused.len()), (0..5, 0));
    let requests = requests.lock().unwrap();
    let flags: Vec<_> = requests.iter().map(|request| request.flags).collect();
    let plain = NLM_F_REQUEST;
    assert_eq!(flags, [plain, plain, plain, plain, plain | NLM_F_ACK]);
    assert!(requests.iter().all(|request| request.kind == FAMILY));
    assert!(
        requests
            .windows(2)
            .all(|pair| pair[1].sequence == pair[0].sequence + 1)
    );
}

#[test]
fn a_refusal_belongs_to_its_request_and_does_not_stop_the_others() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then_to_batch(|requests| {
            let mut earlier = requests[0].clone();
            earlier.sequence -= 1;
            vec![
                datagram([
                    earlier.refusal(Errno::EPERM),
                    requests[1].refusal(Errno::ESRCH),
                ]),
                datagram([requests[3].refusal(Errno::EEXIST)]),
                datagram([requests[4].ack()]),
            ]
        })
        .connect();
    let committed = kernel.commit(&mut deleting(1..=5), 0).unwrap();
    let expected = [(1, Some(Errno::ESRCH)), (3, Some(Errno::EEXIST))];
    assert_eq!(refused(&committed), expected);
    committed.answers.unwrap();
}

#[test]
fn the_last_request_can_be_refused_as_well() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then_to_batch(|requests| vec![datagram([requests[2].refusal(Errno::ESRCH)])])
        .then(|request| vec![datagram([request.ack()])])
        .connect();
    let committed = kernel.commit(&mut deleting(1..=3), 0).unwrap();
    assert_eq!(refused(&committed), [(2, Some(Errno::ESRCH))]);
    committed.answers.unwrap();
    kernel.execute(flush()).unwrap();
}

#[test]
fn no_more_is_sent_than_the_buffers_hold() {
    // By length, and by answers; one at least, whatever the limit.
    for (bytes, answers, sizes) in [
        (3 * ONE + ONE - 1, 100, &[3, 3, 1][..]),
        (100 * ONE, 2, &[2, 2, 2, 1]),
        (1, 100, &[1; 7]),
        (100 * ONE, 0, &[1; 7]),
        (7 * ONE, 7, &[7]),
    ] {
        let script = ScriptedKernel::new().with_limits(bytes, answers);
        let script = sizes
            .iter()
            .fold(script, |script, _| script.then_to_batch(ack_of_last));
        let (mut kernel, _) = script.connect();
        let mut batch = deleting(1..=7);
        let (mut next, mut found) = (0, Vec::new());
        while next < batch.len() {
            let committed = kernel.commit(&mut batch, next).unwrap();
            assert_eq!(committed.sent.start, next);
            found.push(committed.sent.len());
            next = committed.sent.end;
        }
        assert_eq!(found, sizes);
    }
}

#[test]
fn what_was_too_long_after_all_is_sent_in_halves() {
    let mut script = ScriptedKernel::new().then_to_batch(ack_of_last);
    script.longest_send = Some(3 * ONE);
    let (mut kernel, _) = script.connect();
    let committed = kernel.commit(&mut deleting(1..=8), 0).unwrap();
    assert_eq!(committed.sent, 0..2);
}

#[test]
fn one_request_that_is_too_long_to_be_sent_is_an_error() {
    let mut script = ScriptedKernel::new();
    script.longest_send = Some(ONE);
    let (mut kernel, _) = script.connect();
    let mut batch = Batch::new();
    let name = [SvcAttr::SchedName("x".repeat(100))];
    batch
        .push(Command::NewService, &[Nest::Service(&name)])
        .unwrap();
    let error = kernel.commit(&mut batch, 0).unwrap_err();
    assert!(
        matches!(error, Error::Socket { call: "send", .. }),
        "{error:?}"
    );
}

#[test]
fn lost_answers_are_an_error_beside_those_that_came() {
    let losses: [fn(&Request) -> Delivery; 4] = [
        |request| datagram([request.message(NLMSG_ERROR, 0, &[])]),
        |_| Delivery::Oversized(1 << 20),
        |request| datagram([request.message(NLMSG_OVERRUN, 0, &[])]),
        |_| datagram([vec![7; 5]]),
    ];
    for loss in losses {
        let (mut kernel, _) = ScriptedKernel::new()
            .then_to_batch(move |requests| {
                vec![
                    datagram([requests[1].refusal(Errno::ESRCH)]),
                    loss(&requests[2]),
                ]
            })
            .then(|request| vec![datagram([request.ack()])])
            .connect();
        let committed = kernel.commit(&mut deleting(1..=5), 0).unwrap();
        assert_eq!(refused(&committed), [(1, Some(Errno::ESRCH))]);
        assert!(committed.answers.is_err());
        kernel.execute(flush()).unwrap();
    }
}

#[test]
fn after_an_overrun_the_answers_that_the_buffer_held_are_heard_out() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then_to_batch(|requests| {
            vec![
                Delivery::Failure(Errno::ENOBUFS),
                datagram([requests[0].refusal(Errno::ESRCH)]),
                Delivery::Oversized(1 << 20),
                datagram([requests[2].refusal(Errno::EEXIST)]),
            ]
        })
        .then(|request| vec![datagram([request.ack()])])
        .connect();
    let committed = kernel.commit(&mut deleting(1..=9), 0).unwrap();
    let expected = [(0, Some(Errno::ESRCH)), (2, Some(Errno::EEXIST))];
    assert_eq!(refused(&committed), expected);
    assert!(matches!(committed.answers, Err(Error::Overrun)));
    kernel.execute(flush()).unwrap();
}

#[test]
fn a_send_without_its_last_answer_times_out_and_late_answers_are_not_taken_for_others() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then_to_batch(|requests| vec![datagram([requests[0].refusal(Errno::ESRCH)])])
        .then_to_batch(|requests| {
            let mut late = requests[0].clone();
            late.sequence -= 1;
            vec![datagram([late.ack(), requests[1].ack()])]
        })
        .connect();
    kernel.set_patience(Duration::from_millis(1));
    let committed = kernel.commit(&mut deleting(1..=3), 0).unwrap();
    assert!(matches!(committed.answers, Err(Error::TimedOut(_))));
    assert_eq!(refused(&committed).len(), 1);
    kernel.set_patience(Duration::from_secs(10));
    let committed = kernel.commit(&mut deleting(1..=2), 0).unwrap();
    committed.answers.unwrap();
    assert_eq!(committed.refused.len(), 0);
}

#[test]
fn under_an_old_number_of_the_family_all_is_sent_once_more() {
    let gone = |requests: &[Request]| {
        let refusals = requests
            .iter()
            .map(|request| request.refusal(Errno::ENOENT));
        vec![datagram(refusals.collect::<Vec<_>>())]
    };
    let (mut kernel, requests) = ScriptedKernel::new()
        .then_to_batch(gone)
        .then_looks_up(FAMILY + 1)
        .then_to_batch(ack_of_last)
        .then_to_batch(gone)
        .then_looks_up(FAMILY + 1)
        .connect();
    let committed = kernel.commit(&mut deleting(1..=3), 0).unwrap();
    assert_eq!(refused(&committed), []);
    assert_eq!(requests.lock().unwrap().last().unwrap().kind, FAMILY + 1);
    // Where the number is the same, it is what the kernel says of the requests.
    let committed = kernel.commit(&mut deleting(1..=2), 0).unwrap();
    assert_eq!(
        refused(&committed),
        [0, 1].map(|index| (index, Some(Errno::ENOENT)))
    );
}

#[test]
fn a_batch_of_nothing_asks_nothing() {
    let (mut kernel, requests) = ScriptedKernel::new().connect();
    for (mut batch, first) in [
        (Batch::new(), 0),
        (deleting(1..=2), 2),
        (deleting(1..=2), 9),
    ] {
        let committed = kernel.commit(&mut batch, first).unwrap();
        assert!(committed.sent.is_empty() && committed.answers.is_ok());
    }
    assert_eq!(requests.lock().unwrap().len(), 0);
}

#[test]
fn what_cannot_be_written_is_not_in_the_batch() {
    let mut batch = deleting([1]);
    let name = [SvcAttr::SchedName("x".repeat(65_528))];
    let refused = batch.push(Command::NewService, &[Nest::Service(&name)]);
    assert!(matches!(refused, Err(Error::TooLong { .. })), "{refused:?}");
    // What comes behind it does not make it good.
    let dest = [DestAttr::Weight(1)];
    let nests = [Nest::Service(&name), Nest::Dest(&dest)];
    let refused = batch.push(Command::NewDest, &nests);
    assert!(matches!(refused, Err(Error::TooLong { .. })), "{refused:?}");
    let many = vec![SvcAttr::Fwmark(1); 9000];
    let refused = batch.push(Command::NewService, &[Nest::Service(&many)]);
    assert!(matches!(refused, Err(Error::TooLong { .. })), "{refused:?}");
    assert_eq!(batch.len(), 1);
    let (mut kernel, requests) = ScriptedKernel::new().then_to_batch(ack_of_last).connect();
    kernel.commit(&mut batch, 0).unwrap();
    assert_eq!(requests.lock().unwrap()[0].bytes.len(), ONE);
}

#[test]
fn a_cleared_batch_is_a_new_one() {
    let mut batch = deleting(1..=3);
    assert_eq!((batch.len(), batch.is_empty()), (3, false));
    batch.clear();
    assert_eq!((batch.len(), batch.is_empty()), (0, true));
    assert_eq!(batch.message(0), None);
    let again = deleting([9]);
    let service = [SvcAttr::Af(2), SvcAttr::Fwmark(9)];
    batch
        .push(Command::DelService, &[Nest::Service(&service)])
        .unwrap();
    assert_eq!(batch.message(0), again.message(0));
}
