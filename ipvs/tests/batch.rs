//! Many writes in few sends, and what became of each.

#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

use std::io;

use ipvs::testing::{Command, FakeKernel, Socket};
use ipvs::{
    Batch, Client, CommitReport, Destination, Endpoint, Error, Invalid, OnError, Service,
    ServiceId, WriteOutcome,
};
use ipvs_sys::{Conversation, Deadline, Errno, Transport};

fn endpoint(text: &str) -> Endpoint {
    text.parse().unwrap()
}

fn web() -> Service {
    Service::tcp(endpoint("192.0.2.10:80"))
}

fn server(number: u8) -> Destination {
    Destination::new(Endpoint::new([198, 51, 100, number].into(), 80))
}

fn absent() -> ServiceId {
    ServiceId::udp(endpoint("192.0.2.99:53"))
}

fn new() -> (FakeKernel, Client) {
    let kernel = FakeKernel::new();
    let ipvs = kernel.client().unwrap();
    (kernel, ipvs)
}

/// The service with three servers.
fn web_with_servers() -> Batch {
    let mut batch = Batch::new();
    batch.add_service(&web()).unwrap();
    for number in 1..=3 {
        batch.add_destination(web().id, &server(number)).unwrap();
    }
    batch
}

fn words(report: &CommitReport) -> Vec<String> {
    let outcomes = report.outcomes();
    outcomes
        .map(|outcome| match outcome {
            WriteOutcome::Refused(error) => error.to_string(),
            other => format!("{other:?}"),
        })
        .collect()
}

#[test]
fn every_kind_of_write_does_what_it_does_by_itself() {
    let (kernel, mut ipvs) = new();
    let mut batch = web_with_servers();
    let weighted = server(1).weight(7);
    let scheduled = web().scheduler(ipvs::Scheduler::ROUND_ROBIN);
    batch.update_destination(web().id, &weighted).unwrap();
    batch.delete_destination(web().id, server(2).id);
    batch.update_service(&scheduled).unwrap();
    batch.zero_service(web().id);
    let marked = Service::new(absent());
    batch.add_service(&marked).unwrap();
    batch.delete_service(absent());
    let report = ipvs.commit(&mut batch, OnError::Stop);
    assert!(report.is_done(), "{report:?}");
    assert_eq!(report.done(), batch.len());
    assert!(report.error().is_none());
    report.into_result().unwrap();

    let asked = kernel.take_requests();
    assert_eq!(asked.len(), batch.len(), "{asked:?}");
    assert_eq!(ipvs.services().unwrap().len(), 1);
    assert_eq!(ipvs.service(web().id).unwrap().service, scheduled);
    let destinations = ipvs.destinations(web().id).unwrap();
    let found: Vec<_> = destinations.iter().map(|it| it.destination).collect();
    assert_eq!(found, [server(3), weighted]);
}

#[test]
fn a_refusal_names_what_was_refused_and_the_rest_is_done() {
    let (_, mut ipvs) = new();
    let mut batch = web_with_servers();
    batch.add_service(&web()).unwrap();
    batch.add_destination(web().id, &server(2)).unwrap();
    batch.delete_destination(web().id, server(9).id);
    batch.delete_service(absent());
    batch.zero_service(absent());
    batch.update_service(&Service::new(absent())).unwrap();
    batch.add_destination(web().id, &server(4)).unwrap();
    let report = ipvs.commit(&mut batch, OnError::GoOn);
    assert_eq!(
        words(&report),
        [
            "Done",
            "Done",
            "Done",
            "Done",
            "service tcp:192.0.2.10:80 already exists",
            "destination 198.51.100.2:80 of service tcp:192.0.2.10:80 already exists",
            "no such destination: 198.51.100.9:80 of service tcp:192.0.2.10:80",
            "no such service: udp:192.0.2.99:53",
            "no such service: udp:192.0.2.99:53",
            "no such service: udp:192.0.2.99:53",
            "Done",
        ]
    );
    assert_eq!((report.done(), report.is_done()), (5, false));
    let refused: Vec<_> = report.refused().map(|(index, _)| index).collect();
    assert_eq!(refused, [4, 5, 6, 7, 8, 9]);
    assert!(report.into_result().unwrap_err().is_already_exists());
    assert_eq!(ipvs.destinations(web().id).unwrap().len(), 4);
}

