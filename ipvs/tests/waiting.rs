//! What takes its time: draining, and changing a weight little by little.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use ipvs::testing::{Command, FakeKernel, Traffic};
use ipvs::{
    Client, Connection, Destination, Drain, DrainProgress, DrainUntil, Drained, Endpoint, Error,
    Family, Invalid, Ramp, Ramped, Service, Timeouts, settings,
};

const SOON: Duration = Duration::from_millis(1);
const LONG: Duration = Duration::from_secs(60);

fn endpoint(text: &str) -> Endpoint {
    text.parse().unwrap()
}

fn server() -> Endpoint {
    endpoint("198.51.100.7:80")
}

/// A kernel with this service and a server behind it, of weight 7.
fn with(service: &Service) -> (FakeKernel, Client) {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    ipvs.add_service(service).unwrap();
    ipvs.add_destination(service.id, &Destination::new(server()).weight(7))
        .unwrap();
    (kernel, ipvs)
}

fn tcp() -> Service {
    Service::tcp(endpoint("192.0.2.10:80"))
}

fn udp() -> Service {
    Service::udp(endpoint("192.0.2.10:80"))
}

fn marked() -> Service {
    Service::fwmark(NonZeroU32::MIN, Family::Ipv4)
}

/// Drains, and each time that it looked takes one away of what `has` names; how often it looked.
fn looks_until_empty(
    service: &Service,
    has: fn(&mut Traffic) -> &mut u32,
    until: DrainUntil,
) -> usize {
    let (kernel, mut ipvs) = with(service);
    let id = service.id;
    kernel
        .edit_traffic(id, server(), |traffic| *has(traffic) = 3)
        .unwrap();
    let mut looks = 0;
    let drain = Drain::new().until(until).every(SOON).within(LONG);
    let drained = ipvs.drain_destination(id, server(), &drain, |_| {
        looks += 1;
        let weight = |kernel: &FakeKernel| {
            let status = kernel.client().unwrap().destination(id, server());
            status.unwrap().destination.weight
        };
        assert_eq!(weight(&kernel), 0);
        kernel
            .edit_traffic(id, server(), |traffic| {
                *has(traffic) = has(traffic).saturating_sub(1);
            })
            .unwrap();
    });
    assert_eq!(drained.unwrap(), Drained::Empty);
    looks
}

#[test]
fn draining_waits_for_what_the_protocol_counts() {
    let active: fn(&mut Traffic) -> &mut u32 = |traffic| &mut traffic.active_connections;
    let inactive: fn(&mut Traffic) -> &mut u32 = |traffic| &mut traffic.inactive_connections;
    let templates: fn(&mut Traffic) -> &mut u32 = |traffic| &mut traffic.persistent_connections;
    let (remembered, none_active) = (DrainUntil::NoneRemembered, DrainUntil::NoneActive);
    for (service, has, until, looks) in [
        (tcp(), active, remembered, 4),
        (tcp(), active, none_active, 4),
        // A connection that one side has closed is inactive, and the other side may go on.
        (tcp(), inactive, remembered, 4),
        (tcp(), inactive, none_active, 1),
        // The kernel counts no UDP flow as active.
        (udp(), inactive, none_active, 4),
        (marked(), active, none_active, 4),
        (marked(), inactive, none_active, 4),
        // Templates of a service that was persistent once bind nobody.
        (tcp(), templates, remembered, 1),
        (tcp().persistent(LONG), templates, none_active, 4),
    ] {
        let seen = looks_until_empty(&service, has, until);
        assert_eq!(seen, looks, "{} {until:?}", service.id);
    }
}

/// As after a failover: the other director sent the connection before this one had the destination.
#[test]
fn a_connection_that_the_counters_do_not_have_is_waited_for() {
    let (kernel, mut ipvs) = with(&tcp());
    let line = "TCP C0A80102 C5C6 C000020A 0050 C6336407 0050 ESTABLISHED     897";
    let connection = Connection::parse(line).unwrap();
    kernel.edit_connections(|connections| connections.push(connection));
    let drain = Drain::new().every(SOON).within(LONG);
    let mut left = Vec::new();
    let drained = ipvs.drain_destination(tcp().id, server(), &drain, |now| {
        left.push(now.inactive_connections);
        if left.len() == 2 {
            kernel.edit_connections(Vec::clear);
        }
    });
    assert_eq!(drained.unwrap(), Drained::Empty);
    assert_eq!(left, [1, 1, 0]);
}

