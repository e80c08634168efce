//! Tables of many kinds, made by ipvsadm: what we save of them brings them back, and brought back
//! once more it changes nothing.

use std::fmt::Write as _;

use ipvs::{Client, Plan, Table, Timeouts};
use ipvs_lab::{in_namespace, process};

use crate::common::program::{shown, shown_for};
use crate::common::{client, lines, saved, seconds};

/// Small ones, by name.
const FIXTURES: [(&str, &str); 7] = [
    ("nothing", ""),
    ("one service", "-A -u 192.0.2.10:53 -s rr"),
    (
        "two destinations",
        "-A -t 192.0.2.10:80 -s wrr\n-a -t 192.0.2.10:80 -r 198.51.100.1:80 -g -w 0\n\
         -a -t 192.0.2.10:80 -r 198.51.100.2:80 -i -w 65536 --tun-type ipip",
    ),
    (
        "five services",
        "-A -t 192.0.2.10:80 -s wlc\n\
         -a -t 192.0.2.10:80 -r 198.51.100.1:8080 -m -w 1\n\
         -a -t 192.0.2.10:80 -r 198.51.100.2:8081 -m -w 1\n\
         -A -u 192.0.2.10:53 -s rr -p 12\n\
         -a -u 192.0.2.10:53 -r 198.51.100.1:53 -g -w 2\n\
         -A -t [2001:db8::10]:80 -s rr -p 12 -M 112\n\
         -a -t [2001:db8::10]:80 -r [2001:db8:1::1]:8080 -m -w 1\n\
         -a -t [2001:db8::10]:80 -r [2001:db8:1::2]:80 -i -w 1 --tun-type ipip\n\
         -A -f 1 -s wlc\n\
         -a -f 1 -r 198.51.100.1:0 -g -w 1\n\
         -a -f 1 -r 198.51.100.2:8080 -m -w 1\n\
         -A -f 2 -6 -s wlc -o\n\
         -a -f 2 -6 -r [2001:db8:1::1]:0 -m -w 1",
    ),
    (
        "every tunnel",
        "-A -t 192.0.2.10:80 -s wlc\n\
         -a -t 192.0.2.10:80 -r 198.51.100.1:80 -i -w 1 --tun-type ipip\n\
         -a -t 192.0.2.10:80 -r 198.51.100.2:80 -i -w 1 --tun-type gue --tun-port 1 --tun-nocsum\n\
         -a -t 192.0.2.10:80 -r 198.51.100.3:80 -i -w 1 --tun-type gue --tun-port 65535 --tun-csum\n\
         -a -t 192.0.2.10:80 -r 198.51.100.4:80 -i -w 1 --tun-type gue --tun-port 6080 --tun-remcsum\n\
         -a -t 192.0.2.10:80 -r 198.51.100.5:80 -i -w 1 --tun-type gre --tun-nocsum\n\
         -a -t 192.0.2.10:80 -r 198.51.100.6:80 -i -w 1 --tun-type gre --tun-csum",
    ),
    (
        "odd schedulers",
        "-A -t 192.0.2.10:80 -s ovf\n-A -u 192.0.2.10:80 -s none\n\
         -A --sctp-service 192.0.2.10:80 -s fo\n\
         -A --sctp-service [2001:db8::10]:80 -s mh -b mh-fallback,mh-port\n\
         -A -f 2147483647 -s sh -b sh-port\n-A -f 7 -6 -s rr -b flag-1,flag-2,flag-3",
    ),
    (
        "persistence",
        "-A -t 192.0.2.10:0 -s wlc -p 360\n-a -t 192.0.2.10:0 -r 198.51.100.1:0 -g -w 1\n\
         -A -t 192.0.2.10:80 -s wlc -p 1 -M 255.0.255.0\n\
         -A -u 192.0.2.10:5060 -s rr -p 2678400 --pe sip -o",
    ),
];

/// Ten schedulers for each protocol, and ten marks.
fn forty_services() -> String {
    const TEN: [&str; 10] = [
        "rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq",
    ];
    let named = ["-t", "-u", "--sctp-service"]
        .into_iter()
        .flat_map(|protocol| {
            let named =
                move |(name, number)| format!("-A {protocol} 192.0.2.{number}:80 -s {name}");
            TEN.into_iter().zip(1..).map(named)
        });
    let marked = TEN
        .into_iter()
        .zip(30..)
        .map(|(name, number)| format!("-A -f {number} -s {name}"));
    lines(named.chain(marked))
}

/// Two thousand destinations of one service.
fn two_thousand_destinations() -> String {
    (0..2000).fold(
        "-A -t 192.0.2.10:80 -s rr".to_owned(),
        |mut text, number| {
            let (high, low) = (number / 250, number % 250 + 1);
            let _ = write!(
                text,
                "\n-a -t 192.0.2.10:80 -r 10.1.{high}.{low}:80 -g -w {number}"
            );
            text
        },
    )
}

fn timeouts(tcp: u64, tcp_fin: u64, udp: u64) -> Timeouts {
    let timeouts = Timeouts::default().tcp(seconds(tcp));
    timeouts.tcp_fin(seconds(tcp_fin)).udp(seconds(udp))
}

/// Whatever the order.
fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}

/// It is there again from what is saved of it, and then there is nothing left to do.
fn comes_back(ipvs: &mut Client, name: &str, rules: &str, format: &str) {
    let live = ipvs.table().unwrap();
    let text = shown(&format!("save --format {format}"));
    ipvs.flush().unwrap();
    ipvs.set_timeouts(&timeouts(1, 1, 1)).unwrap();
    // Nothing at all is no rules, and refused.
    if text.is_empty() {
        assert_eq!(rules, "", "{name}");
        return;
    }
    let restore = format!("restore --format {format}");
    let restored = shown_for(&restore, &text);
    assert!(!restored.ends_with(": 0 changes\n"), "{name}: {restored}");
    assert_eq!(sorted(&saved()), sorted(rules), "{name}");
    assert_eq!(
        ipvs.table().unwrap().virtual_servers,
        live.virtual_servers,
        "{name}"
    );

    let again = shown_for(&restore, &text);
    assert!(again.ends_with(": 0 changes\n"), "{name}: {again}");
    if format == "toml" {
        let wanted: Table = toml::from_str(&text).unwrap();
        let live = ipvs.table().unwrap();
        assert!(Plan::between(&live, &wanted).is_empty(), "{name}");
        assert_eq!(live, wanted, "{name}: timeouts are in it");
    }
}

fn goes_and_comes_back(name: &str, rules: &str) {
    for format in ["toml", "ipvsadm"] {
        in_namespace(|| {
            let mut ipvs = client();
            ipvs.set_timeouts(&timeouts(1020, 77, 33)).unwrap();
            process::output_with_input("ipvsadm", &["-R"], rules).success();
            comes_back(&mut ipvs, name, rules, format);
        });
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn small_tables_come_back_from_a_save() {
    for (name, rules) in FIXTURES {
        goes_and_comes_back(name, rules);
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn forty_services_with_ten_schedulers_come_back_from_a_save() {
    goes_and_comes_back("forty services", &forty_services());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn two_thousand_destinations_come_back_from_a_save() {
    goes_and_comes_back("two thousand destinations", &two_thousand_destinations());
}
