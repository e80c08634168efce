//! The whole table: read, written to a file, and changed by a plan.

use crate::common::{
    client, destination, endpoint, every_kind, every_tunnel, mark, port, saved, seconds, server,
    state, web,
};
use ipvs::{
    Change, Client, Destination, Encapsulation, Error, Family, Forwarding, GueChecksum,
    NewServices, Persistence, Plan, Scheduler, SchedulerFlags, Service, Table, Timeouts,
    VirtualServer,
};
use ipvs_lab::{in_namespace, process};

/// A table with something of everything.
fn rich() -> Table {
    let servers = every_kind().map(|(id, _)| {
        let service = Service::new(id).scheduler(Scheduler::SOURCE_HASHING);
        let forwarding = [Forwarding::Masquerade, Forwarding::Direct];
        let near = forwarding.map(|forwarding| destination(id, id.family(), forwarding).weight(0));
        let limits = |it: Destination| it.upper_threshold(mark(100)).lower_threshold(mark(10));
        let far = [Family::Ipv4, Family::Ipv6].map(|family| {
            let gue = Encapsulation::Gue {
                port: port(6080),
                checksum: GueChecksum::Full,
            };
            let mut far = limits(destination(id, family, Forwarding::Tunnel(gue)));
            far.id.address = match family {
                Family::Ipv4 => [198, 51, 100, 9].into(),
                Family::Ipv6 => endpoint("2001:db8:1::9").address,
            };
            far
        });
        let mask = if id.family() == Family::Ipv4 {
            "255.255.255.0"
        } else {
            "64"
        };
        let persistence = Persistence::new(seconds(300)).netmask(mask.parse().unwrap());
        // 198.51.100.7 is there once only where both methods have one port.
        let distinct = if near[0].id == near[1].id {
            &near[..1]
        } else {
            &near[..]
        };
        VirtualServer::new(
            service.persistent(persistence),
            distinct.iter().copied().chain(far),
        )
    });
    Table::new(timeouts(600, 60, 30), servers)
}

fn timeouts(tcp: u64, tcp_fin: u64, udp: u64) -> Timeouts {
    Timeouts::default()
        .tcp(seconds(tcp))
        .tcp_fin(seconds(tcp_fin))
        .udp(seconds(udp))
}

fn table_of(servers: impl IntoIterator<Item = VirtualServer>) -> Table {
    Table::new(Timeouts::default(), servers)
}

/// TCP 192.0.2.10:80 with these weights of 198.51.100.1, .2 …
fn weighted<const N: usize>(weights: [u32; N]) -> VirtualServer {
    let servers = weights.into_iter().zip(1..).map(|(weight, number)| {
        Destination::new(endpoint(&format!("198.51.100.{number}:80"))).weight(weight)
    });
    VirtualServer::new(Service::new(web()), servers)
}

