//! How a connection asks, and puts answers together that come in pieces.

mod common;

use std::time::{Duration, Instant};

use common::scripted_kernel::{CONTROLLER, ScriptedKernel, datagram};
use common::{FAMILY, flush, payload, service, services};
use ipvs_sys::{Command, Conversation, Error, IpvsMessage};
use netlink_packet_core::{NLM_F_ACK, NLM_F_DUMP, NLM_F_REQUEST, NLMSG_NOOP};

fn get_info() -> IpvsMessage {
    IpvsMessage::new(Command::GetInfo, vec![])
}

#[test]
fn a_connection_can_be_moved_to_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<Conversation>();
}

#[test]
fn the_number_of_the_family_is_asked_for_once_and_used_from_then_on() {
    let kernel = ScriptedKernel::new()
        .then(|request| {
            assert_eq!(request.kind, CONTROLLER);
            assert_eq!(request.flags, NLM_F_REQUEST | NLM_F_ACK);
            // CTRL_CMD_GETFAMILY, version 2.
            assert_eq!(request.payload()[..4], [3, 2, 0, 0]);
            // CTRL_ATTR_FAMILY_NAME.
            assert_eq!(request.payload()[4..], common::attribute(2, b"IPVS\0"));
            vec![datagram([request.family(29), request.ack()])]
        })
        .then(|request| {
            assert_eq!(request.kind, 29);
            vec![datagram([request.ack()])]
        })
        .then(|request| {
            assert_eq!(request.kind, 29);
            vec![datagram([request.ack()])]
        });
    let mut connection = Conversation::over(Box::new(kernel)).unwrap();
    connection.execute(flush()).unwrap();
    connection.execute(flush()).unwrap();
}

#[test]
fn a_write_asks_for_an_acknowledgement_and_a_dump_for_everything() {
    let (mut kernel, requests) = ScriptedKernel::new()
        .then(|request| vec![datagram([request.ack()])])
        .then(|request| vec![datagram([request.done()])])
        .connect();
    kernel.execute(service(1)).unwrap();
    services(&mut kernel).1.unwrap();

    let requests = requests.lock().unwrap();
    let [write, dump] = &requests[..] else {
        panic!("two requests, not {requests:?}");
    };
    assert_eq!(write.kind, FAMILY);
    assert_eq!(write.flags, NLM_F_REQUEST | NLM_F_ACK);
    assert_eq!(write.payload(), payload(&service(1)));
    assert_eq!(dump.kind, FAMILY);
    assert_eq!(dump.flags, NLM_F_REQUEST | NLM_F_DUMP);
    assert_eq!(dump.payload(), [4, 1, 0, 0]);
    for request in [write, dump] {
        // The kernel puts in the sender's port itself.
        assert_eq!(request.bytes[12..16], [0; 4]);
    }
}

#[test]
fn each_request_has_a_sequence_number_of_its_own() {
    let mut kernel = ScriptedKernel::new();
    for _ in 0..20 {
        kernel = kernel.then(|request| vec![datagram([request.ack()])]);
    }
    let (mut kernel, requests) = kernel.connect();
    for _ in 0..20 {
        kernel.execute(flush()).unwrap();
    }
    let requests = requests.lock().unwrap();
    let mut numbers: Vec<_> = requests.iter().map(|request| request.sequence).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 20);
}

#[test]
fn an_answer_and_its_acknowledgement_come_together_or_apart() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|request| vec![datagram([request.answer(&service(1)), request.ack()])])
        .then(|request| {
            vec![
                datagram([request.answer(&service(2))]),
                datagram([request.ack()]),
            ]
        })
        .connect();
    assert_eq!(kernel.get(get_info()).unwrap(), service(1));
    assert_eq!(kernel.get(get_info()).unwrap(), service(2));
}

#[test]
fn a_dump_in_three_pieces_is_one_answer() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|request| {
            let [a, b, c, d] = [1, 2, 3, 4].map(|mark| request.entry(&service(mark)));
            vec![
                datagram([a, b]),
                datagram([c]),
                datagram([d]),
                datagram([request.done()]),
            ]
        })
        .connect();
    let (entries, outcome) = services(&mut kernel);
    outcome.unwrap();
    assert_eq!(entries, [1, 2, 3, 4].map(service));
}

#[test]
fn a_dump_that_ends_in_the_datagram_of_its_entries_is_complete() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|request| {
            let [a, b] = [1, 2].map(|mark| request.entry(&service(mark)));
            vec![datagram([a, b, request.done()])]
        })
        .connect();
    let (entries, outcome) = services(&mut kernel);
    outcome.unwrap();
    assert_eq!(entries, [1, 2].map(service));
}

#[test]
fn a_dump_of_nothing_is_empty() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|request| vec![datagram([request.done()])])
        .connect();
    let (entries, outcome) = services(&mut kernel);
    outcome.unwrap();
    assert_eq!(entries, []);
}

