//! What a connection makes of refusals, and of answers that are late, lost, cut or odd.

mod common;

use std::time::{Duration, Instant};

use common::scripted_kernel::{Delivery, Request, ScriptedKernel, datagram};
use common::{attribute, refusal, service};
use ipvs_sys::{Command, Errno, Error, IpvsMessage};
use netlink_packet_core::{
    NLM_F_ACK_TLVS, NLM_F_CAPPED, NLM_F_DUMP_INTR, NLM_F_MULTIPART, NLMSG_DONE, NLMSG_ERROR,
    NLMSG_NOOP, NLMSG_OVERRUN,
};

fn get_services() -> IpvsMessage {
    IpvsMessage::new(Command::GetService, vec![])
}

/// The code at the beginning of `NLMSG_ERROR` and `NLMSG_DONE`.
fn code(errno: Errno) -> [u8; 4] {
    (-(errno as i32)).to_ne_bytes()
}

/// What the kernel adds to a refusal: a text, and where in the request.
fn said_beside_it() -> Vec<u8> {
    let text = attribute(1, b"Attribute failed policy validation\0");
    let offset = attribute(2, &20u32.to_ne_bytes());
    // NLMSGERR_ATTR_POLICY, which is not read.
    let policy = attribute(4, &attribute(1, &[0; 8]));
    [text, offset, policy].concat()
}

/// What comes of adding a service that is answered with `step`.
fn adding(step: impl FnOnce(&Request) -> Vec<Delivery> + Send + 'static) -> Result<(), Error> {
    ScriptedKernel::new()
        .then(step)
        .connect()
        .0
        .execute(service(1))
}

/// What comes of a dump that is answered with `step`.
fn dumping(step: impl FnOnce(&Request) -> Vec<Delivery> + Send + 'static) -> Result<(), Error> {
    let (mut kernel, _) = ScriptedKernel::new().then(step).connect();
    kernel.dump(get_services(), |_| Ok(()))
}

#[test]
fn a_refusal_is_passed_on_as_its_errno() {
    let outcome = adding(|request| vec![datagram([request.refusal(Errno::EEXIST)])]);
    assert_eq!(refusal(outcome), (Errno::EEXIST, None));
}

#[test]
fn a_refused_read_has_no_answer() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|request| vec![datagram([request.refusal(Errno::ESRCH)])])
        .connect();
    assert_eq!(refusal(kernel.get(get_services())), (Errno::ESRCH, None));
}

#[test]
fn a_read_that_is_acknowledged_without_an_answer_is_an_error() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|request| vec![datagram([request.ack()])])
        .connect();
    let outcome = kernel.get(get_services());
    assert!(matches!(outcome, Err(Error::NoAnswer)), "{outcome:?}");
}

#[test]
fn text_and_offset_are_found_behind_the_refused_request_or_behind_its_header() {
    let whole = adding(|request| {
        let payload = [&code(Errno::EINVAL)[..], &request.bytes, &said_beside_it()].concat();
        vec![datagram([request.message(
            NLMSG_ERROR,
            NLM_F_ACK_TLVS,
            &payload,
        )])]
    });
    let capped = adding(|request| {
        let header = &request.bytes[..16];
        let payload = [&code(Errno::EINVAL), header, &said_beside_it()].concat();
        let flags = NLM_F_ACK_TLVS | NLM_F_CAPPED;
        vec![datagram([request.message(NLMSG_ERROR, flags, &payload)])]
    });
    for outcome in [whole, capped] {
        let (errno, ext_ack) = refusal(outcome);
        let ext_ack = ext_ack.unwrap();
        assert_eq!(errno, Errno::EINVAL);
        assert_eq!(
            ext_ack.message.as_deref(),
            Some("Attribute failed policy validation")
        );
        assert_eq!(ext_ack.offset, Some(20));
    }
}

#[test]
fn a_capped_refusal_without_text_has_none() {
    let outcome = adding(|request| {
        let payload = [&code(Errno::EPERM), &request.bytes[..16]].concat();
        vec![datagram([request.message(
            NLMSG_ERROR,
            NLM_F_CAPPED,
            &payload,
        )])]
    });
    assert_eq!(refusal(outcome), (Errno::EPERM, None));
}