#[test]
fn after_an_error_no_more_is_sent_where_that_is_wanted() {
    // Each of so many that they take several sends.
    for (on_error, done, not_sent) in [(OnError::Stop, 165, 634), (OnError::GoOn, 799, 0)] {
        let (_, mut ipvs) = new();
        let mut batch = Batch::new();
        batch.delete_service(absent());
        for port in 1..=799 {
            let vip = Endpoint::new([192, 0, 2, 10].into(), port);
            batch.add_service(&Service::tcp(vip)).unwrap();
        }
        let report = ipvs.commit(&mut batch, on_error);
        assert_eq!(report.done(), done);
        let outcomes = report.outcomes();
        let found = outcomes.filter(|outcome| matches!(outcome, WriteOutcome::NotSent));
        assert_eq!(found.count(), not_sent);
        assert_eq!(ipvs.services().unwrap().len(), done);
        let error = report.into_result().unwrap_err();
        assert!(matches!(error, Error::ServiceNotFound(id) if id == absent()));
    }
}

#[test]
fn where_answers_are_lost_what_is_there_tells() {
    let (kernel, mut ipvs) = new();
    ipvs.add_service(&web()).unwrap();
    let mut batch = Batch::new();
    // Refused with an answer, the last one that comes.
    batch.add_service(&web()).unwrap();
    batch.add_destination(web().id, &server(1)).unwrap();
    // Refused without one.
    batch.add_destination(web().id, &server(2)).unwrap();
    batch
        .update_destination(web().id, &server(1).weight(9))
        .unwrap();
    batch.delete_destination(web().id, server(8).id);
    batch.zero_service(web().id);
    batch.delete_service(absent());
    batch.update_service(&Service::new(absent())).unwrap();
    kernel.silence_next(Command::NewDest);
    kernel.refuse_next(Command::NewDest, Errno::ENOMEM as i32);
    let report = ipvs.commit(&mut batch, OnError::GoOn);
    assert_eq!(
        words(&report),
        [
            "service tcp:192.0.2.10:80 already exists",
            // It is there, but not as this one would have made it: the fourth changed it.
            "FoundNotDone",
            "FoundNotDone",
            "FoundDone",
            "FoundDone",
            "Unknown",
            "FoundDone",
            "FoundNotDone",
        ]
    );
    assert_eq!(report.done(), 3);
    let error = report.error().unwrap();
    assert!(error.is_outcome_unknown(), "{error:?}");
}

#[test]
fn what_cannot_be_read_either_is_unknown() {
    let (kernel, mut ipvs) = new();
    let mut batch = web_with_servers();
    kernel.silence_next(Command::NewService);
    kernel.refuse_next(Command::GetService, Errno::EPERM as i32);
    let report = ipvs.commit(&mut batch, OnError::GoOn);
    assert_eq!(words(&report), ["Unknown"; 4]);
    assert_eq!((report.done(), report.is_done()), (0, false));
    let requests = kernel.take_requests().into_iter();
    let written = requests.filter(|request| *request == Command::NewService);
    assert_eq!(written.count(), 1, "nothing is sent twice");
}

#[test]
fn without_privilege_every_write_says_so() {
    let (kernel, mut ipvs) = new();
    kernel.revoke_privilege();
    let report = ipvs.commit(&mut web_with_servers(), OnError::GoOn);
    let denied = "managing IPVS needs CAP_NET_ADMIN (in the initial user namespace)";
    assert_eq!(words(&report), [denied; 4]);
}

#[test]
fn a_module_that_was_loaded_anew_is_found_again() {
    let (kernel, mut ipvs) = new();
    kernel.unload();
    kernel.load();
    assert!(
        ipvs.commit(&mut web_with_servers(), OnError::Stop)
            .is_done()
    );
    kernel.unload();
    let report = ipvs.commit(&mut web_with_servers(), OnError::Stop);
    assert_eq!(words(&report), ["NotSent"; 4]);
    assert!(matches!(report.into_result(), Err(Error::Unavailable)));
}

