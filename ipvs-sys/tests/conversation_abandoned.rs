//! What a request that was given up leaves behind does not reach the next one.

mod common;

use std::io;
use std::time::Duration;

use common::scripted_kernel::{Delivery, ScriptedKernel, datagram};
use common::{FAMILY, flush, refusal, service, services};
use ipvs_sys::{
    CmdAttr, Command, Conversation, Deadline, Errno, Error, IpvsMessage, SvcAttr, Transport,
};
use netlink_packet_core::{DefaultNla, NLM_F_DUMP_INTR, NLM_F_MULTIPART, NLMSG_DONE, NLMSG_NOOP};

/// Whether the first dump, whose answer is cut short by this, is given up.
fn is_given_up(outcome: &Result<(), Error>, delivery: &Delivery) -> bool {
    match delivery {
        Delivery::Oversized(_) => matches!(outcome, Err(Error::Truncated { .. })),
        Delivery::Failure(_) => matches!(outcome, Err(Error::Overrun)),
        Delivery::Datagram(_) => matches!(outcome, Err(Error::Decode(_))),
    }
}

#[test]
fn a_dump_that_was_given_up_is_read_to_its_end_when_the_next_is_refused() {
    let cuts: [fn() -> Delivery; 3] = [
        || Delivery::Oversized(1 << 20),
        || Delivery::Failure(Errno::ENOBUFS),
        || Delivery::Datagram(vec![7; 5]),
    ];
    for cut in cuts {
        let (mut kernel, _) = ScriptedKernel::new()
            .then(move |request| vec![datagram([request.entry(&service(1))]), cut()])
            .then(move |request| {
                let mut first = request.clone();
                first.sequence -= 1;
                vec![
                    datagram([first.entry(&service(2))]),
                    datagram([request.refusal(Errno::EBUSY)]),
                    datagram([first.entry(&service(3))]),
                    cut(),
                    datagram([first.done()]),
                ]
            })
            .then(|request| vec![datagram([request.entry(&service(4)), request.done()])])
            .connect();
        let given_up = services(&mut kernel).1;
        assert!(is_given_up(&given_up, &cut()), "{given_up:?}");
        let (entries, outcome) = services(&mut kernel);
        outcome.unwrap();
        assert_eq!(entries, [service(4)]);
    }
}

#[test]
fn after_an_overrun_nothing_is_left_in_the_socket() {
    let (mut kernel, requests) = ScriptedKernel::new()
        .then(|request| {
            vec![
                Delivery::Failure(Errno::ENOBUFS),
                datagram([request.entry(&service(1))]),
                datagram([request.entry(&service(2))]),
            ]
        })
        .then(|request| vec![datagram([request.done()])])
        .connect();
    let outcome = services(&mut kernel).1;
    assert!(matches!(outcome, Err(Error::Overrun)), "{outcome:?}");
    // The two that were there, and a look that found nothing more.
    assert_eq!(requests.lock().unwrap()[0].deadlines.len(), 4);
    services(&mut kernel).1.unwrap();
}

#[test]
fn a_dump_that_is_refused_again_is_refused() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|request| {
            let refusal = request.refusal(Errno::EBUSY);
            vec![datagram([refusal]), datagram([request.done()])]
        })
        .then(|request| vec![datagram([request.refusal(Errno::EBUSY)])])
        .connect();
    assert_eq!(refusal(services(&mut kernel).1), (Errno::EBUSY, None));
}

#[test]
fn what_is_no_dump_and_refused_as_busy_is_not_repeated() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|request| vec![datagram([request.refusal(Errno::EBUSY)])])
        .connect();
    assert_eq!(refusal(kernel.execute(flush())), (Errno::EBUSY, None));
}

#[test]
fn an_open_dump_that_does_not_end_is_waited_for_no_longer_than_for_an_answer() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|request| vec![datagram([request.refusal(Errno::EBUSY)])])
        .connect();
    kernel.set_patience(Duration::from_millis(5));
    let outcome = services(&mut kernel).1;
    assert!(matches!(outcome, Err(Error::TimedOut(_))), "{outcome:?}");
}