#[track_caller]
fn become_(ipvs: &mut Client, wanted: &Table) -> Plan {
    let plan = Plan::between(&ipvs.table().unwrap(), wanted);
    ipvs.apply(&plan).unwrap();
    plan
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_table_goes_into_a_kernel_through_a_file_and_back() {
    in_namespace(|| {
        let mut ipvs = client();
        become_(&mut ipvs, &rich());
        let live = ipvs.table().unwrap();
        assert_eq!(live, rich());

        let file = toml::to_string(&live).unwrap();
        assert_eq!(toml::from_str::<Table>(&file).unwrap(), live);
        in_namespace(|| {
            let mut other = client();
            become_(&mut other, &toml::from_str(&file).unwrap());
            assert_eq!(state(&mut other).0, live);
        });
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_table_that_is_as_wanted_needs_no_change() {
    in_namespace(|| {
        let mut ipvs = client();
        become_(&mut ipvs, &rich());
        assert_eq!(become_(&mut ipvs, &rich()).changes(), []);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn any_of_some_tables_becomes_any_other() {
    in_namespace(|| {
        let mut ipvs = client();
        let tunnels = every_tunnel().map(|(tunnel, _)| {
            let destination = Destination::new(server()).forwarding(Forwarding::Tunnel(tunnel));
            table_of([VirtualServer::new(Service::new(web()), [destination])])
        });
        let mut tables = vec![
            table_of([weighted([])]),
            table_of([weighted([1, 2, 3])]),
            table_of([weighted([0, 2])]),
            table_of([VirtualServer::new(
                Service::new(web()).persistent(seconds(5)),
                [Destination::new(server())],
            )]),
        ];
        tables.extend(tunnels);
        for from in &tables {
            for to in &tables {
                become_(&mut ipvs, from);
                become_(&mut ipvs, to);
                let found = ipvs.table().unwrap().virtual_servers;
                assert_eq!(found, to.virtual_servers, "from {from:?}");
            }
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_service_that_was_filled_first_is_as_one_that_was_scheduled_first() {
    in_namespace(|| {
        let mut ipvs = client();
        let wanted = |flags: &[&str]| {
            let scheduler = Scheduler::MAGLEV_HASHING;
            let flags = SchedulerFlags::from_names(flags, &scheduler).unwrap();
            let mut service = Service::new(web()).scheduler(scheduler);
            service.scheduler_flags = flags;
            let servers = (1..=150).map(|number| {
                Destination::new(endpoint(&format!("198.51.100.{number}:80"))).weight(number)
            });
            table_of([VirtualServer::new(service, servers)])
        };
        for flags in [&[][..], &["mh-port"], &["mh-fallback", "mh-port"]] {
            let wanted = wanted(flags);
            let mut saved_after = |new_services| {
                ipvs.flush().unwrap();
                ipvs.restore(&wanted, new_services).unwrap();
                assert_eq!(
                    ipvs.table().unwrap().virtual_servers,
                    wanted.virtual_servers
                );
                saved()
            };
            let scheduled_first = saved_after(NewServices::ScheduledFirst);
            assert_eq!(saved_after(NewServices::FilledFirst), scheduled_first);
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_weight_of_0_is_a_weight() {
    in_namespace(|| {
        let mut ipvs = client();
        become_(&mut ipvs, &table_of([weighted([1, 1])]));
        let plan = become_(&mut ipvs, &table_of([weighted([0, 1])]));
        assert!(
            matches!(plan.changes(), [Change::UpdateDestination { .. }]),
            "{plan:?}"
        );
        assert!(
            saved().contains("-r 198.51.100.1:80 -g -w 0"),
            "{}",
            saved()
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn services_that_are_not_named_and_timeouts_that_are_not_named_are_left_alone() {
    in_namespace(|| {
        process::ipvsadm(&["-A", "-t", "192.0.2.99:80", "-s", "rr"]);
        process::ipvsadm(&["-a", "-t", "192.0.2.99:80", "-r", "198.51.100.9:80", "-g"]);
        let mut ipvs = client();
        let before = saved();
        let wanted = Table::new(Timeouts::default().udp(seconds(30)), [weighted([1])]);
        become_(&mut ipvs, &wanted);
        assert!(saved().contains(&before), "{}", saved());
        assert_eq!(ipvs.timeouts().unwrap(), timeouts(900, 120, 30));
        assert_eq!(ipvs.table().unwrap().virtual_servers.len(), 2);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_plan_of_which_a_change_is_refused_changes_nothing() {
    in_namespace(|| {
        let mut ipvs = client();
        become_(
            &mut ipvs,
            &Table::new(timeouts(600, 60, 30), [weighted([1, 2, 3])]),
        );
        let before = state(&mut ipvs);

        // Timeouts, the service, a destination updated and one added; then one that cannot be.
        let multicast = Destination::new(endpoint("224.0.0.1:80"));
        let mut wanted = weighted([1, 9, 3, 4]);
        wanted.service = wanted.service.scheduler(Scheduler::ROUND_ROBIN);
        wanted.destinations.push(multicast);
        let wanted = Table::new(timeouts(601, 60, 31), [wanted]);
        let plan = Plan::between(&before.0, &wanted);
        assert_eq!(plan.changes().len(), 5);

        let error = ipvs.apply(&plan).unwrap_err();
        assert!(error.not_undone.is_empty(), "{:?}", error.not_undone);
        assert!(
            matches!(error.source, Error::DestinationRefused { .. }),
            "{error:?}"
        );
        assert_eq!(
            error.to_string(),
            "cannot add destination 224.0.0.1:80 to service tcp:192.0.2.10:80; nothing was changed"
        );
        assert_eq!(state(&mut ipvs), before);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_deleted_destination_comes_back_when_a_later_change_is_refused() {
    in_namespace(|| {
        let mut ipvs = client();
        let live = table_of([weighted([1, 2, 3])]);
        become_(&mut ipvs, &live);
        let before = state(&mut ipvs);

        let unknown = Service::udp(endpoint("192.0.2.10:53")).scheduler("rrr".parse().unwrap());
        let wanted = table_of([weighted([1]), VirtualServer::new(unknown, [])]);
        let plan = Plan::between(&live, &wanted);
        assert!(matches!(
            plan.changes(),
            [
                Change::DeleteDestination { .. },
                Change::DeleteDestination { .. },
                Change::AddService(_)
            ]
        ));
        let error = ipvs.apply(&plan).unwrap_err();
        assert!(error.not_undone.is_empty(), "{:?}", error.not_undone);
        assert_eq!(
            error.to_string(),
            "cannot add service udp:192.0.2.10:53; nothing was changed"
        );
        assert_eq!(state(&mut ipvs), before);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_added_service_goes_again_when_a_later_change_is_refused() {
    in_namespace(|| {
        let mut ipvs = client();
        let multicast = Destination::new(endpoint("224.0.0.1:80"));
        let server = VirtualServer::new(
            Service::new(web()),
            [
                Destination::new(server()),
                Destination::new(endpoint("198.51.100.1:80")),
                multicast,
            ],
        );
        let plan = Plan::between(&Table::default(), &table_of([server]));
        let error = ipvs.apply(&plan).unwrap_err();
        assert!(error.not_undone.is_empty(), "{:?}", error.not_undone);
        assert_eq!(saved(), "");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_could_not_be_undone_is_named() {
    in_namespace(|| {
        let mut ipvs = client();
        become_(&mut ipvs, &table_of([weighted([])]));
        ipvs.add_destination(web(), &Destination::new(server()))
            .unwrap();
        let to = Destination::new(server()).weight(5);
        // What it never was: the kernel refuses a lower threshold alone.
        let mut from = to;
        from.lower_threshold = Some(mark(1));
        let unknown = Service::udp(endpoint("192.0.2.10:53")).scheduler("rrr".parse().unwrap());
        let service = web();
        let plan: Plan = [
            Change::UpdateDestination { service, from, to },
            Change::AddService(unknown),
        ]
        .into_iter()
        .collect();
        let error = ipvs.apply(&plan).unwrap_err();
        assert!(
            matches!(error.source, Error::SchedulerNotFound(_)),
            "{error:?}"
        );
        assert_eq!(error.not_undone.len(), 1);
        assert_eq!(
            error.to_string(),
            "cannot add service udp:192.0.2.10:53; these changes could not be undone: update \
             destination 198.51.100.7:80 of service tcp:192.0.2.10:80: lower threshold 1 → none \
             (the kernel refused the request: Math result not representable)"
        );
        assert_eq!(
            saved(),
            "-A -t 192.0.2.10:80 -s wlc\n-a -t 192.0.2.10:80 -r 198.51.100.7:80 -g -w 5"
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_netmask_of_all_bits_is_no_change() {
    in_namespace(|| {
        let mut ipvs = client();
        for (vip, mask) in [
            ("192.0.2.10:80", "255.255.255.255"),
            ("[2001:db8::10]:80", "128"),
        ] {
            let persistence = Persistence::new(seconds(50)).netmask(mask.parse().unwrap());
            let service = Service::tcp(endpoint(vip)).persistent(persistence);
            let wanted = table_of([VirtualServer::new(service, [])]);
            assert_eq!(become_(&mut ipvs, &wanted).changes().len(), 1);
            assert_eq!(become_(&mut ipvs, &wanted).changes(), []);
        }
    });
}
