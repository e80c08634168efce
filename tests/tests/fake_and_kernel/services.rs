//! Services: added, read back, changed, deleted.

use ipvs::{
    Client, Destination, Encapsulation, Endpoint, Ensured, Error, Family, Forwarding, Persistence,
    Scheduler, SchedulerFlags, Service, ServiceId,
};

use crate::common::{destinations, endpoint, every_kind, mark, read, seconds, server, web};

crate::conversations![
    a_new_table_is_empty,
    every_kind_of_service_is_read_back,
    every_scheduler_is_taken,
    flags_are_read_back,
    persistence_is_read_back,
    an_engine_stays_until_an_update_leaves_it_out,
    an_update_replaces_the_whole_configuration,
    an_edit_keeps_what_it_does_not_name,
    a_service_is_ensured,
    a_service_takes_its_destinations_along,
    a_mark_of_either_family_is_a_service_of_its_own,
    a_protocol_of_either_name_is_a_service_of_its_own,
    flushing_leaves_no_service,
    zeroing_leaves_the_configuration,
    maglev_hashing_has_room_for_4093,
];

fn a_new_table_is_empty(ipvs: &mut Client) {
    assert_eq!(ipvs.services().unwrap(), []);
    assert_eq!(ipvs.virtual_servers().unwrap(), []);
    assert_eq!(ipvs.sync_daemons().unwrap(), []);
    let info = ipvs.info().unwrap();
    assert_eq!(info.version.to_string(), "1.2.1");
    assert!(info.connection_table_size.is_power_of_two());
}

fn every_kind_of_service_is_read_back(ipvs: &mut Client) {
    for (id, _) in every_kind() {
        ipvs.add_service(&Service::new(id)).unwrap();
        let status = ipvs.service(id).unwrap();
        assert_eq!(status.service, Service::new(id));
        assert_eq!(status.stats, ipvs::Stats::default());
    }
    let mut found: Vec<_> = ipvs
        .services()
        .unwrap()
        .into_iter()
        .map(|status| status.service.id)
        .collect();
    found.sort();
    let mut wanted = every_kind().map(|(id, _)| id);
    wanted.sort();
    assert_eq!(found, wanted);
}

fn every_scheduler_is_taken(ipvs: &mut Client) {
    ipvs.add_service(&Service::new(web())).unwrap();
    ipvs.add_destination(web(), &Destination::new(server()))
        .unwrap();
    let schedulers = [
        "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh",
        "none",
    ];
    for (name, number) in schedulers.into_iter().zip(1..) {
        let scheduler: Scheduler = name.parse().unwrap();
        let added = Service::fwmark(mark(number), Family::Ipv4).scheduler(scheduler.clone());
        ipvs.add_service(&added).unwrap();
        assert_eq!(read(ipvs, added.id), added);
        let changed = Service::new(web()).scheduler(scheduler);
        ipvs.update_service(&changed).unwrap();
        assert_eq!(read(ipvs, web()), changed);
    }
    assert_eq!(destinations(ipvs, web()).len(), 1);
}

fn flags_are_read_back(ipvs: &mut Client) {
    let dns = ServiceId::udp(endpoint("192.0.2.10:53"));
    let mut wanted = Service::new(dns)
        .scheduler(Scheduler::MAGLEV_HASHING)
        .scheduler_flags(SchedulerFlags::all())
        .one_packet();
    ipvs.add_service(&wanted).unwrap();
    assert_eq!(read(ipvs, dns), wanted);
    wanted.scheduler_flags = SchedulerFlags::PORT;
    wanted.one_packet = false;
    ipvs.update_service(&wanted).unwrap();
    assert_eq!(read(ipvs, dns), wanted);
}

