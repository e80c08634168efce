//! A change whose answer never came may have been made.

#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

use std::time::Duration;

use ipvs::testing::FakeKernel;
use ipvs::{
    Change, Client, Destination, Endpoint, Error, Plan, Scheduler, Service, SyncDaemon, SyncRole,
    Timeouts,
};
use ipvs_sys::Command;

fn service(address: &str) -> Service {
    Service::tcp(address.parse::<Endpoint>().expect("an address"))
}

fn two_services() -> Plan {
    ["192.0.2.1:80", "192.0.2.2:80"]
        .map(service)
        .map(Change::AddService)
        .into_iter()
        .collect()
}

#[test]
fn changes_that_were_made_without_an_answer_are_found_and_not_made_twice() {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    kernel.silence_next(Command::NewService);
    ipvs.apply(&two_services()).unwrap();
    let requests = kernel.take_requests().into_iter();
    let added = requests.filter(|request| *request == Command::NewService);
    assert_eq!(added.count(), 2);
    assert_eq!(ipvs.services().unwrap().len(), 2);
}

/// The first is made without an answer, the second refused without one.
fn half_made(kernel: &FakeKernel) {
    kernel.silence_next(Command::NewService);
    kernel.refuse_next(Command::NewService, ipvs_sys::Errno::ENOMEM as i32);
}

#[test]
fn what_may_have_been_added_is_named_and_not_deleted_for_a_guess() {
    for was_there in [false, true] {
        let kernel = FakeKernel::new();
        let mut ipvs = kernel.client().unwrap();
        if was_there {
            ipvs.add_service(&service("192.0.2.1:80")).unwrap();
        }
        half_made(&kernel);
        let plan = two_services();
        let error = ipvs.apply(&plan).unwrap_err();
        assert!(error.source.is_outcome_unknown(), "{error:?}");
        assert_eq!(*error.change, plan.changes()[1]);
        let [(change, Error::AnswerLost)] = &error.not_undone[..] else {
            panic!("{error:?}");
        };
        assert_eq!(*change, plan.changes()[0]);
        assert_eq!(ipvs.services().unwrap().len(), 1);
    }
}

fn with_web() -> (FakeKernel, Client, Service, Destination) {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    let web = service("192.0.2.10:80");
    let server = Destination::new("198.51.100.7:80".parse::<Endpoint>().expect("an address"));
    ipvs.add_service(&web).unwrap();
    ipvs.add_destination(web.id, &server).unwrap();
    (kernel, ipvs, web, server)
}

#[test]
fn a_change_that_was_made_without_an_answer_is_undone_with_the_others() {
    let (kernel, mut ipvs, web, server) = with_web();
    let other = Destination::new("198.51.100.8:80".parse::<Endpoint>().expect("an address"));
    let plan = Plan::from_iter([
        Change::UpdateDestination {
            service: web.id,
            from: server,
            to: server.weight(5),
        },
        Change::AddDestination {
            service: web.id,
            destination: other,
        },
    ]);
    kernel.silence_next(Command::SetDest);
    kernel.refuse_next(Command::NewDest, ipvs_sys::Errno::ENOMEM as i32);
    let error = ipvs.apply(&plan).unwrap_err();
    assert_eq!(*error.change, plan.changes()[1]);
    assert!(error.not_undone.is_empty(), "{error:?}");
    let found = ipvs.destination(web.id, server.id).unwrap();
    assert_eq!(found.destination, server);
}

#[test]
fn what_two_changes_touch_is_left_as_it_is_where_it_cannot_be_told_which_was_made() {
    let (kernel, mut ipvs, web, _) = with_web();
    let other = web.clone().scheduler(Scheduler::ROUND_ROBIN);
    let plan = Plan::from_iter([
        Change::DeleteService(web),
        Change::AddService(other.clone()),
    ]);
    kernel.silence_next(Command::DelService);
    let error = ipvs.apply(&plan).unwrap_err();
    assert_eq!(error.not_undone.len(), 2, "{error:?}");
    assert_eq!(ipvs.service(other.id).unwrap().service, other);
}

