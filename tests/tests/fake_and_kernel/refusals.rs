//! What is refused, and that it changed nothing.

use ipvs::{Client, Destination, Error, Forwarding, Persistence, Scheduler, Service, ServiceId};
use ipvs_sys::Errno;

use crate::common::{endpoint, seconds, server, web};

crate::conversations![
    a_service_cannot_be_added_twice,
    a_destination_cannot_be_added_twice,
    a_service_that_is_not_there_is_named,
    a_destination_that_is_not_there_is_named,
    a_scheduler_that_is_not_there_is_named,
    an_engine_that_is_not_there_is_named,
    what_makes_no_sense_is_not_sent,
];

/// What is asked of a client.
type Request<'a> = &'a dyn Fn(&mut Client) -> Result<(), Error>;

/// A table with one service and one destination.
fn with_web(ipvs: &mut Client) -> &mut Client {
    let service = Service::new(web())
        .scheduler(Scheduler::ROUND_ROBIN)
        .persistent(seconds(300));
    ipvs.add_service(&service).unwrap();
    ipvs.add_destination(web(), &Destination::new(server()))
        .unwrap();
    ipvs
}

/// The error of a request that must have changed nothing.
#[track_caller]
fn refused(ipvs: &mut Client, request: impl FnOnce(&mut Client) -> Result<(), Error>) -> Error {
    let before = ipvs.table().unwrap();
    let error = request(ipvs).unwrap_err();
    assert_eq!(ipvs.table().unwrap(), before, "after {error}");
    error
}

/// UDP [2001:db8::10]:53, which is not there.
fn missing() -> ServiceId {
    ServiceId::udp(endpoint("[2001:db8::10]:53"))
}

fn unknown() -> Scheduler {
    "rrr".parse().unwrap()
}

fn a_service_cannot_be_added_twice(ipvs: &mut Client) {
    let ipvs = with_web(ipvs);
    // Whether its scheduler is there is looked at later.
    for scheduler in [Scheduler::default(), unknown()] {
        let again = Service::new(web()).scheduler(scheduler);
        let error = refused(ipvs, |ipvs| ipvs.add_service(&again));
        assert!(matches!(error, Error::ServiceExists(id) if id == web()));
    }
}

fn a_destination_cannot_be_added_twice(ipvs: &mut Client) {
    let ipvs = with_web(ipvs);
    let again = Destination::new(server()).weight(5);
    let error = refused(ipvs, |ipvs| ipvs.add_destination(web(), &again));
    assert!(
        matches!(error, Error::DestinationExists { destination, .. } if destination == server())
    );
}

fn a_service_that_is_not_there_is_named(ipvs: &mut Client) {
    let ipvs = with_web(ipvs);
    let service = Service::new(missing());
    // Whether its scheduler is there is looked at later.
    let other = service.clone().scheduler(unknown());
    let id = endpoint("[2001:db8:1::7]:53");
    let server = Destination::new(id);
    let requests: [Request<'_>; 11] = [
        &|ipvs| ipvs.update_service(&service),
        &|ipvs| ipvs.update_service(&other),
        &|ipvs| ipvs.edit_service(missing(), |_| {}).map(drop),
        &|ipvs| ipvs.service(missing()).map(drop),
        &|ipvs| ipvs.zero_service(missing()),
        &|ipvs| ipvs.delete_service(missing()),
        &|ipvs| ipvs.add_destination(missing(), &server),
        &|ipvs| ipvs.update_destination(missing(), &server),
        &|ipvs| ipvs.delete_destination(missing(), id),
        &|ipvs| ipvs.destination(missing(), id).map(drop),
        &|ipvs| ipvs.destinations(missing()).map(drop),
    ];
    for (number, request) in requests.into_iter().enumerate() {
        let error = refused(ipvs, request);
        assert!(
            matches!(error, Error::ServiceNotFound(id) if id == missing()),
            "{number}: {error}"
        );
        assert_eq!(error.raw_os_error(), Some(Errno::ESRCH as i32));
    }
}

fn a_destination_that_is_not_there_is_named(ipvs: &mut Client) {
    let ipvs = with_web(ipvs);
    let id = endpoint("198.51.100.8:80");
    let other = Destination::new(id);
    let requests: [Request<'_>; 4] = [
        &|ipvs| ipvs.update_destination(web(), &other),
        &|ipvs| ipvs.edit_destination(web(), id, |_| {}).map(drop),
        &|ipvs| ipvs.delete_destination(web(), id),
        &|ipvs| ipvs.destination(web(), id).map(drop),
    ];
    for request in requests {
        let error = refused(ipvs, request);
        assert!(
            matches!(error, Error::DestinationNotFound { destination, .. } if destination == id)
        );
        assert_eq!(error.raw_os_error(), Some(Errno::ENOENT as i32));
    }
}

fn a_scheduler_that_is_not_there_is_named(ipvs: &mut Client) {
    let ipvs = with_web(ipvs);
    for id in [missing(), web()] {
        let wanted = Service::new(id).scheduler(unknown());
        let error = refused(ipvs, |ipvs| match ipvs.service(id) {
            Ok(_) => ipvs.update_service(&wanted),
            Err(_) => ipvs.add_service(&wanted),
        });
        assert!(matches!(error, Error::SchedulerNotFound(name) if name == unknown()));
    }
}

fn an_engine_that_is_not_there_is_named(ipvs: &mut Client) {
    let ipvs = with_web(ipvs);
    for (scheduler, engine) in [("rr", "ftp"), ("rrr", "ftp")] {
        for id in [missing(), web()] {
            let wanted = Service::new(id)
                .scheduler(scheduler.parse().unwrap())
                .persistent(seconds(60))
                .persistence_engine(engine.parse().unwrap());
            let error = refused(ipvs, |ipvs| ipvs.ensure_service(&wanted).map(drop));
            assert!(
                matches!(error, Error::SchedulerOrEngineNotFound { .. }),
                "{error}"
            );
        }
    }
}

fn what_makes_no_sense_is_not_sent(ipvs: &mut Client) {
    let ipvs = with_web(ipvs);
    let too_long = Persistence::new(seconds(2_678_401));
    let requests: [Request<'_>; 4] = [
        &|ipvs| ipvs.update_service(&Service::new(web()).one_packet()),
        &|ipvs| ipvs.update_service(&Service::new(web()).persistent(too_long)),
        &|ipvs| {
            let mixed = Destination::new(endpoint("[2001:db8:1::7]:80"));
            ipvs.add_destination(web(), &mixed.forwarding(Forwarding::Masquerade))
        },
        &|ipvs| ipvs.add_destination(web(), &Destination::new(endpoint("198.51.100.7:81"))),
    ];
    for request in requests {
        let error = refused(ipvs, request);
        assert!(matches!(error, Error::Invalid(_)), "{error}");
        assert_eq!(error.raw_os_error(), None);
    }
}