fn persistence_is_read_back(ipvs: &mut Client) {
    let v6 = ServiceId::tcp(endpoint("[2001:db8::10]:80"));
    for (id, timeout, netmask) in [
        (web(), 1, "255.255.255.255"),
        (web(), 300, "255.255.255.0"),
        (web(), 2_678_400, "0.0.0.0"),
        (web(), 5, "255.0.255.0"),
        (v6, 1, "1"),
        (v6, 360, "64"),
        (v6, 360, "128"),
    ] {
        let persistence = Persistence::new(seconds(timeout)).netmask(netmask.parse().unwrap());
        let wanted = Service::new(id).persistent(persistence);
        ipvs.ensure_service(&wanted).unwrap();
        assert_eq!(read(ipvs, id), wanted);
    }
    let any_port = ServiceId::tcp(endpoint("192.0.2.10"));
    let wanted = Service::new(any_port).persistent(seconds(300));
    ipvs.add_service(&wanted).unwrap();
    assert_eq!(read(ipvs, any_port), wanted);
}

fn an_engine_stays_until_an_update_leaves_it_out(ipvs: &mut Client) {
    let id = ServiceId::udp(endpoint("192.0.2.10:5060"));
    let without = Service::new(id).persistent(seconds(60));
    let with = without.clone().persistence_engine("sip".parse().unwrap());
    ipvs.add_service(&with).unwrap();
    assert_eq!(read(ipvs, id), with);
    let edited = ipvs
        .edit_service(id, |service| service.scheduler = Scheduler::ROUND_ROBIN)
        .unwrap();
    assert_eq!(edited, with.scheduler(Scheduler::ROUND_ROBIN));
    assert_eq!(read(ipvs, id), edited);
    ipvs.update_service(&without).unwrap();
    assert_eq!(read(ipvs, id), without);
}

fn an_update_replaces_the_whole_configuration(ipvs: &mut Client) {
    let rich = Service::new(web())
        .scheduler(Scheduler::SOURCE_HASHING)
        .scheduler_flags(SchedulerFlags::FALLBACK)
        .persistent(Persistence::new(seconds(300)).netmask("255.0.0.0".parse().unwrap()));
    ipvs.add_service(&rich).unwrap();
    ipvs.add_destination(web(), &Destination::new(server()))
        .unwrap();
    ipvs.update_service(&Service::new(web())).unwrap();
    assert_eq!(read(ipvs, web()), Service::new(web()));
    assert_eq!(destinations(ipvs, web()), [Destination::new(server())]);
}

fn an_edit_keeps_what_it_does_not_name(ipvs: &mut Client) {
    let before = Service::new(web())
        .scheduler(Scheduler::SOURCE_HASHING)
        .scheduler_flags(SchedulerFlags::PORT)
        .persistent(seconds(300));
    ipvs.add_service(&before).unwrap();
    ipvs.edit_service(web(), |service| {
        service.scheduler = Scheduler::MAGLEV_HASHING;
    })
    .unwrap();
    assert_eq!(
        read(ipvs, web()),
        before.scheduler(Scheduler::MAGLEV_HASHING)
    );
}

fn a_service_is_ensured(ipvs: &mut Client) {
    let rr = Service::new(web()).scheduler(Scheduler::ROUND_ROBIN);
    for (wanted, outcome) in [
        (Service::new(web()), Ensured::Created),
        (rr.clone(), Ensured::Changed),
        (rr, Ensured::Unchanged),
    ] {
        assert_eq!(ipvs.ensure_service(&wanted).unwrap(), outcome);
        assert_eq!(read(ipvs, web()), wanted);
    }
}

fn a_service_takes_its_destinations_along(ipvs: &mut Client) {
    for _ in 0..2 {
        ipvs.add_service(&Service::new(web())).unwrap();
        assert_eq!(ipvs.destinations(web()).unwrap(), []);
        ipvs.add_destination(web(), &Destination::new(server()))
            .unwrap();
        ipvs.delete_service(web()).unwrap();
        assert!(matches!(
            ipvs.destinations(web()),
            Err(Error::ServiceNotFound(_))
        ));
    }
}

