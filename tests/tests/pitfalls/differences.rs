//! Comparisons that overlook something, or mistake one thing for another.

use ipvs::{
    Change, Client, Destination, Encapsulation, Forwarding, GueChecksum, Persistence, Plan,
    Scheduler, SchedulerFlags, Service, Table, Timeouts, VirtualServer,
};
use ipvs_lab::{in_namespace, process};

use crate::common::program::{shown, shown_for};
use crate::common::{client, endpoint, lines, mark, port, saved, seconds};

/// What makes one thing of a configuration another.
type Difference<T> = fn(&mut T);

fn service() -> Service {
    Service::udp(endpoint("192.0.2.10:5060"))
        .scheduler(Scheduler::SOURCE_HASHING)
        .scheduler_flags(SchedulerFlags::FALLBACK)
        .persistent(Persistence::new(seconds(60)).netmask("255.255.255.0".parse().unwrap()))
        .persistence_engine("sip".parse().unwrap())
        .one_packet()
}

fn gue(number: u16, checksum: GueChecksum) -> Forwarding {
    Forwarding::Tunnel(Encapsulation::Gue {
        port: port(number),
        checksum,
    })
}

fn server() -> Destination {
    Destination::new(endpoint("198.51.100.7:5060"))
        .forwarding(gue(6080, GueChecksum::Full))
        .weight(3)
        .upper_threshold(mark(100))
        .lower_threshold(mark(10))
}

fn table(service: Service, destination: Destination) -> Table {
    let server = VirtualServer::new(service, [destination]);
    Table::new(Timeouts::default(), [server])
}

/// Nothing else is planned than the one change, and then it is as wanted.
#[track_caller]
fn becomes(ipvs: &mut Client, wanted: &Table) -> Change {
    let plan = Plan::between(&ipvs.table().unwrap(), wanted);
    ipvs.apply(&plan).unwrap();
    let live = ipvs.table().unwrap();
    assert_eq!(live.virtual_servers, wanted.virtual_servers);
    assert!(Plan::between(&live, wanted).is_empty());
    let mut changes = plan.into_iter();
    let change = changes.next().unwrap();
    assert_eq!(changes.next(), None);
    change
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_difference_in_any_field_is_not_overlooked() {
    let of_the_service: [Difference<Service>; 8] = [
        |service| service.scheduler = Scheduler::MAGLEV_HASHING,
        |service| service.scheduler_flags |= SchedulerFlags::PORT,
        |service| service.scheduler_flags = SchedulerFlags::empty(),
        |service| service.persistence.as_mut().unwrap().timeout = seconds(61),
        |service| service.persistence.as_mut().unwrap().netmask = None,
        |service| (service.persistence, service.persistence_engine) = (None, None),
        |service| service.persistence_engine = None,
        |service| service.one_packet = false,
    ];
    let of_the_destination: [Difference<Destination>; 10] = [
        |destination| destination.weight = 0,
        |destination| destination.weight = 1,
        |destination| destination.upper_threshold = Some(mark(101)),
        |destination| destination.lower_threshold = Some(mark(11)),
        |destination| destination.lower_threshold = None,
        |destination| destination.forwarding = gue(6081, GueChecksum::Full),
        |destination| destination.forwarding = gue(6080, GueChecksum::Remote),
        |destination| destination.forwarding = Forwarding::Tunnel(Encapsulation::Ipip),
        |destination| destination.forwarding = Forwarding::Direct,
        |destination| destination.forwarding = Forwarding::Masquerade,
    ];
    in_namespace(|| {
        let mut ipvs = client();
        let before = table(service(), server());
        ipvs.apply(&Plan::between(&Table::default(), &before))
            .unwrap();
        for difference in of_the_service {
            let mut other = service();
            difference(&mut other);
            for wanted in [&table(other, server()), &before] {
                let change = becomes(&mut ipvs, wanted);
                assert!(matches!(change, Change::UpdateService { .. }), "{change}");
            }
        }
        for difference in of_the_destination {
            let mut other = server();
            difference(&mut other);
            for wanted in [&table(service(), other), &before] {
                let change = becomes(&mut ipvs, wanted);
                assert!(
                    matches!(change, Change::UpdateDestination { .. }),
                    "{change}"
                );
            }
        }
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_service_and_its_destination_are_not_mistaken_for_each_other() {
    in_namespace(|| {
        // Each is the other's destination.
        let (one, other) = (endpoint("192.0.2.10:80"), endpoint("198.51.100.7:80"));
        let crossed = [(one, other), (other, one)].map(|(service, destination)| {
            VirtualServer::new(Service::tcp(service), [Destination::new(destination)])
        });
        let mut ipvs = client();
        let both = Table::new(Timeouts::default(), crossed.clone());
        ipvs.apply(&Plan::between(&Table::default(), &both))
            .unwrap();

        let drained = VirtualServer::new(Service::tcp(one), [Destination::new(other).weight(0)]);
        let change = becomes(
            &mut ipvs,
            &Table::new(Timeouts::default(), [drained, crossed[1].clone()]),
        );
        assert_eq!(
            change.to_string(),
            "update destination 198.51.100.7:80 of service tcp:192.0.2.10:80: weight 1 → 0"
        );
        let emptied = VirtualServer::new(Service::tcp(other), []);
        let plan = Plan::between(
            &ipvs.table().unwrap(),
            &Table::new(Timeouts::default(), [emptied]),
        );
        assert_eq!(plan.changes().len(), 1);
        assert_eq!(
            plan.changes()[0].to_string(),
            "delete destination 192.0.2.10:80 of service tcp:198.51.100.7:80"
        );
        ipvs.apply(&plan).unwrap();
        let left = [
            "-A -t 192.0.2.10:80 -s wlc",
            "-a -t 192.0.2.10:80 -r 198.51.100.7:80 -g -w 0",
            "-A -t 198.51.100.7:80 -s wlc",
        ];
        assert_eq!(saved(), lines(left));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_somebody_else_changed_does_not_go_unseen() {
    in_namespace(|| {
        let wanted = "\
-A -t 192.0.2.10:80 -s wrr -p 300
-a -t 192.0.2.10:80 -r 198.51.100.1:80 -g -w 1
-a -t 192.0.2.10:80 -r 198.51.100.2:80 -g -w 0";
        shown_for("restore --format ipvsadm", wanted);
        let (rules, file) = (shown("save --format ipvsadm"), shown("save"));
        let mut ipvs = client();
        let before = ipvs.table().unwrap();
        let formats = [("ipvsadm", &rules), ("toml", &file)].into_iter().cycle();
        for (theirs, (format, text)) in [
            "-E -t 192.0.2.10:80 -s wrr",
            "-E -t 192.0.2.10:80 -s rr -p 300",
            "-e -t 192.0.2.10:80 -r 198.51.100.2:80 -g -w 1",
            "-e -t 192.0.2.10:80 -r 198.51.100.1:80 -m -w 1",
            "-d -t 192.0.2.10:80 -r 198.51.100.1:80",
            "-a -t 192.0.2.10:80 -r 198.51.100.3:80",
            "-D -t 192.0.2.10:80",
            "-C",
        ]
        .into_iter()
        .zip(formats)
        {
            process::ipvsadm(&theirs.split(' ').collect::<Vec<_>>());
            assert_ne!(ipvs.table().unwrap(), before, "{theirs}");
            shown_for(&format!("restore --format {format}"), text);
            assert_eq!(ipvs.table().unwrap(), before, "{theirs}");
        }
        assert_eq!(saved(), wanted);
    });
}
