//! A table that becomes what is there: what is asked of the kernel for it, and in which order.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::net::Ipv4Addr;
use std::time::Duration;

use ipvs::testing::{Command, FakeKernel};
use ipvs::{
    Change, Destination, Endpoint, Error, Invalid, NewServices, PartOutcome, Plan, PlanPart,
    RestoreError, Scheduler, Service, SyncDaemon, SyncRole, Table, Timeouts, VirtualServer,
};
use ipvs_sys::Errno;

fn service() -> Service {
    Service::tcp("192.0.2.10:80".parse::<Endpoint>().unwrap())
}

fn destinations(count: u32) -> impl Iterator<Item = Destination> {
    (0..count).map(|number| {
        let address = Ipv4Addr::from(0x0b00_0001 + number);
        Destination::new(Endpoint::new(address.into(), 80))
    })
}

/// One service with so many destinations.
fn table(service: Service, count: u32) -> Table {
    let server = VirtualServer::new(service, destinations(count));
    Table::new(Timeouts::default(), [server])
}

#[test]
fn a_restore_says_how_many_changes_it_took_and_a_second_one_takes_none() {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    // More than go into one batch.
    let wanted = table(service(), 1200);
    let restore = |ipvs: &mut ipvs::Client| ipvs.restore(&wanted, NewServices::ScheduledFirst);
    assert_eq!(restore(&mut ipvs).unwrap(), 1201);
    assert_eq!(
        ipvs.table().unwrap().virtual_servers,
        wanted.virtual_servers
    );
    kernel.take_requests();
    assert_eq!(restore(&mut ipvs).unwrap(), 0);
    let writes = |command: &Command| matches!(command, Command::NewDest | Command::NewService);
    assert!(!kernel.take_requests().iter().any(writes));
}

#[test]
fn a_restore_that_is_refused_late_leaves_what_was_there() {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    ipvs.restore(&table(service(), 3), NewServices::ScheduledFirst)
        .unwrap();
    let before = ipvs.table().unwrap();

    let scheduled = service().scheduler(Scheduler::ROUND_ROBIN);
    let server = VirtualServer::new(scheduled, destinations(1500));
    let beyond = VirtualServer::new(
        Service::tcp("192.0.2.11:80".parse::<Endpoint>().unwrap()),
        [],
    );
    let wanted = Table::new(Timeouts::default(), [server, beyond.clone()]);
    // The last change of all.
    kernel.refuse_next(Command::NewService, Errno::ENOMEM as i32);
    let error = ipvs
        .restore(&wanted, NewServices::ScheduledFirst)
        .unwrap_err();
    let RestoreError::NotApplied(error) = error else {
        panic!("{error:?}");
    };
    assert_eq!(*error.change, Change::AddService(beyond.service));
    assert!(error.not_undone.is_empty(), "{error:?}");
    assert_eq!(ipvs.table().unwrap(), before);
}

/// A service that gets its scheduler behind more destinations than go into one batch, and one more.
fn filled_first() -> Table {
    let scheduled = service().scheduler(Scheduler::MAGLEV_HASHING);
    let last = Service::tcp("192.0.2.11:80".parse::<Endpoint>().unwrap());
    let servers = [
        VirtualServer::new(scheduled, destinations(600)),
        VirtualServer::new(last, []),
    ];
    Table::new(Timeouts::default(), servers)
}

#[test]
fn a_change_whose_answer_is_lost_late_is_found_and_counted() {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    kernel.silence_next(Command::SetService);
    let changes = ipvs.restore(&filled_first(), NewServices::FilledFirst);
    assert_eq!(changes.unwrap(), 603);
    let found = ipvs.table().unwrap().virtual_servers;
    assert_eq!(found, filled_first().virtual_servers);
}

#[test]
fn what_was_sent_behind_a_refused_change_is_undone_too() {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    let before = ipvs.table().unwrap();
    kernel.refuse_next(Command::SetService, Errno::ENOMEM as i32);
    let error = ipvs.restore(&filled_first(), NewServices::FilledFirst);
    let RestoreError::NotApplied(error) = error.unwrap_err() else {
        panic!("not applied");
    };
    assert!(matches!(*error.change, Change::UpdateService { .. }));
    assert!(error.not_undone.is_empty(), "{error:?}");
    assert_eq!(ipvs.table().unwrap(), before);
}