fn a_mark_of_either_family_is_a_service_of_its_own(ipvs: &mut Client) {
    let [v4, v6] = [Family::Ipv4, Family::Ipv6].map(|it| ServiceId::fwmark(mark(7), it));
    ipvs.add_service(&Service::new(v4)).unwrap();
    let error = ipvs.service(v6).unwrap_err();
    assert!(matches!(error, Error::ServiceNotFound(id) if id == v6));
    ipvs.add_service(&Service::new(v6)).unwrap();
    ipvs.delete_service(v4).unwrap();
    assert_eq!(read(ipvs, v6), Service::new(v6));
    // The highest mark, and a destination for whatever port is marked.
    let highest = Service::fwmark(mark(u32::MAX), Family::Ipv6);
    ipvs.add_service(&highest).unwrap();
    let far = Destination::new(endpoint("2001:db8:1::7"))
        .forwarding(Forwarding::Tunnel(Encapsulation::Ipip));
    ipvs.add_destination(highest.id, &far).unwrap();
    assert_eq!(destinations(ipvs, highest.id), [far]);
}

fn a_protocol_of_either_name_is_a_service_of_its_own(ipvs: &mut Client) {
    let address: Endpoint = endpoint("192.0.2.10:53");
    let ids = [
        ServiceId::tcp(address),
        ServiceId::udp(address),
        ServiceId::sctp(address),
    ];
    for id in ids {
        ipvs.add_service(&Service::new(id)).unwrap();
    }
    ipvs.delete_service(ids[1]).unwrap();
    assert!(ipvs.service(ids[0]).is_ok());
    assert!(ipvs.service(ids[1]).unwrap_err().is_not_found());
    assert!(ipvs.service(ids[2]).is_ok());
}

fn flushing_leaves_no_service(ipvs: &mut Client) {
    for (id, _) in every_kind() {
        ipvs.add_service(&Service::new(id)).unwrap();
    }
    ipvs.add_destination(web(), &Destination::new(server()))
        .unwrap();
    let timeouts = ipvs::Timeouts::default().tcp(seconds(60));
    ipvs.set_timeouts(&timeouts).unwrap();
    ipvs.flush().unwrap();
    assert_eq!(ipvs.services().unwrap(), []);
    assert_eq!(ipvs.timeouts().unwrap().tcp, timeouts.tcp);
    ipvs.flush().unwrap();
}

fn zeroing_leaves_the_configuration(ipvs: &mut Client) {
    let service = Service::new(web()).persistent(seconds(60));
    ipvs.add_service(&service).unwrap();
    ipvs.add_destination(web(), &Destination::new(server()))
        .unwrap();
    let before = ipvs.table().unwrap();
    ipvs.zero_service(web()).unwrap();
    ipvs.zero().unwrap();
    assert_eq!(ipvs.table().unwrap(), before);
}

/// When it is chosen, that is: a destination that comes later is taken and never served.
fn maglev_hashing_has_room_for_4093(ipvs: &mut Client) {
    ipvs.add_service(&Service::new(web())).unwrap();
    let numbered = |number: u32| {
        let address = std::net::Ipv4Addr::from(0x0a01_0000 + number);
        Destination::new(Endpoint::new(address.into(), 80))
    };
    for number in 0..4093 {
        ipvs.add_destination(web(), &numbered(number)).unwrap();
    }
    let hashed = Service::new(web()).scheduler(Scheduler::MAGLEV_HASHING);
    ipvs.update_service(&hashed).unwrap();
    ipvs.add_destination(web(), &numbered(4093)).unwrap();
    // It has the scheduler already.
    ipvs.update_service(&hashed.clone().persistent(seconds(60)))
        .unwrap();

    let wlc = Service::new(web());
    ipvs.update_service(&wlc).unwrap();
    let error = ipvs.update_service(&hashed).unwrap_err();
    assert!(matches!(error, Error::SchedulerRefused { .. }), "{error}");
    assert_eq!(read(ipvs, web()), wlc);
    assert_eq!(ipvs.destinations(web()).unwrap().len(), 4094);
}