#[test]
fn a_socket_that_fails_while_an_old_dump_is_read_says_so() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|request| {
            let refusal = datagram([request.refusal(Errno::EBUSY)]);
            vec![refusal, Delivery::Failure(Errno::ENOMEM)]
        })
        .connect();
    let outcome = services(&mut kernel).1;
    let Err(Error::Socket { call, source }) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(call, "recv");
    assert_eq!(source.raw_os_error(), Some(Errno::ENOMEM as i32));
}

/// Answers the question for the family, and from then on speaks of something else, for ever.
struct Chatter {
    opening: Option<ScriptedKernel>,
    is_open: bool,
}

impl Transport for Chatter {
    fn send(&mut self, datagram: &[u8]) -> io::Result<()> {
        match &mut self.opening {
            Some(opening) if !self.is_open => {
                self.is_open = true;
                opening.send(datagram)
            }
            _ => Ok(()),
        }
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: &mut Deadline) -> io::Result<usize> {
        if let Some(mut opening) = self.opening.take() {
            return opening.receive(buffer, deadline);
        }
        // A message that says nothing, under sequence number 0.
        let (length, kind) = (16u32.to_ne_bytes(), NLMSG_NOOP.to_ne_bytes());
        let message = length.iter().chain(&kind).chain(&[0; 10]);
        let filled = buffer.iter_mut().zip(message);
        Ok(filled.map(|(to, from)| *to = *from).count())
    }
}

#[test]
fn what_is_said_of_something_else_for_ever_ends_with_the_patience() {
    let opening = ScriptedKernel::new().then(|request| {
        let family = request.family(FAMILY);
        vec![datagram([family, request.ack()])]
    });
    let chatter = Chatter {
        opening: Some(opening),
        is_open: false,
    };
    let mut kernel = Conversation::over(Box::new(chatter)).unwrap();
    kernel.set_patience(Duration::from_millis(20));
    for outcome in [
        kernel.execute(flush()),
        services(&mut kernel).1,
        services(&mut kernel).1,
    ] {
        assert!(matches!(outcome, Err(Error::TimedOut(_))), "{outcome:?}");
    }
}

#[test]
fn a_transport_that_brings_nothing_without_an_error_is_at_its_end() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|_| vec![Delivery::Datagram(vec![])])
        .connect();
    let outcome = kernel.execute(flush());
    let Err(Error::Socket { call, source }) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(
        (call, source.kind()),
        ("recv", io::ErrorKind::UnexpectedEof)
    );
}

#[test]
fn a_dump_that_was_interrupted_and_failed_says_why_it_failed() {
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|request| {
            let flags = NLM_F_MULTIPART | NLM_F_DUMP_INTR;
            let code = (-(Errno::ENOMEM as i32)).to_ne_bytes();
            vec![datagram([request.message(NLMSG_DONE, flags, &code)])]
        })
        .connect();
    let outcome = services(&mut kernel).1;
    assert_eq!(refusal(outcome), (Errno::ENOMEM, None));
}

#[test]
fn an_attribute_that_no_length_can_tell_is_not_sent() {
    let with_name = |length| {
        let name = SvcAttr::SchedName("x".repeat(length));
        IpvsMessage::new(Command::NewService, vec![CmdAttr::Service(vec![name])])
    };
    let (mut kernel, requests) = ScriptedKernel::new()
        .then(|request| vec![datagram([request.ack()])])
        .connect();
    // With the NUL, the padding and the header of the name, the nest has 65528 bytes.
    kernel.execute(with_name(65_523)).unwrap();
    for length in [65_528, 1 << 20] {
        let outcome = kernel.execute(with_name(length));
        assert!(matches!(outcome, Err(Error::TooLong { .. })), "{outcome:?}");
    }
    assert_eq!(requests.lock().unwrap().len(), 1);
}

#[test]
fn the_longest_attribute_is_sent() {
    let of = |length| {
        let unknown = DefaultNla::new(99, vec![0; length]);
        IpvsMessage::new(Command::Flush, vec![CmdAttr::Other(unknown)])
    };
    let (mut kernel, _) = ScriptedKernel::new()
        .then(|request| vec![datagram([request.ack()])])
        .connect();
    kernel.execute(of(65_531)).unwrap();
    let outcome = kernel.execute(of(65_532));
    assert!(
        matches!(outcome, Err(Error::TooLong { length: 65_532 })),
        "{outcome:?}"
    );
}
