//! `ip_vs_stats` and `ip_vs_stats_percpu` in `/proc/net`, letter by letter.

use std::fs;

use ipvs::Service;
use ipvs_lab::in_namespace;

use crate::common::traffic::{echo_at, eventually, talk_to};
use crate::common::{client, endpoint, web};
use crate::proc_connections::serve;
use crate::proc_table::file;

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_totals_are_hexadecimal_in_eight_and_sixteen_places() {
    const TITLES: &str = "   Total Incoming Outgoing         Incoming         Outgoing\n   \
                          Conns  Packets  Packets            Bytes            Bytes\n";
    const RATES: &str = " Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s\n";
    const ZEROS: &str = "       0        0        0                0                0\n";
    in_namespace(|| {
        assert_eq!(
            file("ip_vs_stats"),
            format!("{TITLES}{ZEROS}\n{RATES}{ZEROS}")
        );
        serve(&Service::new(web()), endpoint("198.51.100.7:8080"));
        echo_at("198.51.100.7:8080");
        // Closed: nothing moves the counters any more.
        for _ in 0..10 {
            drop(talk_to("192.0.2.10:80"));
        }
        let mut ipvs = client();
        let ask = || ipvs.service(web()).unwrap().stats;
        let stats = eventually(ask, |stats| stats.connections == 10);
        let numbers = format!(
            "{:8X} {:8X} {:8X} {:16X} {:16X}",
            stats.connections,
            stats.incoming_packets,
            stats.outgoing_packets,
            stats.incoming_bytes,
            stats.outgoing_bytes
        );
        assert_eq!(file("ip_vs_stats").lines().nth(2), Some(numbers.as_str()));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_totals_of_each_cpu_stand_above_those_of_all() {
    in_namespace(|| {
        let text = file("ip_vs_stats_percpu");
        let lines: Vec<_> = text.lines().collect();
        let zeros = "        0        0        0                0                0";
        let [first, second, cpus @ .., all, "", rates, each] = lines.as_slice() else {
            panic!("{text}");
        };
        assert_eq!(
            [*first, *second, *rates],
            [
                "       Total Incoming Outgoing         Incoming         Outgoing",
                "CPU    Conns  Packets  Packets            Bytes            Bytes",
                "     Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s",
            ]
        );
        let possible = fs::read_to_string("/sys/devices/system/cpu/possible");
        let last = possible.map_or(0, |range| {
            range.trim().rsplit('-').next().unwrap().parse().unwrap()
        });
        let numbered = (0..=last).map(|cpu| format!("{cpu:3X}{zeros}"));
        assert_eq!(cpus, numbered.collect::<Vec<_>>());
        assert_eq!(*all, format!("  ~{zeros}"));
        assert_eq!(*each, format!("   {zeros}"));
    });
}