#[test]
fn an_undoing_whose_answer_is_lost_is_not_repeated() {
    let (kernel, mut ipvs, web, server) = with_web();
    let plan = Plan::from_iter([
        Change::AddService(service("192.0.2.1:80")),
        Change::AddDestination {
            service: web.id,
            destination: server,
        },
    ]);
    // The second is refused; the undoing of the first is carried out, not answered, and not to be read.
    kernel.silence_next(Command::DelService);
    kernel.refuse_next(Command::GetService, ipvs_sys::Errno::ENOMEM as i32);
    let error = ipvs.apply(&plan).unwrap_err();
    assert!(
        matches!(error.not_undone[..], [(_, Error::AnswerLost)]),
        "{error:?}"
    );
    let requests = kernel.take_requests().into_iter();
    let deleted = requests.filter(|request| *request == Command::DelService);
    assert_eq!(deleted.count(), 1);
    assert_eq!(ipvs.services().unwrap().len(), 1);
}

#[test]
fn what_is_not_undone_is_named() {
    let (kernel, mut ipvs, web, server) = with_web();
    let plan = Plan::from_iter([
        Change::AddService(service("192.0.2.1:80")),
        Change::AddDestination {
            service: web.id,
            destination: server,
        },
    ]);
    kernel.refuse_next(Command::DelService, ipvs_sys::Errno::ENOMEM as i32);
    let error = ipvs.apply(&plan).unwrap_err();
    assert!(error.source.is_already_exists(), "{error:?}");
    assert_eq!(error.not_undone.len(), 1, "{error:?}");
    assert_eq!(ipvs.services().unwrap().len(), 2);
}

#[test]
fn timeouts_that_may_have_been_set_are_set_back() {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    let before = ipvs.timeouts().unwrap();
    let to = Timeouts::default().udp(Duration::from_secs(7));
    let from = Timeouts::default().udp(before.udp.unwrap());
    let plan = Plan::from_iter([
        Change::AddService(service("192.0.2.1:80")),
        Change::SetTimeouts { from, to },
    ]);
    kernel.silence_next(Command::SetConfig);
    let error = ipvs.apply(&plan).unwrap_err();
    assert_eq!(*error.change, plan.changes()[1]);
    assert!(error.source.is_outcome_unknown(), "{error:?}");
    assert!(error.not_undone.is_empty(), "{error:?}");
    assert_eq!(ipvs.timeouts().unwrap(), before);
    assert_eq!(ipvs.services().unwrap(), []);

    let error = {
        kernel.refuse_next(Command::SetConfig, ipvs_sys::Errno::EINVAL as i32);
        kernel.take_requests();
        ipvs.apply(&plan).unwrap_err()
    };
    assert!(error.not_undone.is_empty(), "{error:?}");
    let set = kernel.take_requests().into_iter();
    let set = set.filter(|request| *request == Command::SetConfig);
    assert_eq!(set.count(), 1, "what was refused is not set back");
}

#[test]
fn a_sync_daemon_that_may_have_been_started_is_named_and_not_stopped_for_a_guess() {
    for was_there in [false, true] {
        let kernel = FakeKernel::new();
        let mut ipvs = kernel.client().unwrap();
        let master = SyncDaemon::new(SyncRole::Master, "eth0");
        if was_there {
            ipvs.start_sync_daemon(&master).unwrap();
        }
        let plan = Plan::from_iter([
            Change::AddService(service("192.0.2.1:80")),
            Change::StartSyncDaemon(master),
        ]);
        kernel.silence_next(Command::NewDaemon);
        let error = ipvs.apply(&plan).unwrap_err();
        assert!(
            matches!(
                error.not_undone[..],
                [(Change::StartSyncDaemon(_), Error::AnswerLost)]
            ),
            "{error:?}"
        );
        assert_eq!(ipvs.services().unwrap(), []);
        assert_eq!(ipvs.sync_daemons().unwrap().len(), 1);
    }
}

#[test]
fn a_change_that_the_kernel_refused_is_not_undone() {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    let mine = service("192.0.2.2:80");
    ipvs.add_service(&mine).unwrap();
    let error = ipvs.apply(&two_services()).unwrap_err();
    assert!(error.source.is_already_exists(), "{error:?}");
    assert_eq!(
        ipvs.services().unwrap().len(),
        1,
        "what was there before stays"
    );
    assert_eq!(ipvs.service(mine.id).unwrap().service, mine);
}