#[test]
fn persistent_clients_are_not_waited_for_where_the_kernel_sends_them_elsewhere() {
    let service = tcp().persistent(LONG);
    let (kernel, mut ipvs) = with(&service);
    kernel
        .edit_traffic(service.id, server(), |traffic| {
            traffic.persistent_connections = 3;
        })
        .unwrap();
    ipvs.set_setting(&settings::EXPIRE_QUIESCENT_TEMPLATE, true)
        .unwrap();
    let mut seen = Vec::new();
    let drained = ipvs.drain_destination(service.id, server(), &Drain::new(), |left| {
        seen.push((left.persistent_connections, left.is_held_by_persistence));
    });
    assert_eq!(drained.unwrap(), Drained::Empty);
    assert_eq!(seen, [(3, false)]);
}

#[test]
fn when_time_is_over_it_says_what_is_left_and_the_weight_stays_0() {
    let (kernel, mut ipvs) = with(&tcp());
    kernel
        .edit_traffic(tcp().id, server(), |traffic| {
            traffic.active_connections = 2;
            traffic.inactive_connections = 5;
        })
        .unwrap();
    let limit = Duration::from_millis(30);
    let drain = Drain::new().within(limit).every(LONG);
    let mut last = None;
    let before = Instant::now();
    let drained = ipvs
        .drain_destination(tcp().id, server(), &drain, |left| last = Some(*left))
        .unwrap();
    assert!(before.elapsed() >= limit && before.elapsed() < LONG);
    let Drained::TimedOut(left) = drained else {
        panic!("{drained:?}");
    };
    assert_eq!(Some(left), last);
    let DrainProgress {
        active_connections,
        inactive_connections,
        ..
    } = left;
    assert_eq!((active_connections, inactive_connections), (2, 5));
    let status = ipvs.destination(tcp().id, server()).unwrap();
    assert_eq!(status.destination.weight, 0);
}

#[test]
fn a_weight_that_somebody_gives_back_meanwhile_is_taken_again() {
    let (kernel, mut ipvs) = with(&tcp());
    let traffic = |active| {
        kernel
            .edit_traffic(tcp().id, server(), |traffic| {
                traffic.active_connections = active;
            })
            .unwrap();
    };
    traffic(1);
    let mut other = kernel.client().unwrap();
    let mut looks = 0;
    let drain = Drain::new().every(SOON).within(LONG);
    let drained = ipvs.drain_destination(tcp().id, server(), &drain, |_| {
        looks += 1;
        let weight = |other: &mut Client| {
            let status = other.destination(tcp().id, server()).unwrap();
            status.destination.weight
        };
        match looks {
            1 => {
                other
                    .edit_destination(tcp().id, server(), |server| server.weight = 9)
                    .unwrap();
            }
            2 => assert_eq!(weight(&mut other), 0),
            _ => traffic(0),
        }
    });
    assert_eq!(drained.unwrap(), Drained::Empty);
    assert_eq!(looks, 4);
}

#[test]
fn what_is_deleted_meanwhile_is_an_error() {
    let (kernel, mut ipvs) = with(&tcp());
    kernel
        .edit_traffic(tcp().id, server(), |traffic| traffic.active_connections = 1)
        .unwrap();
    let mut other = kernel.client().unwrap();
    let drain = Drain::new().every(SOON).within(LONG);
    let error = ipvs
        .drain_destination(tcp().id, server(), &drain, |_| {
            other.delete_destination(tcp().id, server()).unwrap();
        })
        .unwrap_err();
    assert!(matches!(error, Error::DestinationNotFound { .. }));
    let error = ipvs
        .drain_destination(udp().id, server(), &drain, |_| {})
        .unwrap_err();
    assert!(matches!(error, Error::ServiceNotFound(_)));
}

#[test]
fn a_destination_that_has_weight_0_already_is_not_written() {
    let (kernel, mut ipvs) = with(&tcp());
    ipvs.edit_destination(tcp().id, server(), |server| server.weight = 0)
        .unwrap();
    kernel.take_requests();
    let drained = ipvs.drain_destination(tcp().id, server(), &Drain::default(), |_| {});
    assert_eq!(drained.unwrap(), Drained::Empty);
    assert!(!kernel.take_requests().contains(&Command::SetDest));
}

