//! Services on a kernel: what is written is read back, by us and by ipvsadm.

use std::collections::HashSet;

use crate::common::{client, endpoint, every_kind, lines, mark, raw, read, saved, seconds, web};
use ipvs::{
    Endpoint, Family, Netmask, Persistence, Protocol, Scheduler, SchedulerFlags, Service, ServiceId,
};
use ipvs_lab::in_namespace;
use ipvs_sys::constants::{IP_VS_SVC_F_HASHED, IP_VS_SVC_F_PERSISTENT};
use ipvs_sys::{Command, SvcAttr};

/// Each that this kernel has, with its name.
fn schedulers() -> [(Scheduler, &'static str); 14] {
    [
        (Scheduler::ROUND_ROBIN, "rr"),
        (Scheduler::WEIGHTED_ROUND_ROBIN, "wrr"),
        (Scheduler::LEAST_CONNECTION, "lc"),
        (Scheduler::WEIGHTED_LEAST_CONNECTION, "wlc"),
        (Scheduler::LOCALITY_BASED_LEAST_CONNECTION, "lblc"),
        (
            Scheduler::LOCALITY_BASED_LEAST_CONNECTION_WITH_REPLICATION,
            "lblcr",
        ),
        (Scheduler::DESTINATION_HASHING, "dh"),
        (Scheduler::SOURCE_HASHING, "sh"),
        (Scheduler::SHORTEST_EXPECTED_DELAY, "sed"),
        (Scheduler::NEVER_QUEUE, "nq"),
        (Scheduler::WEIGHTED_FAILOVER, "fo"),
        (Scheduler::WEIGHTED_OVERFLOW, "ovf"),
        (Scheduler::MAGLEV_HASHING, "mh"),
        (Scheduler::NONE, "none"),
    ]
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_service_of_every_kind_is_added_read_changed_zeroed_and_deleted() {
    in_namespace(|| {
        let mut ipvs = client();
        for (id, named) in every_kind() {
            let added = Service::new(id).scheduler(Scheduler::ROUND_ROBIN);
            ipvs.add_service(&added).unwrap();
            assert_eq!(read(&mut ipvs, id), added, "{id}");
            assert_eq!(saved(), format!("-A {named} -s rr"));

            let changed = Service::new(id).scheduler(Scheduler::SOURCE_HASHING);
            let changed = changed
                .scheduler_flags(SchedulerFlags::PORT)
                .persistent(seconds(300));
            ipvs.update_service(&changed).unwrap();
            assert_eq!(read(&mut ipvs, id), changed, "{id}");
            assert_eq!(saved(), format!("-A {named} -s sh -p 300 -b sh-port"));

            ipvs.zero_service(id).unwrap();
            assert_eq!(read(&mut ipvs, id), changed, "{id}");

            ipvs.delete_service(id).unwrap();
            assert!(ipvs.service(id).unwrap_err().is_not_found(), "{id}");
            assert_eq!(saved(), "", "{id}");
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn services_of_every_kind_stand_side_by_side() {
    in_namespace(|| {
        let mut ipvs = client();
        for (id, _) in every_kind() {
            ipvs.add_service(&Service::new(id)).unwrap();
        }
        let listed: HashSet<_> = ipvs
            .services()
            .unwrap()
            .into_iter()
            .map(|status| status.service)
            .collect();
        assert_eq!(listed, every_kind().map(|(id, _)| Service::new(id)).into());
        let saved: HashSet<_> = saved().lines().map(str::to_owned).collect();
        assert_eq!(
            saved,
            every_kind()
                .map(|(_, named)| format!("-A {named} -s wlc"))
                .into()
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn every_scheduler_is_taken_and_follows_every_other() {
    crate::common::modules::load_locality_based();
    in_namespace(|| {
        let mut ipvs = client();
        ipvs.add_service(&Service::new(web()).scheduler(Scheduler::ROUND_ROBIN))
            .unwrap();
        for (scheduler, name) in schedulers() {
            let service = Service::new(web()).scheduler(scheduler);
            ipvs.update_service(&service).unwrap();
            assert_eq!(read(&mut ipvs, web()), service);
            assert_eq!(saved(), format!("-A -t 192.0.2.10:80 -s {name}"));
        }
        for (scheduler, name) in schedulers() {
            ipvs.delete_service(web()).unwrap();
            ipvs.add_service(&Service::new(web()).scheduler(scheduler.clone()))
                .unwrap();
            assert_eq!(read(&mut ipvs, web()).scheduler, scheduler);
            assert_eq!(saved(), format!("-A -t 192.0.2.10:80 -s {name}"));
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_flags_of_a_scheduler_are_shown_by_their_names() {
    in_namespace(|| {
        let mut ipvs = client();
        let (sh, mh, rr) = (
            Scheduler::SOURCE_HASHING,
            Scheduler::MAGLEV_HASHING,
            Scheduler::ROUND_ROBIN,
        );
        let both = SchedulerFlags::FALLBACK | SchedulerFlags::PORT;
        ipvs.add_service(&Service::new(web())).unwrap();
        for (scheduler, flags, shown) in [
            (&sh, SchedulerFlags::FALLBACK, "-s sh -b sh-fallback"),
            (&sh, both, "-s sh -b sh-fallback,sh-port"),
            (&mh, both, "-s mh -b mh-fallback,mh-port"),
            (&rr, SchedulerFlags::all(), "-s rr -b flag-1,flag-2,flag-3"),
            (&rr, SchedulerFlags::empty(), "-s rr"),
        ] {
            let service = Service::new(web())
                .scheduler(scheduler.clone())
                .scheduler_flags(flags);
            ipvs.update_service(&service).unwrap();
            assert_eq!(read(&mut ipvs, web()), service);
            assert_eq!(saved(), format!("-A -t 192.0.2.10:80 {shown}"));
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_netmask_is_read_back_as_it_was_set_and_shown_where_it_is_not_the_default() {
    in_namespace(|| {
        let mut ipvs = client();
        for (id, named) in every_kind() {
            let masks: &[&str] = match id.family() {
                Family::Ipv4 => &["255.255.255.0", "255.0.255.0", "0.0.0.0"],
                Family::Ipv6 => &["1", "64", "127"],
            };
            let plain = Service::new(id).persistent(Persistence::new(seconds(50)));
            ipvs.add_service(&plain).unwrap();
            assert_eq!(saved(), format!("-A {named} -s wlc -p 50"));
            for mask in masks {
                let netmask: Netmask = mask.parse().unwrap();
                let persistence = Persistence::new(seconds(50)).netmask(netmask);
                let masked = Service::new(id).persistent(persistence);
                ipvs.update_service(&masked).unwrap();
                assert_eq!(read(&mut ipvs, id), masked);
                assert_eq!(saved(), format!("-A {named} -s wlc -p 50 -M {mask}"));
            }
            ipvs.update_service(&plain).unwrap();
            assert_eq!(read(&mut ipvs, id), plain);
            ipvs.delete_service(id).unwrap();
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_whole_mask_and_no_mask_are_one_to_the_kernel() {
    in_namespace(|| {
        let mut ipvs = client();
        for (id, mask) in [
            (web(), "255.255.255.255"),
            (ServiceId::tcp(endpoint("[2001:db8::10]:80")), "128"),
        ] {
            let netmask: Netmask = mask.parse().unwrap();
            let persistence = Persistence::new(seconds(50)).netmask(netmask);
            ipvs.add_service(&Service::new(id).persistent(persistence))
                .unwrap();
            let found = read(&mut ipvs, id).persistence.unwrap();
            assert_eq!(found.netmask, None);
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn persistence_lasts_from_a_second_to_31_days() {
    in_namespace(|| {
        let mut ipvs = client();
        ipvs.add_service(&Service::new(web())).unwrap();
        for timeout in [1, 360, 31 * 24 * 3600] {
            let service = Service::new(web()).persistent(seconds(timeout));
            ipvs.update_service(&service).unwrap();
            assert_eq!(read(&mut ipvs, web()), service);
            assert_eq!(saved(), format!("-A -t 192.0.2.10:80 -s wlc -p {timeout}"));
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_persistent_service_takes_every_port() {
    in_namespace(|| {
        let mut ipvs = client();
        let service = Service::tcp(endpoint("192.0.2.10")).persistent(seconds(10));
        ipvs.add_service(&service).unwrap();
        assert_eq!(read(&mut ipvs, service.id), service);
        assert_eq!(saved(), "-A -t 192.0.2.10:0 -s wlc -p 10");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn packets_are_scheduled_one_by_one_for_udp_and_marks() {
    in_namespace(|| {
        let mut ipvs = client();
        for (id, named) in every_kind() {
            match id {
                ServiceId::Address { protocol, .. } if protocol != Protocol::Udp => continue,
                _ => {}
            }
            let service = Service::new(id).one_packet();
            ipvs.add_service(&service).unwrap();
            assert_eq!(read(&mut ipvs, id), service);
            assert_eq!(saved(), format!("-A {named} -s wlc -o"));
            ipvs.update_service(&Service::new(id)).unwrap();
            assert_eq!(read(&mut ipvs, id), Service::new(id));
            ipvs.delete_service(id).unwrap();
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_update_without_the_persistence_engine_takes_it_away() {
    in_namespace(|| {
        let mut ipvs = client();
        let plain = Service::udp(endpoint("192.0.2.10:5060")).persistent(seconds(60));
        let sip = plain.clone().persistence_engine("sip".parse().unwrap());
        ipvs.add_service(&sip).unwrap();
        assert_eq!(read(&mut ipvs, sip.id), sip);
        assert_eq!(saved(), "-A -u 192.0.2.10:5060 -s wlc -p 60 --pe sip");
        ipvs.update_service(&plain).unwrap();
        assert_eq!(read(&mut ipvs, sip.id), plain);
        ipvs.update_service(&sip).unwrap();
        assert_eq!(read(&mut ipvs, sip.id), sip);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_edit_keeps_what_it_does_not_name() {
    in_namespace(|| {
        let mut ipvs = client();
        let before = Service::udp(endpoint("192.0.2.10:5060"))
            .scheduler(Scheduler::SOURCE_HASHING)
            .scheduler_flags(SchedulerFlags::FALLBACK)
            .persistent(Persistence::new(seconds(60)).netmask("255.255.0.0".parse().unwrap()))
            .persistence_engine("sip".parse().unwrap())
            .one_packet();
        ipvs.add_service(&before).unwrap();

        let edited = ipvs
            .edit_service(before.id, |service| {
                service.scheduler = Scheduler::MAGLEV_HASHING;
            })
            .unwrap();
        assert_eq!(edited, before.clone().scheduler(Scheduler::MAGLEV_HASHING));
        assert_eq!(read(&mut ipvs, before.id), edited);
        assert_eq!(
            saved(),
            "-A -u 192.0.2.10:5060 -s mh -p 60 -M 255.255.0.0 --pe sip -o -b mh-fallback"
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_edit_that_changes_nothing_writes_nothing() {
    in_namespace(|| {
        // A flag without a meaning, which the kernel stores and a write of ours takes away.
        let unknown = 0x100;
        let service = raw::service(raw::key(raw::TCP, 80), unknown, 0);
        assert_eq!(raw::ask(Command::NewService, service), None);
        let is_there = || {
            let attributes = raw::read_service(raw::key(raw::TCP, 80));
            let is_set = |attribute| matches!(attribute, SvcAttr::Flags(flags) if flags.flags & unknown != 0);
            attributes.into_iter().any(is_set)
        };

        let mut ipvs = client();
        let unchanged = ipvs.edit_service(web(), |_| {}).unwrap();
        assert_eq!(unchanged, read(&mut ipvs, web()));
        assert!(is_there());
        ipvs.edit_service(web(), |service| service.scheduler = Scheduler::NONE)
            .unwrap();
        assert!(!is_there());
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_kernels_own_flag_never_shows() {
    in_namespace(|| {
        let mut ipvs = client();
        let service = Service::new(web()).persistent(seconds(300));
        ipvs.add_service(&service).unwrap();
        let flags = raw::read_service(raw::key(raw::TCP, 80))
            .into_iter()
            .find_map(|attribute| match attribute {
                SvcAttr::Flags(flags) => Some(flags.flags),
                _ => None,
            });
        assert_eq!(flags, Some(IP_VS_SVC_F_PERSISTENT | IP_VS_SVC_F_HASHED));
        assert_eq!(read(&mut ipvs, web()), service);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_empty_table_is_an_empty_list() {
    in_namespace(|| {
        let mut ipvs = client();
        assert_eq!(ipvs.services().unwrap(), []);
        assert_eq!(ipvs.virtual_servers().unwrap(), []);
        assert_eq!(ipvs.table().unwrap().virtual_servers, []);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_list_of_many_datagrams_has_each_service_once() {
    in_namespace(|| {
        let mut ipvs = client();
        let added: Vec<_> = (1..=1200)
            .map(|port| Service::tcp(Endpoint::new([192, 0, 2, 10].into(), port)))
            .collect();
        for service in &added {
            ipvs.add_service(service).unwrap();
        }
        let mut listed: Vec<_> = ipvs
            .services()
            .unwrap()
            .into_iter()
            .map(|status| status.service)
            .collect();
        listed.sort_by_key(|service| service.id);
        assert_eq!(listed, added);

        ipvs.flush().unwrap();
        assert_eq!(ipvs.services().unwrap(), []);
        assert_eq!(saved(), "");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_highest_mark_is_a_mark() {
    in_namespace(|| {
        let mut ipvs = client();
        for family in [Family::Ipv4, Family::Ipv6] {
            let service = Service::fwmark(mark(u32::MAX), family);
            ipvs.add_service(&service).unwrap();
            assert_eq!(read(&mut ipvs, service.id), service);
        }
        // ipvsadm reads it as signed.
        assert_eq!(saved(), lines(["-A -f -1 -s wlc", "-A -f -1 -6 -s wlc"]));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn one_mark_of_two_families_is_two_services() {
    in_namespace(|| {
        let mut ipvs = client();
        let v4 = Service::fwmark(mark(7), Family::Ipv4).scheduler(Scheduler::ROUND_ROBIN);
        let v6 = Service::fwmark(mark(7), Family::Ipv6).scheduler(Scheduler::SOURCE_HASHING);
        ipvs.add_service(&v4).unwrap();
        ipvs.add_service(&v6).unwrap();
        assert_eq!(
            (read(&mut ipvs, v4.id), read(&mut ipvs, v6.id)),
            (v4.clone(), v6.clone())
        );
        ipvs.delete_service(v4.id).unwrap();
        assert_eq!(read(&mut ipvs, v6.id), v6);
        assert_eq!(saved(), "-A -f 7 -6 -s sh");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_kernel_says_its_version_and_the_size_of_its_connection_table() {
    in_namespace(|| {
        let info = client().info().unwrap();
        assert_eq!(info.version.to_string(), "1.2.1");
        assert_eq!(info.connection_table_size, 4096);
    });
}