#[test]
fn what_goes_by_itself_is_undone_with_what_goes_together() {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    let before = ipvs.table().unwrap();
    let timeouts = Timeouts::default().udp(Duration::from_secs(7));
    let wanted = Table::new(timeouts, table(service(), 600).virtual_servers)
        .sync_daemons([SyncRole::Master, SyncRole::Backup].map(|role| SyncDaemon::new(role, "lo")));
    assert_eq!(Plan::between(&before, &wanted).changes().len(), 1 + 601 + 2);
    kernel.refuse_next(Command::NewDaemon, Errno::ENOMEM as i32);
    let error = ipvs.restore(&wanted, NewServices::ScheduledFirst);
    assert!(matches!(error, Err(RestoreError::NotApplied(_))));
    assert_eq!(ipvs.table().unwrap(), before);
}

#[test]
fn a_table_that_makes_no_sense_is_refused_before_anything_is_asked() {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    kernel.take_requests();
    let mut twice = table(service(), 1);
    twice
        .virtual_servers
        .push(VirtualServer::new(service(), []));
    let error = ipvs.restore(&twice, NewServices::ScheduledFirst);
    let invalid = Error::from(Invalid::DuplicateService(service().id)).to_string();
    let error = error.unwrap_err();
    assert!(matches!(error, RestoreError::NotBegun(_)), "{error:?}");
    assert_eq!(error.to_string(), invalid);
    assert_eq!(kernel.take_requests(), []);
}

fn schedulers(changes: &[Change]) -> Vec<&str> {
    let schedulers = changes.iter().filter_map(|change| match change {
        Change::AddService(service) => Some(service.scheduler.name()),
        Change::UpdateService { to, .. } => Some(to.scheduler.name()),
        _ => None,
    });
    schedulers.collect()
}

#[test]
fn a_new_service_is_filled_first_only_where_that_is_faster() {
    let changes = |scheduler: Scheduler, count, new_services| {
        let wanted = table(service().scheduler(scheduler), count);
        let plan = Plan::between_with(&Table::default(), &wanted, new_services);
        plan.changes().to_vec()
    };
    for (scheduler, enough) in [
        (Scheduler::MAGLEV_HASHING, 100),
        (Scheduler::WEIGHTED_ROUND_ROBIN, 2000),
    ] {
        let name = scheduler.name();
        let of = |count, new_services| changes(scheduler.clone(), count, new_services);
        let first = of(enough, NewServices::ScheduledFirst);
        assert_eq!(schedulers(&first), [name]);
        let few = of(enough - 1, NewServices::FilledFirst);
        assert_eq!(schedulers(&few), [name]);
        let many = of(enough, NewServices::FilledFirst);
        assert_eq!(schedulers(&many), ["rr", name]);
        let last = many.last().unwrap();
        assert!(matches!(last, Change::UpdateService { .. }), "{last:?}");
        assert_eq!(many.len(), enough as usize + 2);
    }
    let other = changes(Scheduler::SOURCE_HASHING, 3000, NewServices::FilledFirst);
    assert_eq!(schedulers(&other), ["sh"]);
}

#[test]
fn a_service_that_is_there_keeps_its_scheduler_while_it_is_filled() {
    let scheduled = service().scheduler(Scheduler::MAGLEV_HASHING);
    let (live, wanted) = (table(scheduled.clone(), 1), table(scheduled, 500));
    let plan = Plan::between_with(&live, &wanted, NewServices::FilledFirst);
    assert_eq!(schedulers(plan.changes()), [] as [&str; 0]);
    assert_eq!(plan.changes().len(), 499);
}

#[test]
fn services_and_destinations_come_one_by_one_as_they_come_together() {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    let other = Service::udp("192.0.2.9:80".parse::<Endpoint>().unwrap());
    let servers = [
        VirtualServer::new(service(), destinations(150)),
        VirtualServer::new(other, destinations(2)),
    ];
    let wanted = Table::new(Timeouts::default(), servers);
    ipvs.restore(&wanted, NewServices::ScheduledFirst).unwrap();

    let mut services = Vec::new();
    ipvs.for_each_service(|status| services.push(status))
        .unwrap();
    assert_eq!(services, ipvs.services().unwrap());

    let id = service().id;
    let mut one_by_one = Vec::new();
    ipvs.for_each_destination(id, |status| one_by_one.push(status))
        .unwrap();
    assert_eq!(one_by_one.len(), 150);
    assert_eq!(one_by_one, ipvs.destinations(id).unwrap());

    let together = ipvs.virtual_servers().unwrap();
    let mut place = 0;
    ipvs.for_each_virtual_server(|service, destinations| {
        assert_eq!(*service, together[place].service);
        assert_eq!(destinations, together[place].destinations);
        place += 1;
    })
    .unwrap();
    assert_eq!(place, 2);
}

