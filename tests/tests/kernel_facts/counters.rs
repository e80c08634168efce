//! What the kernel counts, and when it says so.

use std::collections::HashSet;
use std::fs;
use std::io::{Read, Write};
use std::thread::sleep;
use std::time::{Duration, Instant};

use ipvs::{Client, Destination, Forwarding, Service, Stats};
use ipvs_lab::in_namespace;
use ipvs_sys::constants::{
    IPVS_CMD_GET_SERVICE, IPVS_STATS_ATTR_CONNS, IPVS_STATS_ATTR_OUTBPS, IPVS_STATS_ATTR_PAD,
    IPVS_SVC_ATTR_STATS, IPVS_SVC_ATTR_STATS64,
};

use crate::attributes::{named, split, value};
use crate::common::traffic::{echo_at, eventually, own, talk_to};
use crate::common::{client, endpoint, seconds, web};
use crate::wire::{Request, Wire};

/// TCP 192.0.2.10:80 with a server that answers.
fn serve(server: &Destination, listening_at: &str) -> Client {
    own(&["192.0.2.10/32", "198.51.100.7/32"]);
    echo_at(listening_at);
    let mut ipvs = client();
    ipvs.add_service(&Service::new(web())).unwrap();
    ipvs.add_destination(web(), server).unwrap();
    ipvs
}

fn masqueraded() -> Destination {
    Destination::new(endpoint("198.51.100.7:8080")).forwarding(Forwarding::Masquerade)
}

fn with_a_server() -> Client {
    serve(&masqueraded(), "198.51.100.7:8080")
}

/// The counters of the service once there is a connection among them.
fn counted(ipvs: &mut Client) -> Stats {
    let ask = || ipvs.service(web()).unwrap().stats;
    let stats = eventually(ask, |stats| stats.connections > 0);
    assert!(stats.connections > 0);
    stats
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn both_nests_hold_the_same_numbers() {
    in_namespace(|| {
        let mut ipvs = with_a_server();
        drop(talk_to("192.0.2.10:80"));
        counted(&mut ipvs);
        let question = Request::new(IPVS_CMD_GET_SERVICE, &[named(80)]);
        let service = Wire::open().get(question).nested();
        let numbers = |kind| -> Vec<(u16, u64)> {
            let mut numbers = split(value(&service, kind));
            numbers.retain(|(kind, _)| *kind != IPVS_STATS_ATTR_PAD);
            let number = |bytes: &[u8]| match bytes.len() {
                4 => u32::from_ne_bytes(bytes.try_into().unwrap()).into(),
                _ => u64::from_ne_bytes(bytes.try_into().unwrap()),
            };
            numbers
                .iter()
                .map(|(kind, bytes)| (*kind, number(bytes)))
                .collect()
        };
        let narrow = numbers(IPVS_SVC_ATTR_STATS);
        assert_eq!(narrow, numbers(IPVS_SVC_ATTR_STATS64));
        let kinds: Vec<_> = narrow.iter().map(|it| it.0).collect();
        let all = IPVS_STATS_ATTR_CONNS..=IPVS_STATS_ATTR_OUTBPS;
        assert_eq!(kinds, all.collect::<Vec<_>>());
        assert_eq!(narrow[0], (IPVS_STATS_ATTR_CONNS, 1));
    });
}

/// A server elsewhere answers past the director, unless it is masqueraded: there is nothing to count.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn answers_that_pass_the_director_are_counted_whatever_the_method_is() {
    in_namespace(|| {
        let direct = Destination::new(endpoint("198.51.100.7:80"));
        // The server has the virtual address as well.
        let mut ipvs = serve(&direct, "192.0.2.10:80");
        drop(talk_to("192.0.2.10:80"));
        let stats = counted(&mut ipvs);
        assert!(stats.outgoing_packets >= 3, "{stats:?}");
        assert!(stats.outgoing_bytes >= 3 * 40 + 5, "{stats:?}");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_counters_move_every_two_seconds_and_those_of_a_cpu_at_once() {
    in_namespace(|| {
        let mut ipvs = with_a_server();
        let mut talk = talk_to("192.0.2.10:80");
        let (mut of_the_service, mut of_the_cpus) = (HashSet::new(), HashSet::new());
        let begin = Instant::now();
        while begin.elapsed() < seconds(6) {
            talk.write_all(b"more").unwrap();
            talk.read_exact(&mut [0; 4]).unwrap();
            of_the_service.insert(ipvs.service(web()).unwrap().stats.incoming_packets);
            let cpus = ipvs.totals_by_cpu().unwrap();
            of_the_cpus.insert(cpus.iter().map(|cpu| cpu.incoming_packets).sum::<u64>());
            sleep(Duration::from_millis(100));
        }
        // Also the one at the beginning.
        assert!(
            (3..=5).contains(&of_the_service.len()),
            "{of_the_service:?}"
        );
        assert!(of_the_cpus.len() > 20, "{of_the_cpus:?}");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn where_nothing_is_estimated_the_counters_stand_still_and_connections_are_counted() {
    in_namespace(|| {
        let set = |value: &str| fs::write("/proc/sys/net/ipv4/vs/run_estimation", value).unwrap();
        set("0");
        let mut ipvs = with_a_server();
        let _talk = talk_to("192.0.2.10:80");
        // It would be every two seconds.
        sleep(seconds(5));
        assert_eq!(ipvs.service(web()).unwrap().stats, Stats::default());
        assert_eq!(ipvs.totals().unwrap(), Stats::default());
        let found = ipvs.destination(web(), masqueraded().id).unwrap();
        assert_eq!(found.stats, Stats::default());
        assert_eq!(found.active_connections, 1);
        let cpus = ipvs.totals_by_cpu().unwrap();
        assert_eq!(cpus.iter().map(|cpu| cpu.connections).sum::<u64>(), 1);

        set("1");
        assert_eq!(counted(&mut ipvs).connections, 1);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn zeroing_all_zeroes_the_totals_and_not_those_of_a_cpu() {
    in_namespace(|| {
        let mut ipvs = with_a_server();
        drop(talk_to("192.0.2.10:80"));
        counted(&mut ipvs);
        // Of the CPUs together, and of all.
        let totals = || {
            let text = fs::read_to_string("/proc/thread-self/net/ip_vs_stats_percpu").unwrap();
            let (cpus, all) = text.split_once('~').unwrap();
            let connections = |line: &str| line.split_whitespace().next().unwrap().to_owned();
            let of_cpus = cpus.lines().skip(2).filter_map(|line| line.get(4..));
            let of_cpus = of_cpus.map(|line| connections(line).parse::<u64>().unwrap());
            (of_cpus.sum::<u64>(), connections(all))
        };
        assert_eq!(totals(), (1, "1".to_owned()));
        ipvs.zero_service(web()).unwrap();
        assert_eq!(totals(), (1, "1".to_owned()));
        ipvs.zero().unwrap();
        assert_eq!(totals(), (1, "0".to_owned()));
    });
}
