//! The family's number: found once, found again when `ip_vs` was loaded anew, or not found at all.

mod common;

use common::scripted_kernel::{CONTROLLER, Delivery, Request, ScriptedKernel, datagram};
use common::{FAMILY, payload};
use ipvs_sys::{CmdAttr, Command, Conversation, Errno, Error, IpvsMessage};

const RELOADED: u16 = FAMILY + 1;

fn set_timeout() -> IpvsMessage {
    IpvsMessage::new(Command::SetConfig, vec![CmdAttr::TimeoutTcp(900)])
}

/// `ENOENT`: no such family, or no such scheduler.
fn not_there(request: &Request) -> Vec<Delivery> {
    vec![datagram([request.refusal(Errno::ENOENT)])]
}

#[test]
fn a_kernel_without_the_family_says_so_on_opening() {
    let kernel = ScriptedKernel::new().then(|request| {
        assert_eq!(request.kind, CONTROLLER);
        not_there(request)
    });
    let outcome = Conversation::over(Box::new(kernel)).map(drop);
    assert!(matches!(outcome, Err(Error::FamilyNotFound)), "{outcome:?}");
}

#[test]
fn another_refusal_of_the_lookup_is_passed_on() {
    let kernel =
        ScriptedKernel::new().then(|request| vec![datagram([request.refusal(Errno::ENOMEM)])]);
    let outcome = Conversation::over(Box::new(kernel)).map(drop);
    assert_eq!(outcome.unwrap_err().errno(), Some(Errno::ENOMEM));
}

#[test]
fn a_lookup_without_an_answer_is_an_error() {
    let kernel = ScriptedKernel::new().then(|request| vec![datagram([request.ack()])]);
    let outcome = Conversation::over(Box::new(kernel)).map(drop);
    assert!(matches!(outcome, Err(Error::NoAnswer)), "{outcome:?}");
}

#[test]
fn a_request_is_repeated_under_the_number_that_the_family_has_meanwhile() {
    let (mut kernel, requests) = ScriptedKernel::new()
        .then(not_there)
        .then_looks_up(RELOADED)
        .then(|request| vec![datagram([request.ack()])])
        .then(|request| vec![datagram([request.ack()])])
        .connect();
    kernel.execute(set_timeout()).unwrap();
    kernel.execute(set_timeout()).unwrap();

    let requests = requests.lock().unwrap();
    let kinds: Vec<_> = requests.iter().map(|request| request.kind).collect();
    assert_eq!(kinds, [FAMILY, CONTROLLER, RELOADED, RELOADED]);
    assert_eq!(requests[2].payload(), payload(&set_timeout()));
    assert_eq!(requests[2].flags, requests[0].flags);
}

#[test]
fn a_dump_is_repeated_as_a_dump() {
    let (mut kernel, requests) = ScriptedKernel::new()
        .then(not_there)
        .then_looks_up(RELOADED)
        .then(|request| vec![datagram([request.entry(&set_timeout()), request.done()])])
        .connect();
    let mut entries = Vec::new();
    let request = IpvsMessage::new(Command::GetService, vec![]);
    let outcome = kernel.dump(request, |entry| {
        entries.push(entry);
        Ok(())
    });
    outcome.unwrap();
    assert_eq!(entries, [set_timeout()]);
    let requests = requests.lock().unwrap();
    assert_eq!(requests[2].flags, requests[0].flags);
}

#[test]
fn what_is_not_there_under_the_same_number_costs_one_lookup_and_is_passed_on() {
    let (mut kernel, requests) = ScriptedKernel::new()
        .then(not_there)
        .then_looks_up(FAMILY)
        .then(|request| vec![datagram([request.ack()])])
        .connect();
    let outcome = kernel.execute(set_timeout());
    assert_eq!(outcome.unwrap_err().errno(), Some(Errno::ENOENT));
    assert_eq!(requests.lock().unwrap().len(), 2);
    kernel.execute(set_timeout()).unwrap();
}

#[test]
fn what_is_not_there_under_the_new_number_either_is_passed_on() {
    let (mut kernel, requests) = ScriptedKernel::new()
        .then(not_there)
        .then_looks_up(RELOADED)
        .then(not_there)
        .then_looks_up(RELOADED)
        .connect();
    let outcome = kernel.execute(set_timeout());
    assert_eq!(outcome.unwrap_err().errno(), Some(Errno::ENOENT));
    assert_eq!(requests.lock().unwrap().len(), 4);
}

#[test]
fn a_family_that_went_away_is_not_found_until_it_is_back() {
    let (mut kernel, requests) = ScriptedKernel::new()
        .then(not_there)
        .then(not_there)
        .then(not_there)
        .then_looks_up(RELOADED)
        .then(|request| vec![datagram([request.ack()])])
        .connect();
    let gone = kernel.execute(set_timeout());
    assert!(matches!(gone, Err(Error::FamilyNotFound)), "{gone:?}");
    kernel.execute(set_timeout()).unwrap();
    let requests = requests.lock().unwrap();
    let kinds: Vec<_> = requests.iter().map(|request| request.kind).collect();
    assert_eq!(kinds, [FAMILY, CONTROLLER, FAMILY, CONTROLLER, RELOADED]);
}
