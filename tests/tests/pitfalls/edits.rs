//! Changes of one thing that others turn into changes of more.

use std::net::UdpSocket;

use ipvs::{
    Destination, Encapsulation, Family, Forwarding, Persistence, Scheduler, SchedulerFlags,
    Service, ServiceId,
};
use ipvs_lab::in_namespace;

use crate::common::program::done;
use crate::common::traffic::{echo_at, own, talk_to};
use crate::common::{
    client, destination, destinations, endpoint, every_kind, every_tunnel, mark, read, saved,
    seconds, server, web,
};

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_edit_does_not_reset_the_tunnel() {
    let edits: [fn(&mut Destination); 4] = [
        |destination| destination.weight = 7,
        |destination| destination.upper_threshold = Some(mark(200)),
        |destination| destination.lower_threshold = Some(mark(20)),
        |destination| destination.weight = 0,
    ];
    in_namespace(|| {
        let mut ipvs = client();
        for (service, named) in every_kind() {
            ipvs.add_service(&Service::new(service)).unwrap();
            for (tunnel, _) in every_tunnel() {
                let mut now = destination(service, Family::Ipv4, Forwarding::Tunnel(tunnel));
                ipvs.add_destination(service, &now).unwrap();
                for edit in edits {
                    edit(&mut now);
                    let edited = ipvs.edit_destination(service, now.id, edit).unwrap();
                    assert_eq!(edited, now, "{named}");
                    assert_eq!(destinations(&mut ipvs, service), [now], "{named}");
                }
                ipvs.delete_destination(service, now.id).unwrap();
            }
            ipvs.delete_service(service).unwrap();
        }

        ipvs.add_service(&Service::new(web())).unwrap();
        for (tunnel, shown) in every_tunnel() {
            let through = Destination::new(server()).forwarding(Forwarding::Tunnel(tunnel));
            ipvs.add_destination(web(), &through).unwrap();
            done("edit-destination -t 192.0.2.10:80 -r 198.51.100.7 -w 9 -x 100");
            let line = format!("-a -t 192.0.2.10:80 -r 198.51.100.7:80 -i -w 9 {shown}");
            assert_eq!(saved().lines().last(), Some(line.as_str()));
            ipvs.delete_destination(web(), server()).unwrap();
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_edit_of_one_setting_does_not_reset_another() {
    let edits: [fn(&mut Service); 8] = [
        |service| service.scheduler = Scheduler::MAGLEV_HASHING,
        |service| service.scheduler_flags = SchedulerFlags::all(),
        |service| service.persistence = Some(Persistence::new(seconds(77))),
        |service| {
            let netmask = "255.255.0.0".parse().unwrap();
            service.persistence = Some(Persistence::new(seconds(77)).netmask(netmask));
        },
        |service| service.persistence_engine = None,
        |service| service.one_packet = false,
        |service| service.scheduler_flags = SchedulerFlags::empty(),
        |service| (service.persistence, service.persistence_engine) = (None, None),
    ];
    in_namespace(|| {
        let mut ipvs = client();
        let everything = Service::udp(endpoint("192.0.2.10:5060"))
            .scheduler(Scheduler::SOURCE_HASHING)
            .scheduler_flags(SchedulerFlags::FALLBACK)
            .persistent(Persistence::new(seconds(60)).netmask("255.255.255.0".parse().unwrap()))
            .persistence_engine("sip".parse().unwrap())
            .one_packet();
        // Each from everything, so that the order of edits hides nothing.
        for (number, edit) in edits.into_iter().enumerate() {
            ipvs.add_service(&everything).unwrap();
            let mut expected = everything.clone();
            edit(&mut expected);
            assert_ne!(expected, everything, "{number}");
            let edited = ipvs.edit_service(everything.id, edit).unwrap();
            assert_eq!(edited, expected, "{number}");
            assert_eq!(read(&mut ipvs, everything.id), expected, "{number}");
            ipvs.delete_service(everything.id).unwrap();
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_destination_that_comes_back_with_its_connections_does_not_bring_its_settings() {
    in_namespace(|| {
        own(&["192.0.2.10/32", "198.51.100.7/32"]);
        echo_at("198.51.100.7:80");
        let mut ipvs = client();
        ipvs.add_service(&Service::new(web())).unwrap();
        let before = Destination::new(server())
            .forwarding(Forwarding::Masquerade)
            .weight(3)
            .upper_threshold(mark(100))
            .lower_threshold(mark(10));
        ipvs.add_destination(web(), &before).unwrap();
        let _talk = talk_to("192.0.2.10:80");
        ipvs.delete_destination(web(), server()).unwrap();

        let again = Destination::new(server())
            .forwarding(Forwarding::Tunnel(Encapsulation::Ipip))
            .weight(9);
        ipvs.add_destination(web(), &again).unwrap();
        let found = ipvs.destination(web(), server()).unwrap();
        assert_eq!(found.active_connections, 1, "it is the same one");
        assert_eq!(found.destination, again);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_update_of_a_service_does_not_cost_its_connections_or_destinations() {
    in_namespace(|| {
        own(&["192.0.2.10/32", "198.51.100.7/32"]);
        let echo = UdpSocket::bind("198.51.100.7:53").unwrap();
        let asks = UdpSocket::bind("192.0.2.10:0").unwrap();
        let mut ipvs = client();
        let service = ServiceId::udp(endpoint("192.0.2.10:53"));
        let server =
            Destination::new(endpoint("198.51.100.7:53")).forwarding(Forwarding::Masquerade);
        ipvs.add_service(&Service::new(service)).unwrap();
        ipvs.add_destination(service, &server).unwrap();
        asks.send_to(b"hello", "192.0.2.10:53").unwrap();
        assert_eq!(echo.recv(&mut [0; 8]).unwrap(), 5);
        for scheduler in [
            Scheduler::SOURCE_HASHING,
            Scheduler::NONE,
            Scheduler::ROUND_ROBIN,
        ] {
            let changed = Service::new(service).scheduler(scheduler);
            ipvs.update_service(&changed).unwrap();
            assert_eq!(ipvs.connections().unwrap().count(), 1);
            let [found] = <[_; 1]>::try_from(ipvs.destinations(service).unwrap()).unwrap();
            assert_eq!((found.destination, found.inactive_connections), (server, 1));
        }
        // Nor does deleting it, which cannot be undone by them: they expire.
        ipvs.delete_service(service).unwrap();
        assert_eq!(ipvs.connections().unwrap().count(), 1);
    });
}
