//! Adds and deletes one destination: a hundred times in a process that keeps running, once per start of
//! a program.

use std::net::Ipv4Addr;

use ipvs::{Client, Destination, Endpoint, ServiceId};

use super::{Case, Side, Unit, fill, side, took};
use crate::children::time;
use crate::floor::Floor;
use crate::site::Site;

const TIMES: u32 = 100;
const SERVICE: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const SERVER: Ipv4Addr = Ipv4Addr::new(12, 0, 0, 1);

pub(super) fn of_one() -> Case {
    let site = Site::new(1, 10, "rr");
    Case {
        name: "add and delete one destination".to_owned(),
        unit: Unit::Microseconds,
        per: 1,
        sides: vec![
            side("floor", move || {
                fill(site);
                let mut floor = Floor::open();
                took(|| (0..TIMES).for_each(|_| floor.add_and_delete(SERVICE, SERVER))) / TIMES
            }),
            side("library", move || {
                fill(site);
                let mut ipvs = Client::open().unwrap();
                let id = ServiceId::tcp(Endpoint::new(SERVICE.into(), 80));
                let destination = Destination::new(Endpoint::new(SERVER.into(), 80));
                took(|| {
                    for _ in 0..TIMES {
                        ipvs.add_destination(id, &destination).unwrap();
                        ipvs.delete_destination(id, destination.id).unwrap();
                    }
                }) / TIMES
            }),
            programs(
                "ipvs-rs, twice",
                ["ipvs-rs", "add-destination", "delete-destination"],
            ),
            programs("ipvsadm, twice", ["ipvsadm", "-a", "-d"]),
        ],
    }
}

fn programs(name: &'static str, [program, add, delete]: [&'static str; 3]) -> Side {
    side(name, move || {
        fill(Site::new(1, 10, "rr"));
        let run = |verb| {
            let arguments = [verb, "-t", "10.0.0.1:80", "-r", "12.0.0.1:80"];
            time(program, &arguments, None)
        };
        run(add) + run(delete)
    })
}
