//! Every way that a configuration takes to the kernel: nothing is lost on any of them.

use ipvs::{
    Client, Destination, Encapsulation, Forwarding, Persistence, Plan, Scheduler, SchedulerFlags,
    Service, Table, Timeouts, VirtualServer,
};
use ipvs_lab::{in_namespace, process};

use crate::common::program::{shown, shown_for};
use crate::common::{client, endpoint, every_tunnel, lines, mark, saved, seconds, web};

/// How something gets into the kernel, and how that is called.
type Way = (&'static str, fn(&mut Client, &VirtualServer));

const WAYS: [Way; 7] = [
    ("added", add),
    ("updated", |ipvs, wanted| {
        add(ipvs, &plain(wanted));
        ipvs.update_service(&wanted.service).unwrap();
        for destination in &wanted.destinations {
            ipvs.update_destination(wanted.service.id, destination)
                .unwrap();
        }
    }),
    ("edited", |ipvs, wanted| {
        add(ipvs, &plain(wanted));
        let service = wanted.service.id;
        ipvs.edit_service(service, |edited| *edited = wanted.service.clone())
            .unwrap();
        for wanted in &wanted.destinations {
            ipvs.edit_destination(service, wanted.id, |edited| *edited = *wanted)
                .unwrap();
        }
    }),
    ("ensured", |ipvs, wanted| {
        ipvs.ensure_service(&wanted.service).unwrap();
        for destination in &wanted.destinations {
            ipvs.ensure_destination(wanted.service.id, destination)
                .unwrap();
        }
    }),
    ("planned", |ipvs, wanted| {
        let plan = Plan::between(&ipvs.table().unwrap(), &table(wanted));
        ipvs.apply(&plan).unwrap();
    }),
    ("restored from a file", |_, wanted| {
        let file = toml::to_string(&table(wanted)).unwrap();
        shown_for("restore", &file);
    }),
    ("restored from rules", |ipvs, wanted| {
        add(ipvs, wanted);
        let rules = shown("save --format ipvsadm");
        ipvs.flush().unwrap();
        shown_for("restore --format ipvsadm", &rules);
    }),
];

fn add(ipvs: &mut Client, wanted: &VirtualServer) {
    ipvs.add_service(&wanted.service).unwrap();
    for destination in &wanted.destinations {
        ipvs.add_destination(wanted.service.id, destination)
            .unwrap();
    }
}

/// The same service and destinations, configured in no way.
fn plain(wanted: &VirtualServer) -> VirtualServer {
    let destinations = wanted.destinations.iter();
    VirtualServer::new(
        Service::new(wanted.service.id),
        destinations.map(|destination| Destination::new(destination.id)),
    )
}

fn table(wanted: &VirtualServer) -> Table {
    Table::new(Timeouts::default(), [wanted.clone()])
}

/// Whichever way it takes, this is in the kernel, as we read it and as ipvsadm does.
fn assert_arrives(wanted: &VirtualServer, by_ipvsadm: &str) {
    for (name, take) in WAYS {
        in_namespace(|| {
            let mut ipvs = client();
            take(&mut ipvs, wanted);
            assert_eq!(
                ipvs.table().unwrap().virtual_servers,
                std::slice::from_ref(wanted),
                "{name}"
            );
            assert_eq!(saved(), by_ipvsadm, "{name}");
        });
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn persistence_is_not_lost_on_the_way_to_the_kernel() {
    let persistence = Persistence::new(seconds(300)).netmask("255.255.255.0".parse().unwrap());
    let service = Service::udp(endpoint("192.0.2.10:5060"))
        .scheduler(Scheduler::SOURCE_HASHING)
        .scheduler_flags(SchedulerFlags::PORT)
        .persistent(persistence)
        .persistence_engine("sip".parse().unwrap())
        .one_packet();
    let line = "-A -u 192.0.2.10:5060 -s sh -p 300 -M 255.255.255.0 --pe sip -o -b sh-port";
    assert_arrives(&VirtualServer::new(service, []), line);

    let service = Service::tcp(endpoint("[2001:db8::10]:80"))
        .scheduler(Scheduler::MAGLEV_HASHING)
        .persistent(Persistence::new(seconds(1)).netmask("1".parse().unwrap()));
    let line = "-A -t [2001:db8::10]:80 -s mh -p 1 -M 1";
    assert_arrives(&VirtualServer::new(service, []), line);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_gue_destination_does_not_become_ipip() {
    let tunnels = every_tunnel().into_iter().zip(1..);
    let destinations = tunnels.clone().map(|((tunnel, _), number)| {
        Destination::new(endpoint(&format!("198.51.100.{number}:80")))
            .forwarding(Forwarding::Tunnel(tunnel))
    });
    let shown = tunnels.map(|((_, shown), number)| {
        format!("-a -t 192.0.2.10:80 -r 198.51.100.{number}:80 -i -w 1 {shown}")
    });
    let service = "-A -t 192.0.2.10:80 -s wlc".to_owned();
    assert_arrives(
        &VirtualServer::new(Service::new(web()), destinations),
        &lines([service].into_iter().chain(shown)),
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn one_threshold_does_not_become_the_other() {
    let limited = Destination::new(endpoint("198.51.100.7:80"))
        .forwarding(Forwarding::Tunnel(Encapsulation::Ipip))
        .upper_threshold(mark(70_000))
        .lower_threshold(mark(10));
    let wanted = VirtualServer::new(Service::new(web()), [limited]);
    for (name, take) in WAYS {
        in_namespace(|| {
            let mut ipvs = client();
            take(&mut ipvs, &wanted);
            assert_eq!(
                ipvs.table().unwrap().virtual_servers,
                std::slice::from_ref(&wanted),
                "{name}"
            );
            let listed = process::ipvsadm(&["-Ln", "--thresholds"]);
            let row: Vec<_> = listed.lines().last().unwrap().split_whitespace().collect();
            assert_eq!(
                row,
                ["->", "198.51.100.7:80", "70000", "10", "0", "0"],
                "{name}"
            );
        });
    }
}
