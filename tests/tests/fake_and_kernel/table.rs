//! The whole table: made by a plan, or left as it was.

use ipvs::{
    ApplyError, Change, Client, Destination, Difference, Endpoint, Error, Family, Forwarding,
    IneffectiveServices, Invalid, NewServices, Plan, RestoreError, Scheduler, Service, SyncDaemon,
    SyncRole, Table, Timeouts, VirtualServer,
};

use crate::common::{destination, every_kind, every_tunnel, mark, seconds, web};

crate::conversations![
    a_plan_makes_a_table_and_then_has_nothing_to_do,
    a_plan_makes_only_the_changes,
    a_plan_that_is_refused_is_undone,
    a_plan_from_an_old_reading_is_undone_too,
    what_cannot_be_undone_is_said,
    a_plan_with_a_daemon_on_no_device_is_undone,
    a_service_that_is_never_served_and_there_already_does_not_stop_a_restore,
];

/// Something of everything.
fn rich() -> Table {
    let servers = every_kind().map(|(id, _)| {
        let tunnels = every_tunnel()
            .into_iter()
            .zip(1..)
            .map(|((tunnel, _), number)| {
                let mut destination = destination(id, Family::Ipv4, Forwarding::Tunnel(tunnel));
                destination.id.address = [198, 51, 100, number].into();
                destination.weight(number.into()).upper_threshold(mark(7))
            });
        let near = destination(id, id.family(), Forwarding::Masquerade);
        let service = Service::new(id).persistent(seconds(60));
        VirtualServer::new(service, tunnels.chain([near]))
    });
    Table::new(timeouts(600), servers)
}

fn timeouts(tcp: u64) -> Timeouts {
    Timeouts::default()
        .tcp(seconds(tcp))
        .tcp_fin(seconds(60))
        .udp(seconds(30))
}

/// TCP 192.0.2.10:80 with destinations of these numbers and weights, and what else there is.
fn small(destinations: &[(u8, u32)]) -> Table {
    let destinations = destinations.iter().map(|(number, weight)| {
        Destination::new(Endpoint::new([198, 51, 100, *number].into(), 80)).weight(*weight)
    });
    let server = VirtualServer::new(Service::new(web()), destinations);
    Table::new(timeouts(300), [server])
}

fn apply(ipvs: &mut Client, wanted: &Table) -> Result<Plan, ApplyError> {
    let plan = Plan::between(&ipvs.table().unwrap(), wanted);
    ipvs.apply(&plan).map(|()| plan)
}

fn a_plan_makes_a_table_and_then_has_nothing_to_do(ipvs: &mut Client) {
    apply(ipvs, &rich()).unwrap();
    assert_eq!(ipvs.table().unwrap(), rich());
    assert!(apply(ipvs, &rich()).unwrap().is_empty());
}

fn a_plan_makes_only_the_changes(ipvs: &mut Client) {
    apply(ipvs, &small(&[(1, 1), (2, 1), (3, 1)])).unwrap();
    let wanted = small(&[(1, 1), (3, 0), (4, 1)]);
    let plan = apply(ipvs, &wanted).unwrap();
    assert!(
        matches!(
            plan.changes(),
            [
                Change::UpdateDestination { .. },
                Change::AddDestination { .. },
                Change::DeleteDestination { .. }
            ]
        ),
        "{plan:?}"
    );
    assert_eq!(ipvs.table().unwrap(), wanted);
}

/// A service whose scheduler is not there, behind all others.
fn refused() -> VirtualServer {
    let service = Service::fwmark(mark(1), Family::Ipv6).scheduler("rrr".parse().unwrap());
    VirtualServer::new(service, [])
}

fn a_plan_that_is_refused_is_undone(ipvs: &mut Client) {
    apply(ipvs, &small(&[(1, 1), (2, 1), (3, 1)])).unwrap();
    let before = ipvs.table().unwrap();

    let mut wanted = small(&[(1, 9), (4, 1)]);
    wanted.timeouts = timeouts(5);
    wanted.virtual_servers[0].service.scheduler = Scheduler::MAGLEV_HASHING;
    wanted
        .virtual_servers
        .extend(rich().virtual_servers.into_iter().skip(1));
    wanted.virtual_servers.push(refused());
    let plan = Plan::between(&before, &wanted);
    assert!(plan.changes().len() > 30);
    let error = ipvs.apply(&plan).unwrap_err();
    assert!(matches!(*error.change, Change::AddService(_)));
    assert!(matches!(error.source, Error::SchedulerNotFound(_)));
    assert_eq!(error.not_undone.len(), 0, "{error}");
    assert_eq!(ipvs.table().unwrap(), before);
}

