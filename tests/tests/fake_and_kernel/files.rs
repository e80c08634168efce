//! What is told in files.

use ipvs::{
    Client, Destination, Encapsulation, Endpoint, Error, Family, Forwarding, Hashing,
    ListedDestination, ListedService, ListedServiceId, Persistence, Scheduler, Service, Stats,
};

use crate::common::{endpoint, every_kind, mark, seconds, server, web};

crate::conversations![
    an_empty_table_is_listed_with_version_and_size,
    services_of_every_kind_are_listed_in_the_order_of_netlink,
    destinations_are_listed_with_what_is_told_of_them,
    one_packet_scheduling_is_told_of_ipv4_and_marks_alone,
    persistence_is_listed_in_ticks_and_with_its_netmask,
    what_cannot_be_sent_is_listed_all_the_same,
    where_nothing_happened_there_is_nothing_to_tell,
];

fn listed(ipvs: &Client) -> Vec<ListedService> {
    ipvs.listing().unwrap().services
}

fn an_empty_table_is_listed_with_version_and_size(ipvs: &mut Client) {
    let listing = ipvs.listing().unwrap();
    assert_eq!(listing.services, []);
    assert_eq!(listing.info, ipvs.info().unwrap());
    let bits = ipvs.connection_table_bits().unwrap();
    assert_eq!(listing.info.connection_table_size, 1 << bits);
}

fn services_of_every_kind_are_listed_in_the_order_of_netlink(ipvs: &mut Client) {
    for (id, _) in every_kind() {
        let service = Service::new(id).scheduler(Scheduler::ROUND_ROBIN);
        ipvs.add_service(&service).unwrap();
    }
    let services = ipvs.services().unwrap();
    let names = services
        .iter()
        .map(|status| ListedServiceId::from(status.service.id));
    let listed = listed(ipvs);
    let listed_names = listed.iter().map(|service| service.id);
    assert!(names.eq(listed_names), "{listed:?}");
    assert!(
        listed
            .iter()
            .all(|service| service.scheduler == Scheduler::ROUND_ROBIN)
    );
}

fn destinations_are_listed_with_what_is_told_of_them(ipvs: &mut Client) {
    ipvs.add_service(&Service::new(web())).unwrap();
    let tunnel = Forwarding::Tunnel(Encapsulation::Ipip);
    for (destination, weight) in [
        (Destination::new(server()), 1),
        (
            Destination::new(endpoint("198.51.100.8:8080")).forwarding(Forwarding::Masquerade),
            0,
        ),
        (
            Destination::new(endpoint("[2001:db8:1::7]:80")).forwarding(tunnel),
            2_147_483_647,
        ),
    ] {
        ipvs.add_destination(web(), &destination.weight(weight))
            .unwrap();
    }
    let services = listed(ipvs);
    let told: Vec<_> = services[0]
        .destinations
        .iter()
        .map(|it: &ListedDestination| format!("{} {} {}", it.id, it.forwarding, it.weight))
        .collect();
    assert_eq!(
        told,
        [
            "[2001:db8:1::7]:80 tunnel 2147483647",
            "198.51.100.8:8080 masquerade 0",
            "198.51.100.7:80 direct 1",
        ]
    );
}

fn one_packet_scheduling_is_told_of_ipv4_and_marks_alone(ipvs: &mut Client) {
    for (service, plain, one_packet) in [
        ("192.0.2.10:53", Some(false), Some(true)),
        ("[2001:db8::10]:53", None, None),
    ] {
        let service = Service::udp(endpoint(service));
        for (service, told) in [
            (service.clone(), plain),
            (service.clone().one_packet(), one_packet),
        ] {
            ipvs.ensure_service(&service).unwrap();
            assert_eq!(listed(ipvs)[0].one_packet, told, "{}", service.id);
        }
        ipvs.flush().unwrap();
    }
    let marked = Service::fwmark(mark(7), Family::Ipv6).one_packet();
    ipvs.add_service(&marked).unwrap();
    assert_eq!(listed(ipvs)[0].one_packet, Some(true));
}

fn persistence_is_listed_in_ticks_and_with_its_netmask(ipvs: &mut Client) {
    for (service, netmask, told) in [
        (web(), "255.255.255.0", Some("255.255.255.0")),
        (web(), "255.255.255.255", Some("255.255.255.255")),
        (
            ipvs::ServiceId::tcp(endpoint("[2001:db8::10]:80")),
            "64",
            Some("64"),
        ),
        (
            ipvs::ServiceId::fwmark(mark(7), Family::Ipv4),
            "255.255.0.0",
            None,
        ),
    ] {
        let netmask = netmask.parse().unwrap();
        let persistence = Persistence::new(seconds(360)).netmask(netmask);
        let service = Service::new(service).persistent(persistence);
        ipvs.add_service(&service).unwrap();
        let persistence = listed(ipvs)[0].persistence.unwrap();
        assert_eq!(
            persistence.netmask,
            told.map(|netmask| netmask.parse().unwrap())
        );
        let ticks_a_second = persistence.timeout_ticks / 360;
        assert!(
            [100, 250, 300, 1000].contains(&ticks_a_second),
            "{ticks_a_second}"
        );
        ipvs.flush().unwrap();
    }
}

fn what_cannot_be_sent_is_listed_all_the_same(ipvs: &mut Client) {
    let hashed = Service::new(web()).hashed(Hashing::source().with_port());
    ipvs.add_service(&hashed).unwrap();
    let service = &listed(ipvs)[0];
    assert_eq!(service.scheduler, Scheduler::SOURCE_HASHING);
    assert_eq!(service.persistence, None);
    let every_port = Service::tcp(Endpoint::from(server().address)).persistent(seconds(7));
    ipvs.add_service(&every_port).unwrap();
    assert_eq!(listed(ipvs).len(), 2);
}

fn where_nothing_happened_there_is_nothing_to_tell(ipvs: &mut Client) {
    ipvs.add_service(&Service::new(web())).unwrap();
    assert_eq!(ipvs.connections().unwrap().count(), 0);
    assert_eq!(ipvs.connections_with_origin().unwrap().count(), 0);
    assert_eq!(ipvs.totals().unwrap(), Stats::default());
    let cpus = ipvs.totals_by_cpu().unwrap();
    assert_eq!(
        cpus.first().map(|cpu| (cpu.cpu, cpu.connections)),
        Some((0, 0))
    );
    let absent = ipvs.setting(&ipvs::settings::EST_NICE);
    assert!(
        matches!(&absent, Err(Error::SettingNotFound(name)) if name == "est_nice"),
        "{absent:?}"
    );
}