#[test]
fn a_dump_can_fail_at_its_end() {
    let outcome = dumping(|request| {
        let payload = [&code(Errno::ENOMEM)[..], &said_beside_it()].concat();
        let flags = NLM_F_MULTIPART | NLM_F_ACK_TLVS;
        let done = request.message(NLMSG_DONE, flags, &payload);
        vec![datagram([request.entry(&service(1))]), datagram([done])]
    });
    let (errno, ext_ack) = refusal(outcome);
    assert_eq!((errno, ext_ack.unwrap().offset), (Errno::ENOMEM, Some(20)));
}

#[test]
fn a_dump_can_be_refused() {
    let outcome = dumping(|request| vec![datagram([request.refusal(Errno::ENOMEM)])]);
    assert_eq!(refusal(outcome), (Errno::ENOMEM, None));
}

#[test]
fn a_dump_that_was_interrupted_says_so_at_its_end() {
    let outcome = dumping(|request| {
        let flags = NLM_F_MULTIPART | NLM_F_DUMP_INTR;
        let entry = request.message(request.kind, flags, &common::payload(&service(1)));
        vec![datagram([entry]), datagram([request.done()])]
    });
    assert!(
        matches!(outcome, Err(Error::DumpInterrupted)),
        "{outcome:?}"
    );
}

#[test]
fn a_full_receive_buffer_is_an_overrun_however_it_is_told() {
    let told_by_errno = adding(|_| vec![Delivery::Failure(Errno::ENOBUFS)]);
    let told_by_message =
        adding(|request| vec![datagram([request.message(NLMSG_OVERRUN, 0, &[])])]);
    for outcome in [told_by_errno, told_by_message] {
        assert!(matches!(outcome, Err(Error::Overrun)), "{outcome:?}");
    }
}

#[test]
fn a_datagram_longer_than_the_room_for_it_is_truncated() {
    let outcome = dumping(|_| vec![Delivery::Oversized(1_000_000)]);
    let Err(Error::Truncated { length, room }) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(length, 1_000_000);
    // The kernel's largest piece of a dump fits.
    assert!((32 * 1024..length).contains(&room), "{room}");
}

#[test]
fn a_datagram_as_long_as_the_room_for_it_is_whole() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|request| {
            let ack = request.ack();
            let rest = 64 * 1024 - ack.len() - 16;
            let filler = request.message(NLMSG_NOOP, 0, &vec![0; rest]);
            vec![datagram([filler, ack])]
        })
        .connect();
    kernel.execute(service(1)).unwrap();
}

#[test]
fn errors_say_what_the_kernel_said_and_how_long_was_waited() {
    let refused = adding(|request| {
        let code = [&code(Errno::EINVAL)[..], &request.bytes].concat();
        let said = [code, said_beside_it()].concat();
        vec![datagram([request.message(
            NLMSG_ERROR,
            NLM_F_ACK_TLVS,
            &said,
        )])]
    });
    assert_eq!(
        refused.unwrap_err().to_string(),
        "the kernel refused the request: Invalid argument: Attribute failed policy validation \
         (at byte 20)"
    );
    let refused = adding(|request| vec![datagram([request.refusal(Errno::EEXIST)])]);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "the kernel refused the request: File exists"
    );
    let silent = Error::TimedOut(Duration::from_millis(1500));
    assert_eq!(silent.to_string(), "no answer from the kernel within 1.5s");
}

#[test]
fn a_socket_that_fails_says_in_which_call() {
    let outcome = adding(|_| vec![Delivery::Failure(Errno::ENOMEM)]);
    let Err(Error::Socket { call, source }) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(
        (call, source.raw_os_error()),
        ("recv", Some(Errno::ENOMEM as i32))
    );
}