fn other_service() -> Service {
    Service::udp("192.0.2.10:53".parse::<Endpoint>().unwrap())
}

#[test]
fn a_service_whose_deletion_is_undone_has_its_destinations_again() {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    let scheduled = service().scheduler(Scheduler::SOURCE_HASHING);
    ipvs.restore(&table(scheduled, 3), NewServices::ScheduledFirst)
        .unwrap();
    let before = ipvs.table().unwrap();
    // Whoever made the plan knew the name of the service, and little else.
    let plan: Plan = [
        Change::DeleteService(service()),
        Change::AddService(other_service()),
    ]
    .into_iter()
    .collect();
    kernel.refuse_next(Command::NewService, Errno::ENOMEM as i32);
    let error = ipvs.apply(&plan).unwrap_err();
    assert_eq!(*error.change, Change::AddService(other_service()));
    assert!(error.not_undone.is_empty(), "{error:?}");
    assert_eq!(ipvs.table().unwrap(), before);

    ipvs.apply(&plan).unwrap();
    let left = ipvs.services().unwrap().into_iter();
    let left: Vec<_> = left.map(|status| status.service).collect();
    assert_eq!(left, [other_service()]);
}

#[test]
fn a_service_is_deleted_with_what_the_changes_before_gave_it() {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    ipvs.restore(&table(service(), 2), NewServices::ScheduledFirst)
        .unwrap();
    let before = ipvs.table().unwrap();
    let [first, second, third] = [0, 1, 2].map(|it| destinations(3).nth(it).unwrap());
    let id = service().id;
    let changes = [
        Change::DeleteDestination {
            service: id,
            destination: first,
        },
        Change::AddDestination {
            service: id,
            destination: third,
        },
        Change::UpdateDestination {
            service: id,
            from: second,
            to: second.weight(9),
        },
        Change::DeleteService(service()),
        Change::AddService(service()),
        Change::DeleteService(service()),
        Change::AddService(other_service()),
    ];
    // The second service that is added is the one that is refused.
    let refused = Service::fwmark(std::num::NonZeroU32::MIN, ipvs::Family::Ipv4)
        .scheduler("missing".parse().unwrap());
    let changes = changes.into_iter().chain([Change::AddService(refused)]);
    let error = ipvs.apply(&changes.collect()).unwrap_err();
    assert!(error.not_undone.is_empty(), "{error:?}");
    assert_eq!(ipvs.table().unwrap(), before);
}

#[test]
fn a_plan_applied_service_by_service_leaves_out_what_is_refused() {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    let unknown = Service::tcp("192.0.2.9:80".parse::<Endpoint>().unwrap())
        .scheduler("missing".parse().unwrap());
    let wanted = Table::new(
        Timeouts::default().udp(Duration::from_secs(30)),
        [
            VirtualServer::new(unknown.clone(), destinations(2)),
            VirtualServer::new(service(), destinations(2)),
        ],
    );
    let live = ipvs.table().unwrap();
    let report = ipvs.apply_each(&Plan::between(&live, &wanted));
    assert!(!report.is_done());
    let refused: Vec<_> = report.refused().map(|(part, _)| part).collect();
    assert_eq!(refused, [PlanPart::Service(unknown.id)]);
    assert_eq!(report.parts().count(), 3);
    let error = report.into_result().unwrap_err();
    assert!(matches!(error.source, Error::SchedulerNotFound(_)));

    let found = ipvs.table().unwrap();
    assert_eq!(found.virtual_servers, table(service(), 2).virtual_servers);
    assert_eq!(found.timeouts.udp, Some(Duration::from_secs(30)));
}

#[test]
fn nothing_is_sent_behind_a_part_whose_answer_is_lost() {
    let kernel = FakeKernel::new();
    let mut ipvs = kernel.client().unwrap();
    let live = ipvs.table().unwrap();
    let mut wanted = table(service(), 1);
    wanted.timeouts = Timeouts::default().udp(Duration::from_secs(30));
    kernel.silence_next(Command::SetConfig);
    let report = ipvs.apply_each(&Plan::between(&live, &wanted));
    let outcomes: Vec<_> = report.parts().collect();
    assert!(matches!(
        outcomes[..],
        [
            (PlanPart::Timeouts, PartOutcome::Refused(_)),
            (PlanPart::Service(_), PartOutcome::NotTried)
        ]
    ));
    assert!(ipvs.services().unwrap().is_empty());
}
