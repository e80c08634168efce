//! A change whose answer never came may have been made.

#![allow(clippy::expect_used, reason = "helpers of tests fail as tests do")]

use ipvs::testing::FakeKernel;
use ipvs::{Change, Endpoint, Plan, Service};
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
    kernel.refuse_next(Command::NewService, ipvs::Errno::ENOMEM);
}

#[test]
fn a_change_that_was_made_without_an_answer_is_undone_with_the_others() {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    half_made(&kernel);
    let error = ipvs.apply(&two_services()).unwrap_err();
    assert!(error.source.is_outcome_unknown(), "{error:?}");
    assert!(error.not_undone.is_empty(), "{error:?}");
    assert_eq!(ipvs.services().unwrap(), []);
}

#[test]
fn what_is_not_undone_is_named() {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    half_made(&kernel);
    kernel.refuse_next(Command::DelService, ipvs::Errno::ENOMEM);
    let error = ipvs.apply(&two_services()).unwrap_err();
    assert_eq!(error.not_undone.len(), 1, "{error:?}");
    assert_eq!(ipvs.services().unwrap().len(), 1);
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
