//! What is measured, and against what.

use std::fs::File;
use std::io::Write as _;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use ipvs::{Batch, Client, Destination, Endpoint, OnError, ServiceId};

use crate::children::time;
use crate::floor::Floor;
use crate::site::Site;

const SMALL: Site = Site::new(300, 10, "rr");
const LARGE: Site = Site::new(10_000, 10, "rr");

/// One thing that several sides do.
pub(crate) struct Case {
    pub(crate) name: String,
    /// By how much the time of a side is divided: rules, or requests.
    pub(crate) per: u32,
    pub(crate) sides: Vec<Side>,
}

/// Who does it.
pub(crate) struct Side {
    pub(crate) name: &'static str,
    /// Measured in so many rounds at most: one that takes minutes is not measured seven times.
    pub(crate) rounds: usize,
    /// In a namespace of its own.
    pub(crate) measure: Box<dyn Fn() -> Duration + Send + Sync>,
}

fn side(name: &'static str, measure: impl Fn() -> Duration + Send + Sync + 'static) -> Side {
    Side {
        name,
        rounds: usize::MAX,
        measure: Box::new(measure),
    }
}

/// One that takes long.
fn slow(side: Side) -> Side {
    Side { rounds: 1, ..side }
}

pub(crate) fn all() -> Vec<Case> {
    let mut cases = vec![
        restore("restore 300 x 10", SMALL),
        list("list 300 x 10", SMALL),
    ];
    cases.push(save("save 300 x 10", SMALL));
    cases.push(start_up());
    cases.push(latency());
    for scheduler in ["rr", "wrr", "mh"] {
        let site = Site::new(1, 4000, scheduler);
        cases.push(restore(&format!("restore 1 x 4000 {scheduler}"), site));
    }
    cases.push(restore("restore 10000 x 10", LARGE));
    cases.push(list("list 10000 x 10", LARGE));
    cases
}

fn restore(name: &str, site: Site) -> Case {
    let rules = rules(site);
    let again = rules.try_clone().unwrap();
    let mut sides = vec![
        side("floor", move || {
            let mut floor = Floor::open();
            let encoded = floor.encode(site);
            took(|| floor.send(&encoded))
        }),
        side("library", move || {
            let mut ipvs = Client::open().unwrap();
            let mut batch = Batch::new();
            took(|| {
                site.batch(&mut batch);
                assert!(ipvs.commit(&mut batch, OnError::Stop).is_done());
            })
        }),
        side("ipvs-rs restore", move || {
            let arguments = ["restore", "--format", "ipvsadm"];
            time("ipvs-rs", &arguments, Some(&rules))
        }),
    ];
    let ipvsadm = side("ipvsadm -R", move || time("ipvsadm", &["-R"], Some(&again)));
    sides.push(if site.rules() > 50_000 {
        slow(ipvsadm)
    } else {
        ipvsadm
    });
    Case {
        name: name.to_owned(),
        per: site.rules(),
        sides,
    }
}

fn list(name: &str, site: Site) -> Case {
    let sides = vec![
        side("floor", move || {
            fill(site);
            let mut floor = Floor::open();
            let mut entries = 0;
            let took = took(|| entries = floor.dump(site));
            assert_eq!(entries, site.rules() as usize);
            took
        }),
        side("library", move || {
            fill(site);
            let mut ipvs = Client::open().unwrap();
            let mut servers = Vec::new();
            let took = took(|| servers = ipvs.virtual_servers().unwrap());
            assert_eq!(servers.len(), site.services as usize);
            took
        }),
        side("ipvs-rs list", move || {
            fill(site);
            time("ipvs-rs", &["list"], None)
        }),
        side("ipvsadm -Ln", move || {
            fill(site);
            time("ipvsadm", &["-Ln"], None)
        }),
    ];
    Case {
        name: name.to_owned(),
        per: site.rules(),
        sides,
    }
}

fn save(name: &str, site: Site) -> Case {
    let sides = vec![
        side("ipvs-rs save", move || {
            fill(site);
            time("ipvs-rs", &["save"], None)
        }),
        side("ipvs-rs save --format ipvsadm", move || {
            fill(site);
            time("ipvs-rs", &["save", "--format", "ipvsadm"], None)
        }),
        side("ipvsadm -Sn", move || {
            fill(site);
            time("ipvsadm", &["-Sn"], None)
        }),
    ];
    Case {
        name: name.to_owned(),
        per: site.rules(),
        sides,
    }
}

/// A table of nothing: what is left is starting.
fn start_up() -> Case {
    Case {
        name: "start-up, list of nothing".to_owned(),
        per: 1,
        sides: vec![
            side("ipvs-rs list", || time("ipvs-rs", &["list"], None)),
            side("ipvsadm -Ln", || time("ipvsadm", &["-Ln"], None)),
        ],
    }
}

/// One destination added and deleted, a hundred times by those that stay, once by programs.
fn latency() -> Case {
    const TIMES: u32 = 100;
    let site = Site::new(1, 10, "rr");
    let service = Ipv4Addr::new(10, 0, 0, 1);
    let server = Ipv4Addr::new(12, 0, 0, 1);
    Case {
        name: "add and delete one destination".to_owned(),
        per: 1,
        sides: vec![
            side("floor", move || {
                fill(site);
                let mut floor = Floor::open();
                took(|| (0..TIMES).for_each(|_| floor.add_and_delete(service, server))) / TIMES
            }),
            side("library", move || {
                fill(site);
                let mut ipvs = Client::open().unwrap();
                let id = ServiceId::tcp(Endpoint::new(service.into(), 80));
                let destination = Destination::new(Endpoint::new(server.into(), 80));
                took(|| {
                    for _ in 0..TIMES {
                        ipvs.add_destination(id, &destination).unwrap();
                        ipvs.delete_destination(id, destination.id).unwrap();
                    }
                }) / TIMES
            }),
            side("ipvs-rs, twice", move || {
                fill(site);
                let arguments = ["-t", "10.0.0.1:80", "-r", "12.0.0.1:80"];
                let run = |verb| time("ipvs-rs", &[&[verb][..], &arguments].concat(), None);
                run("add-destination") + run("delete-destination")
            }),
            side("ipvsadm, twice", move || {
                fill(site);
                let arguments = ["-t", "10.0.0.1:80", "-r", "12.0.0.1:80"];
                let run = |verb| time("ipvsadm", &[&[verb][..], &arguments].concat(), None);
                run("-a") + run("-d")
            }),
        ],
    }
}

fn fill(site: Site) {
    let mut floor = Floor::open();
    let encoded = floor.encode(site);
    floor.send(&encoded);
}

/// A file with the rules, in memory.
fn rules(site: Site) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(site.rules_file().as_bytes()).unwrap();
    file
}

fn took(work: impl FnOnce()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}