#[test]
fn a_ramp_goes_through_its_weights_and_ends_at_the_last() {
    let (kernel, mut ipvs) = with(&tcp());
    let ramp = Ramp::to(107).steps(NonZeroU32::new(4).unwrap()).over(SOON);
    let mut seen = Vec::new();
    let ramped = ipvs.ramp_destination(tcp().id, server(), &ramp, |weight| {
        let status = kernel.client().unwrap().destination(tcp().id, server());
        assert_eq!(status.unwrap().destination.weight, weight);
        seen.push(weight);
    });
    assert_eq!(ramped.unwrap(), Ramped::Done);
    assert_eq!(seen, [32, 57, 82, 107]);
}

#[test]
fn a_ramp_waits_between_its_steps_and_at_no_other_time() {
    let (_, mut ipvs) = with(&tcp());
    let mut ramp_in = |steps, over| {
        let ramp = Ramp::to(9)
            .steps(NonZeroU32::new(steps).unwrap())
            .over(over);
        let before = Instant::now();
        let ramped = ipvs.ramp_destination(tcp().id, server(), &ramp, |_| {});
        assert_eq!(ramped.unwrap(), Ramped::Done);
        before.elapsed()
    };
    assert!(ramp_in(1, LONG) < LONG / 2);
    let short = Duration::from_millis(40);
    for steps in [2, 5] {
        let took = ramp_in(steps, short);
        assert!(took >= short && took < LONG / 2, "{took:?}");
    }
}

#[test]
fn a_ramp_gives_way_to_somebody_elses_weight() {
    let (kernel, mut ipvs) = with(&tcp());
    let mut other = kernel.client().unwrap();
    let ramped = ipvs.ramp_destination(tcp().id, server(), &Ramp::to(100).over(SOON), |_| {
        other
            .edit_destination(tcp().id, server(), |server| server.weight = 0)
            .unwrap();
    });
    assert_eq!(ramped.unwrap(), Ramped::Overtaken(0));
    let status = ipvs.destination(tcp().id, server()).unwrap();
    assert_eq!(status.destination.weight, 0);
}

#[test]
fn a_ramp_to_a_weight_that_there_is_not_changes_nothing() {
    let (_, mut ipvs) = with(&tcp());
    let too_high = Ramp::to(u32::MAX).over(SOON);
    let error = ipvs
        .ramp_destination(tcp().id, server(), &too_high, |_| {})
        .unwrap_err();
    assert!(matches!(error, Error::Invalid(Invalid::Weight(u32::MAX))));
    let status = ipvs.destination(tcp().id, server()).unwrap();
    assert_eq!(status.destination.weight, 7);
}

#[test]
fn the_timeouts_of_before_are_at_hand_to_be_set_again() {
    let (_, mut ipvs) = with(&tcp());
    let original = ipvs.timeouts().unwrap();
    let before = ipvs
        .replace_timeouts(&Timeouts::default().udp(LONG))
        .unwrap();
    assert_eq!(before, Timeouts::default().udp(original.udp.unwrap()));
    assert_eq!(ipvs.timeouts().unwrap().udp, Some(LONG));
    ipvs.set_timeouts(&before).unwrap();
    assert_eq!(ipvs.timeouts().unwrap(), original);
}

#[test]
fn what_may_be_missing_is_found_or_not() {
    let (kernel, mut ipvs) = with(&tcp());
    let found = ipvs.find_service(tcp().id).unwrap();
    assert_eq!(found.map(|status| status.service), Some(tcp()));
    assert_eq!(ipvs.find_service(udp().id).unwrap(), None);
    let other = endpoint("198.51.100.8:80");
    assert!(ipvs.find_destination(tcp().id, server()).unwrap().is_some());
    assert_eq!(ipvs.find_destination(tcp().id, other).unwrap(), None);
    assert_eq!(ipvs.find_destination(udp().id, server()).unwrap(), None);
    kernel.revoke_privilege();
    let denied: [Result<(), Error>; 2] = [
        ipvs.find_service(tcp().id).map(drop),
        ipvs.find_destination(tcp().id, server()).map(drop),
    ];
    for denied in denied {
        assert!(matches!(denied, Err(Error::PermissionDenied)));
    }
}