#[test]
fn what_is_left_of_an_earlier_request_is_skipped_without_loss() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|_| vec![])
        .then(|request| {
            let mut earlier = request.clone();
            earlier.sequence -= 1;
            vec![
                datagram([earlier.entry(&service(90)), request.entry(&service(1))]),
                datagram([earlier.entry(&service(91))]),
                datagram([earlier.done(), request.entry(&service(2))]),
                datagram([earlier.ack(), request.done()]),
            ]
        })
        .connect();
    kernel.set_patience(Duration::ZERO);
    let given_up = kernel.execute(flush());
    assert!(matches!(given_up, Err(Error::TimedOut(_))), "{given_up:?}");

    kernel.set_patience(Duration::from_secs(10));
    let (entries, outcome) = services(&mut kernel);
    outcome.unwrap();
    assert_eq!(entries, [1, 2].map(service));
}

#[test]
fn a_late_refusal_is_not_taken_for_the_next_answer() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|_| vec![])
        .then(|request| {
            let mut earlier = request.clone();
            earlier.sequence -= 1;
            let late = earlier.refusal(ipvs_sys::Errno::EEXIST);
            vec![datagram([late]), datagram([request.ack()])]
        })
        .connect();
    kernel.set_patience(Duration::ZERO);
    kernel.execute(service(1)).unwrap_err();
    kernel.set_patience(Duration::from_secs(10));
    kernel.execute(service(2)).unwrap();
}

#[test]
fn a_message_that_says_nothing_is_passed_over() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|request| {
            // Of 17 bytes, so that the next begins three later.
            let nothing = request.message(NLMSG_NOOP, 0, &[9]);
            vec![datagram([
                nothing.clone(),
                request.answer(&service(1)),
                nothing,
                request.ack(),
            ])]
        })
        .connect();
    assert_eq!(kernel.get(get_info()).unwrap(), service(1));
}

#[test]
fn the_pieces_of_an_answer_share_one_deadline() {
    let (mut kernel, requests) = ScriptedKernel::new()
        .then(|request| {
            vec![
                datagram([request.entry(&service(1))]),
                datagram([request.entry(&service(2))]),
                datagram([request.done()]),
            ]
        })
        .connect();
    services(&mut kernel).1.unwrap();
    let deadlines = &requests.lock().unwrap()[0].deadlines;
    assert_eq!(deadlines.len(), 3);
    assert!(deadlines.iter().all(|deadline| *deadline == deadlines[0]));
}

#[test]
fn patience_without_end_is_patience() {
    let (mut kernel, requests) = ScriptedKernel::new()
        .then(|request| vec![datagram([request.ack()])])
        .connect();
    kernel.set_patience(Duration::MAX);
    assert_eq!(kernel.patience(), Duration::MAX);
    kernel.execute(flush()).unwrap();
    let deadline = requests.lock().unwrap()[0].deadlines[0];
    let half_a_century = Duration::from_secs(50 * 365 * 86_400);
    assert!(deadline - Instant::now() > half_a_century);
}

/// What an answer has behind the generic netlink header.
fn attributes(message: &IpvsMessage) -> Vec<u8> {
    payload(message).split_off(4)
}

#[test]
fn answers_can_be_had_as_they_came() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|request| vec![datagram([request.answer(&service(1)), request.ack()])])
        .then(|request| {
            let entries = [1, 2].map(|mark| request.entry(&service(mark)));
            vec![datagram(entries), datagram([request.done()])]
        })
        .connect();
    let mut one = Vec::new();
    let keep = |bytes: &[u8]| {
        one.push(bytes.to_vec());
        Ok(())
    };
    kernel.get_bytes(get_info(), keep).unwrap();
    assert_eq!(one, [attributes(&service(1))]);
    let mut several = Vec::new();
    let dumped = kernel.dump_bytes(IpvsMessage::new(Command::GetService, vec![]), |bytes| {
        several.push(bytes.to_vec());
        Ok(())
    });
    dumped.unwrap();
    assert_eq!(several, [1, 2].map(|mark| attributes(&service(mark))));
}

#[test]
fn an_answer_that_never_came_or_is_cut_short_is_none() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|request| vec![datagram([request.ack()])])
        .then(|request| {
            let cut = request.message(request.kind, 0, &[1, 1, 0]);
            vec![datagram([cut, request.ack()])]
        })
        .connect();
    let outcome = kernel.get_bytes(get_info(), |_| Ok(()));
    assert!(matches!(outcome, Err(Error::NoAnswer)), "{outcome:?}");
    let outcome = kernel.get_bytes(get_info(), |_| Ok(()));
    assert!(matches!(outcome, Err(Error::Decode(_))), "{outcome:?}");
}
