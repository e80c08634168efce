//! What we write, ipvsadm reads; what ipvsadm writes, we read; and the same change by either
//! leaves the same state.

use crate::common::{
    client, endpoint, every_tunnel, lines, mark, port, saved, seconds, state, web,
};
use ipvs::{
    Client, Destination, Encapsulation, Error, Family, Forwarding, GueChecksum, Netmask,
    Persistence, Plan, Scheduler, SchedulerFlags, Service, Table, VirtualServer,
};
use ipvs_lab::{in_namespace, process};

/// A table in ipvsadm's words, in the order in which it saves it.
const SAVED: &str = "\
-A -t 192.0.2.10:0 -s wlc -p 360
-a -t 192.0.2.10:0 -r 198.51.100.7:0 -g -w 1
-A -t 192.0.2.10:80 -s wrr -p 300 -M 255.255.255.0
-a -t 192.0.2.10:80 -r 198.51.100.7:80 -g -w 5
-a -t 192.0.2.10:80 -r 198.51.100.8:8080 -m -w 0
-a -t 192.0.2.10:80 -r 198.51.100.9:80 -i -w 65536 --tun-type gue --tun-port 6080 --tun-csum
-a -t 192.0.2.10:80 -r [2001:db8:1::7]:80 -i -w 1 --tun-type ipip
-A -u 192.0.2.10:53 -s rr -o
-A -u 192.0.2.10:5060 -s wlc -p 60 --pe sip
-A --sctp-service 192.0.2.10:2905 -s sh -b sh-fallback,sh-port
-A -t [2001:db8::10]:80 -s mh -p 50 -M 64 -b mh-port
-a -t [2001:db8::10]:80 -r 198.51.100.7:80 -i -w 1 --tun-type gre --tun-csum
-a -t [2001:db8::10]:80 -r [2001:db8:1::7]:8080 -m -w 1
-A -f 7 -s lc
-a -f 7 -r 198.51.100.7:0 -m -w 1
-A -f 7 -6 -s none
-a -f 7 -6 -r [2001:db8:1::7]:0 -g -w 1";

/// The same in ours.
fn table() -> Table {
    let at = |text| Destination::new(endpoint(text));
    let persistent = |timeout, mask: &str| {
        Persistence::new(seconds(timeout)).netmask(mask.parse::<Netmask>().unwrap())
    };
    let gue = Encapsulation::Gue {
        port: port(6080),
        checksum: GueChecksum::Full,
    };
    let [.., (gre, _)] = every_tunnel();
    let website = Service::tcp(endpoint("192.0.2.10:80"))
        .scheduler(Scheduler::WEIGHTED_ROUND_ROBIN)
        .persistent(persistent(300, "255.255.255.0"));
    let website6 = Service::tcp(endpoint("[2001:db8::10]:80"))
        .scheduler(Scheduler::MAGLEV_HASHING)
        .scheduler_flags(SchedulerFlags::PORT)
        .persistent(persistent(50, "64"));
    let servers = [
        VirtualServer::new(
            Service::tcp(endpoint("192.0.2.10")).persistent(seconds(360)),
            [at("198.51.100.7")],
        ),
        VirtualServer::new(
            website,
            [
                at("198.51.100.7:80").weight(5),
                at("198.51.100.8:8080")
                    .forwarding(Forwarding::Masquerade)
                    .weight(0),
                at("198.51.100.9:80")
                    .forwarding(Forwarding::Tunnel(gue))
                    .weight(65536),
                at("[2001:db8:1::7]:80").forwarding(Forwarding::Tunnel(Encapsulation::Ipip)),
            ],
        ),
        VirtualServer::new(
            website6,
            [
                at("198.51.100.7:80").forwarding(Forwarding::Tunnel(gre)),
                at("[2001:db8:1::7]:8080").forwarding(Forwarding::Masquerade),
            ],
        ),
        VirtualServer::new(
            Service::udp(endpoint("192.0.2.10:53"))
                .scheduler(Scheduler::ROUND_ROBIN)
                .one_packet(),
            [],
        ),
        VirtualServer::new(
            Service::udp(endpoint("192.0.2.10:5060"))
                .persistent(seconds(60))
                .persistence_engine("sip".parse().unwrap()),
            [],
        ),
        VirtualServer::new(
            Service::sctp(endpoint("192.0.2.10:2905"))
                .scheduler(Scheduler::SOURCE_HASHING)
                .scheduler_flags(SchedulerFlags::FALLBACK | SchedulerFlags::PORT),
            [],
        ),
        VirtualServer::new(
            Service::fwmark(mark(7), Family::Ipv4).scheduler(Scheduler::LEAST_CONNECTION),
            [at("198.51.100.7").forwarding(Forwarding::Masquerade)],
        ),
        VirtualServer::new(
            Service::fwmark(mark(7), Family::Ipv6).scheduler(Scheduler::NONE),
            [at("2001:db8:1::7")],
        ),
    ];
    let defaults = ipvs::Timeouts::default();
    Table::new(
        defaults
            .tcp(seconds(900))
            .tcp_fin(seconds(120))
            .udp(seconds(300)),
        servers,
    )
}