#[test]
fn what_makes_no_sense_is_not_in_the_batch() {
    let mut batch = web_with_servers();
    let every_port = Service::tcp(endpoint("192.0.2.10"));
    let refused = [
        batch.add_service(&every_port),
        batch.update_service(&every_port),
        batch.add_destination(web().id, &server(1).weight(u32::MAX)),
        batch.update_destination(web().id, &server(1).weight(u32::MAX)),
    ];
    let refused = refused.map(|refused| match refused {
        Err(Error::Invalid(invalid)) => invalid,
        other => panic!("{other:?}"),
    });
    let (id, highest) = (every_port.id, u32::MAX);
    assert_eq!(
        refused,
        [
            Invalid::PortNeeded(id),
            Invalid::PortNeeded(id),
            Invalid::Weight(highest),
            Invalid::Weight(highest),
        ]
    );
    assert_eq!((batch.len(), batch.is_empty()), (4, false));
}

#[test]
fn a_batch_can_be_sent_again_and_filled_anew() {
    let (_, mut ipvs) = new();
    let mut batch = web_with_servers();
    assert!(ipvs.commit(&mut batch, OnError::Stop).is_done());
    let again = ipvs.commit(&mut batch, OnError::GoOn);
    assert_eq!(again.refused().count(), 4);

    batch.clear();
    assert_eq!((batch.len(), batch.is_empty()), (0, true));
    let nothing = ipvs.commit(&mut batch, OnError::Stop);
    assert!(nothing.is_done() && nothing.outcomes().count() == 0);
    batch.delete_service(web().id);
    assert!(ipvs.commit(&mut batch, OnError::Stop).is_done());
    assert_eq!(ipvs.services().unwrap(), []);
}

#[test]
fn what_was_found_done_is_done() {
    let (kernel, mut ipvs) = new();
    let mut batch = web_with_servers();
    kernel.silence_next(Command::NewService);
    let report = ipvs.commit(&mut batch, OnError::Stop);
    assert_eq!(words(&report), ["FoundDone"; 4]);
    assert!(report.is_done() && report.error().is_some());
    report.into_result().unwrap();
}

#[test]
fn a_kernel_that_does_not_answer_is_asked_once_what_is_there() {
    let (kernel, mut ipvs) = new();
    let mut batch = Batch::new();
    for port in 1..=50 {
        let vip = Endpoint::new([192, 0, 2, 10].into(), port);
        batch.add_service(&Service::tcp(vip)).unwrap();
    }
    kernel.silence_next(Command::NewService);
    for _ in 0..50 {
        kernel.silence_next(Command::GetService);
    }
    let report = ipvs.commit(&mut batch, OnError::Stop);
    assert_eq!(words(&report), ["Unknown"; 50]);
    let asked = kernel.take_requests().into_iter();
    let asked = asked.filter(|request| *request == Command::GetService);
    assert_eq!(asked.count(), 1);
}

/// A kernel that says everything twice.
struct Twice {
    socket: Socket,
    again: Option<Vec<u8>>,
}

impl Transport for Twice {
    fn send(&mut self, datagram: &[u8]) -> io::Result<()> {
        self.socket.send(datagram)
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: &mut Deadline) -> io::Result<usize> {
        if let Some(datagram) = self.again.take() {
            buffer[..datagram.len()].copy_from_slice(&datagram);
            return Ok(datagram.len());
        }
        let length = self.socket.receive(buffer, deadline)?;
        self.again = Some(buffer[..length].to_vec());
        Ok(length)
    }
}

#[test]
fn a_write_that_is_refused_twice_counts_once() {
    let kernel = FakeKernel::new();
    let twice = Twice {
        socket: kernel.socket(),
        again: None,
    };
    let mut ipvs = Client::over(Conversation::over(Box::new(twice)).unwrap()).unwrap();
    let mut batch = Batch::new();
    batch.add_service(&web()).unwrap();
    for _ in 0..4 {
        batch.delete_service(absent());
    }
    let report = ipvs.commit(&mut batch, OnError::GoOn);
    assert_eq!((report.done(), report.refused().count()), (1, 4));
    assert_eq!(words(&report)[0], "Done");
}