#[test]
fn silence_ends_with_the_patience() {
    let patience = Duration::from_millis(50);
    let (mut kernel, requests) = ScriptedKernel::new().then(|_| vec![]).connect();
    kernel.set_patience(patience);
    let before = Instant::now();
    let outcome = kernel.execute(service(1));
    let after = Instant::now();

    let Err(Error::TimedOut(waited)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(waited, patience);
    assert!(after - before >= patience);
    let deadline = requests.lock().unwrap()[0].deadlines[0];
    assert!((before + patience..=after).contains(&deadline));
}

#[test]
fn an_answer_without_its_end_times_out() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|request| vec![datagram([request.entry(&service(1))])])
        .connect();
    kernel.set_patience(Duration::from_millis(1));
    let outcome = kernel.dump(get_services(), |_| Ok(()));
    assert!(matches!(outcome, Err(Error::TimedOut(_))), "{outcome:?}");
}

#[test]
fn an_answer_cut_anywhere_is_an_error_and_the_next_one_is_read() {
    let whole = |request: &Request| [request.answer(&service(1)), request.ack()].concat();
    let answer = 16 + common::payload(&service(1)).len();
    let ack = 16 + 4 + 16;
    for cut in 1..answer + ack {
        let (mut kernel, _) = ScriptedKernel::new()
            .then(move |request| vec![Delivery::Datagram(whole(request)[..cut].to_vec())])
            .then(|request| vec![datagram([request.ack()])])
            .connect();
        kernel.set_patience(Duration::ZERO);
        let outcome = kernel.get(get_services());
        // Where a message ends there is nothing odd but that the rest never comes.
        if cut == answer {
            assert!(
                matches!(outcome, Err(Error::TimedOut(_))),
                "{cut}: {outcome:?}"
            );
        } else {
            assert!(
                matches!(outcome, Err(Error::Decode(_))),
                "{cut}: {outcome:?}"
            );
        }
        kernel.set_patience(Duration::from_secs(10));
        kernel.execute(service(2)).unwrap();
    }
}

#[test]
fn a_refusal_without_a_code_is_odd() {
    let outcome = adding(|request| vec![datagram([request.message(NLMSG_ERROR, 0, &[])])]);
    assert!(matches!(outcome, Err(Error::Decode(_))), "{outcome:?}");
}

#[test]
fn an_answer_that_cannot_be_read_does_not_keep_the_next_from_being_read() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|request| {
            let port = attribute(ipvs_sys::constants::IPVS_SVC_ATTR_PORT, &[0; 4]);
            let payload = [vec![1, 1, 0, 0], attribute(1, &port)].concat();
            let odd = request.message(request.kind, 0, &payload);
            vec![datagram([odd]), datagram([request.ack()])]
        })
        .then(|request| {
            vec![
                datagram([request.answer(&service(2))]),
                datagram([request.ack()]),
            ]
        })
        .connect();
    let Err(Error::Decode(error)) = kernel.get(get_services()) else {
        panic!("read all the same");
    };
    assert_eq!(
        error.to_string(),
        "IPVS_CMD_ATTR_SERVICE: IPVS_SVC_ATTR_PORT: expected 2 bytes, received 4"
    );
    assert_eq!(kernel.get(get_services()).unwrap(), service(2));
}

#[test]
fn a_dump_is_read_to_its_end_when_its_caller_has_had_enough() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|request| {
            let [a, b, c] = [1, 2, 3].map(|mark| request.entry(&service(mark)));
            vec![datagram([a, b]), datagram([c]), datagram([request.done()])]
        })
        .then(|request| vec![datagram([request.done()])])
        .connect();
    let mut seen = Vec::new();
    let outcome = kernel.dump(get_services(), |entry| {
        seen.push(entry);
        Err(Error::NoAnswer)
    });
    assert!(matches!(outcome, Err(Error::NoAnswer)), "{outcome:?}");
    assert_eq!(seen, [service(1)]);
    // Nothing of the first is left over: the script insists on that.
    kernel.dump(get_services(), |_| Ok(())).unwrap();
}

#[test]
fn the_end_of_a_dump_tells_more_than_the_caller_who_had_enough() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|request| {
            let done = request.message(NLMSG_DONE, NLM_F_MULTIPART, &code(Errno::ENOMEM));
            vec![datagram([request.entry(&service(1)), done])]
        })
        .connect();
    let outcome = kernel.dump(get_services(), |_| Err(Error::NoAnswer));
    assert_eq!(refusal(outcome), (Errno::ENOMEM, None));
}