/// Gives ipvsadm lines, as it saves them.
fn restore(lines: &str) {
    process::output_with_input("ipvsadm", &["-R"], lines).success();
}

fn write(ipvs: &mut Client, table: &Table) {
    let plan = Plan::between(&ipvs.table().unwrap(), table);
    ipvs.apply(&plan).unwrap();
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn ipvsadm_reads_what_we_write() {
    in_namespace(|| {
        write(&mut client(), &table());
        assert_eq!(saved(), SAVED);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn we_read_what_ipvsadm_writes() {
    in_namespace(|| {
        restore(SAVED);
        let mut ipvs = client();
        assert_eq!(ipvs.table().unwrap(), table());
        let plan = Plan::between(&ipvs.table().unwrap(), &table());
        assert!(plan.is_empty(), "{plan:?}");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn thresholds_that_ipvsadm_sets_and_does_not_save_are_read() {
    in_namespace(|| {
        restore("-A -f 7\n-a -f 7 -r 198.51.100.7:0 -m -x 100 -y 10");
        let found = client()
            .table()
            .unwrap()
            .virtual_servers
            .remove(0)
            .destinations
            .remove(0);
        let expected = Destination::new(endpoint("198.51.100.7"))
            .forwarding(Forwarding::Masquerade)
            .upper_threshold(mark(100))
            .lower_threshold(mark(10));
        assert_eq!(found, expected);
    });
}

/// What ipvsadm does, and what the library does for the same.
type SameChange = (&'static str, fn(&mut Client) -> Result<(), Error>);

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_same_change_by_either_leaves_the_same_state() {
    let changes: [SameChange; 14] = [
        ("-A -t 192.0.2.11:443", |ipvs| {
            ipvs.add_service(&Service::tcp(endpoint("192.0.2.11:443")))
        }),
        ("-A -f 9 -6 -s sed -p", |ipvs| {
            let service = Service::fwmark(mark(9), Family::Ipv6)
                .scheduler(Scheduler::SHORTEST_EXPECTED_DELAY);
            ipvs.add_service(&service.persistent(Persistence::DEFAULT_TIMEOUT))
        }),
        ("-E -t 192.0.2.10:80 -s rr", |ipvs| {
            ipvs.update_service(&Service::new(web()).scheduler(Scheduler::ROUND_ROBIN))
        }),
        ("-E -u 192.0.2.10:5060 -s wlc -p 60", |ipvs| {
            let service = Service::udp(endpoint("192.0.2.10:5060"));
            ipvs.update_service(&service.persistent(seconds(60)))
        }),
        ("-D -t 192.0.2.10:80", |ipvs| ipvs.delete_service(web())),
        ("-a -t 192.0.2.10:80 -r 198.51.100.20", |ipvs| {
            let server = Destination::new(endpoint("198.51.100.20:80"));
            ipvs.add_destination(web(), &server)
        }),
        (
            "-a -u 192.0.2.10:53 -r 198.51.100.20:5353 -m -w 3 -x 9 -y 2",
            |ipvs| {
                let server = Destination::new(endpoint("198.51.100.20:5353"))
                    .forwarding(Forwarding::Masquerade)
                    .weight(3)
                    .upper_threshold(mark(9))
                    .lower_threshold(mark(2));
                ipvs.add_destination(Service::udp(endpoint("192.0.2.10:53")).id, &server)
            },
        ),
        ("-e -t 192.0.2.10:80 -r 198.51.100.9 -i -w 2", |ipvs| {
            let server = Destination::new(endpoint("198.51.100.9:80"))
                .forwarding(Forwarding::Tunnel(Encapsulation::Ipip))
                .weight(2);
            ipvs.update_destination(web(), &server)
        }),
        ("-d -t 192.0.2.10:80 -r 198.51.100.8:8080", |ipvs| {
            ipvs.delete_destination(web(), endpoint("198.51.100.8:8080"))
        }),
        ("-d -t 192.0.2.10:80 -r [2001:db8:1::7]:80", |ipvs| {
            ipvs.delete_destination(web(), endpoint("[2001:db8:1::7]:80"))
        }),
        ("--set 0 77 0", |ipvs| {
            ipvs.set_timeouts(&ipvs::Timeouts::default().tcp_fin(seconds(77)))
        }),
        ("-Z -t 192.0.2.10:80", |ipvs| ipvs.zero_service(web())),
        ("-Z", Client::zero),
        ("-C", Client::flush),
    ];
    for (theirs, ours) in changes {
        let [by_them, by_us] = [true, false].map(|by_them| {
            in_namespace(|| {
                restore(SAVED);
                let mut ipvs = client();
                if by_them {
                    process::ipvsadm(&theirs.split(' ').collect::<Vec<_>>());
                } else {
                    ours(&mut ipvs).unwrap();
                }
                let limits = process::ipvsadm(&["-Ln", "--thresholds"]);
                let timeouts = process::ipvsadm(&["-L", "--timeout"]);
                (state(&mut ipvs), lines([limits, timeouts]))
            })
        });
        assert_eq!(by_us, by_them, "{theirs}");
    }
}