/// Somebody else deleted what is to be deleted.
fn a_plan_from_an_old_reading_is_undone_too(ipvs: &mut Client) {
    apply(ipvs, &small(&[(1, 1), (2, 1)])).unwrap();
    let plan = Plan::between(&ipvs.table().unwrap(), &small(&[(1, 5)]));
    let gone = Endpoint::new([198, 51, 100, 2].into(), 80);
    ipvs.delete_destination(web(), gone).unwrap();
    let error = ipvs.apply(&plan).unwrap_err();
    assert!(matches!(*error.change, Change::DeleteDestination { .. }));
    assert!(matches!(error.source, Error::DestinationNotFound { .. }));
    assert_eq!(error.not_undone.len(), 0, "{error}");
    assert_eq!(ipvs.table().unwrap(), small(&[(1, 1)]));
}

/// The scheduler that there was is not there any more.
fn what_cannot_be_undone_is_said(ipvs: &mut Client) {
    apply(ipvs, &small(&[(1, 1)])).unwrap();
    let mut before = small(&[(1, 1)]);
    before.virtual_servers[0].service.scheduler = "rrr".parse().unwrap();
    let mut wanted = small(&[(1, 5)]);
    wanted.virtual_servers.push(refused());
    let error = ipvs.apply(&Plan::between(&before, &wanted)).unwrap_err();
    let [(change, reason)] = error.not_undone.as_slice() else {
        panic!("{error}");
    };
    assert!(matches!(change, Change::UpdateService { .. }));
    assert!(matches!(reason, Error::SchedulerNotFound(_)));
    assert_eq!(ipvs.table().unwrap(), small(&[(1, 1)]));
}

/// The daemon that was running is started again.
fn a_plan_with_a_daemon_on_no_device_is_undone(ipvs: &mut Client) {
    let on = |device| {
        let daemon = SyncDaemon::new(SyncRole::Master, device);
        small(&[(1, 1)]).sync_daemons([daemon.sync_id(3)])
    };
    apply(ipvs, &on("lo")).unwrap();
    let before = ipvs.table().unwrap();
    // The kernel may stay silent when a daemon is stopped that never ran.
    std::thread::sleep(std::time::Duration::from_millis(100));
    let error = apply(ipvs, &on("nowhere0")).unwrap_err();
    assert!(matches!(error.source, Error::InterfaceNotFound(_)));
    assert_eq!(error.not_undone.len(), 0, "{error}");
    assert_eq!(ipvs.table().unwrap(), before);
}

/// Services that are taken and never served, and one that is served.
fn never_served(addresses: &[&str]) -> Table {
    let mut table = small(&[(1, 1)]);
    let services = addresses
        .iter()
        .map(|address| Service::udp(address.parse::<Endpoint>().unwrap()));
    let servers = services.map(|service| VirtualServer::new(service, []));
    table.virtual_servers.extend(servers);
    table
}

fn a_service_that_is_never_served_and_there_already_does_not_stop_a_restore(ipvs: &mut Client) {
    let (one, two) = ("0.0.0.0:53", "224.0.0.1:53");
    let restore =
        |ipvs: &mut Client, table: &Table| ipvs.restore(table, NewServices::ScheduledFirst);
    ipvs.set_ineffective_services(IneffectiveServices::Accept);
    restore(ipvs, &never_served(&[one])).unwrap();
    ipvs.set_ineffective_services(IneffectiveServices::Refuse);

    // It is the same, it changes, and it is joined by another service.
    assert_eq!(restore(ipvs, &never_served(&[one])).unwrap(), 0);
    let mut changed = never_served(&[one]);
    changed.virtual_servers[1].service.scheduler = Scheduler::ROUND_ROBIN;
    assert_eq!(restore(ipvs, &changed).unwrap(), 1);
    let before = ipvs.table().unwrap();
    assert!(before.virtual_servers.contains(&changed.virtual_servers[1]));

    let wanted = never_served(&[one, two]);
    let named = |error: Error| match error {
        Error::Invalid(Invalid::Ineffective { service, .. }) => service.to_string(),
        error => panic!("{error}"),
    };
    let RestoreError::NotBegun(error) = restore(ipvs, &wanted).unwrap_err() else {
        panic!("begun");
    };
    assert_eq!(named(error), format!("udp:{two}"));
    let difference = Difference::between(&before, &wanted);
    let error = ipvs.apply_difference(difference).unwrap_err();
    assert_eq!(named(error.source), format!("udp:{two}"));
    assert_eq!(ipvs.table().unwrap(), before);
}
