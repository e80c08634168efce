//! Services by the program from their beginning to their end, alone and side by side.

use ipvs_lab::in_namespace;
use serde_json::{Value, json};

use crate::common::program::{done, json, shown_for, typed};
use crate::common::{lines, saved};

/// A service and four destinations of it, as they are typed and as ipvsadm saves them.
struct Fixture {
    service: &'static str,
    scheduler: &'static str,
    destinations: [&'static str; 4],
    /// The forwarding method, typed and saved.
    method: &'static str,
    tunnel: &'static str,
    /// How an error names it.
    name: &'static str,
}

const FIXTURES: [Fixture; 4] = [
    Fixture {
        service: "-t 192.0.2.10:80",
        scheduler: "wlc",
        destinations: [
            "198.51.100.1:8080",
            "198.51.100.2:80",
            "198.51.100.3:80",
            "198.51.100.4:80",
        ],
        method: "-m",
        tunnel: "",
        name: "tcp:192.0.2.10:80",
    },
    Fixture {
        service: "-u [2001:db8::10]:53",
        scheduler: "wrr",
        destinations: [
            "[2001:db8:1::1]:53",
            "[2001:db8:1::2]:53",
            "[2001:db8:1::3]:53",
            "[2001:db8:1::4]:53",
        ],
        method: "-g",
        tunnel: "",
        name: "udp:[2001:db8::10]:53",
    },
    Fixture {
        service: "-f 1",
        scheduler: "wlc",
        destinations: [
            "198.51.100.1:0",
            "198.51.100.2:0",
            "198.51.100.3:0",
            "198.51.100.4:0",
        ],
        method: "-g",
        tunnel: "",
        name: "fwmark:1",
    },
    Fixture {
        service: "-f 2 -6",
        scheduler: "wrr",
        destinations: [
            "[2001:db8:1::1]:0",
            "[2001:db8:1::2]:0",
            "[2001:db8:1::3]:0",
            "[2001:db8:1::4]:0",
        ],
        method: "-i",
        tunnel: " --tun-type ipip",
        name: "fwmark:2/ipv6",
    },
];

/// A command that must fail with this line.
#[track_caller]
fn fails(line: &str, said: &str) {
    let output = typed(line, "");
    assert_eq!(output.status, Some(1), "{line}");
    assert_eq!(output.stderr, format!("error: {said}\n"), "{line}");
}

impl Fixture {
    fn added(&self) -> String {
        format!("-A {} -s {}", self.service, self.scheduler)
    }

    fn destination(&self, number: usize, weight: u32) -> String {
        let (service, server) = (self.service, self.destinations[number]);
        format!(
            "-a {service} -r {server} {} -w {weight}{}",
            self.method, self.tunnel
        )
    }

    fn add_destination(&self, number: usize) {
        let (service, server) = (self.service, self.destinations[number]);
        done(&format!(
            "add-destination {service} -r {server} {}",
            self.method
        ));
    }

    /// The service as JSON, when it is asked for by its name.
    #[track_caller]
    fn read(&self) -> Value {
        let mut list = json(&format!("list {}", self.service));
        let services = list["services"].as_array_mut().unwrap();
        assert_eq!(services.len(), 1);
        services.remove(0)
    }

    #[track_caller]
    fn destinations_read(&self) -> usize {
        self.read()["destinations"].as_array().unwrap().len()
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn all_of_them_stand_side_by_side() {
    in_namespace(|| {
        let rules = FIXTURES.iter().flat_map(|fixture| {
            let destinations = (0..4).map(|number| fixture.destination(number, 1));
            [fixture.added()].into_iter().chain(destinations)
        });
        let rules = lines(rules);
        shown_for("restore --format ipvsadm", &rules);
        let sorted = |text: &str| {
            let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
            lines.sort();
            lines
        };
        assert_eq!(sorted(&saved()), sorted(&rules));
        for fixture in &FIXTURES {
            assert_eq!(fixture.destinations_read(), 4, "{}", fixture.name);
        }
        done("flush --yes");
        assert_eq!(json("list"), json!({"services": []}));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn each_of_them_begins_changes_and_ends() {
    in_namespace(|| {
        for fixture in &FIXTURES {
            let (service, server) = (fixture.service, fixture.destinations[0]);
            let missing = format!("no such service: {}", fixture.name);
            fails(&format!("list {service}"), &missing);

            done(&format!("add-service {service} -s {}", fixture.scheduler));
            assert_eq!(fixture.read()["scheduler"], fixture.scheduler);
            assert_eq!(saved(), fixture.added());

            fixture.add_destination(0);
            assert_eq!(fixture.read()["destinations"][0]["weight"], 1);

            done(&format!("edit-service {service} -s lc"));
            let changed = format!("-A {service} -s lc");
            assert_eq!(saved(), lines([&changed, &fixture.destination(0, 1)]));

            done(&format!("edit-destination {service} -r {server} -w 1000"));
            assert_eq!(fixture.read()["destinations"][0]["weight"], 1000);
            assert_eq!(saved(), lines([&changed, &fixture.destination(0, 1000)]));

            done(&format!("delete-destination {service} -r {server}"));
            assert_eq!(fixture.destinations_read(), 0);
            let gone = format!("no such destination: {server} of service {}", fixture.name);
            fails(&format!("delete-destination {service} -r {server}"), &gone);

            done(&format!("delete-service {service}"));
            fails(&format!("delete-service {service}"), &missing);
            assert_eq!(saved(), "");
        }
    });
}
