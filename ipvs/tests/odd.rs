//! What somebody else set up so that it would be refused here may stay so.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::time::Duration;

use ipvs::testing::FakeKernel;
use ipvs::{Client, Destination, Endpoint, Error, Invalid, Persistence, Scheduler, ServiceId};
use ipvs_sys::constants::IP_VS_SVC_F_PERSISTENT;
use ipvs_sys::{CmdAttr, Command, Conversation, IpvsMessage, ServiceFlags, SvcAttr};

const DAY: u32 = 24 * 60 * 60;

fn web() -> ServiceId {
    ServiceId::tcp("192.0.2.10:80".parse::<Endpoint>().unwrap())
}

/// A kernel with a service that remembers its clients for 40 days.
fn with_a_long_memory() -> Client {
    let kernel = FakeKernel::new();
    let mut address = [0; 16];
    address
        .iter_mut()
        .zip([192, 0, 2, 10])
        .for_each(|(to, from)| *to = from);
    let service = vec![
        SvcAttr::Af(2),
        SvcAttr::Protocol(6),
        SvcAttr::Addr(address),
        SvcAttr::Port(80),
        SvcAttr::SchedName("wlc".to_owned()),
        SvcAttr::Flags(ServiceFlags {
            flags: IP_VS_SVC_F_PERSISTENT,
            mask: !0,
        }),
        SvcAttr::Timeout(40 * DAY),
        SvcAttr::Netmask([255; 4]),
    ];
    let add = IpvsMessage::new(Command::NewService, vec![CmdAttr::Service(service)]);
    let mut connection = Conversation::over(Box::new(kernel.socket())).unwrap();
    connection.execute(add).unwrap();
    kernel.client().unwrap()
}

fn days(days: u32) -> Duration {
    Duration::from_secs((days * DAY).into())
}

#[test]
fn another_scheduler_does_not_ask_for_another_timeout() {
    let mut ipvs = with_a_long_memory();
    let edited = ipvs
        .edit_service(web(), |web| web.scheduler = Scheduler::ROUND_ROBIN)
        .unwrap();
    assert_eq!(edited.scheduler, Scheduler::ROUND_ROBIN);
    assert_eq!(edited.persistence, Some(Persistence::new(days(40))));
    assert_eq!(ipvs.service(web()).unwrap().service, edited);
}

#[test]
fn what_an_edit_makes_wrong_is_refused() {
    let mut ipvs = with_a_long_memory();
    let error = ipvs
        .edit_service(web(), |web| web.persistence = Some(days(50).into()))
        .unwrap_err();
    let refused = Invalid::PersistenceTimeout(days(50));
    assert!(matches!(error, Error::Invalid(invalid) if invalid == refused));

    let server = Destination::new("198.51.100.7:80".parse::<Endpoint>().unwrap());
    ipvs.add_destination(web(), &server).unwrap();
    let error = ipvs
        .edit_destination(web(), server.id, |server| server.weight = u32::MAX)
        .unwrap_err();
    assert!(matches!(error, Error::Invalid(Invalid::Weight(u32::MAX))));
    let found = ipvs.destination(web(), server.id).unwrap();
    assert_eq!(found.destination, server);
}
