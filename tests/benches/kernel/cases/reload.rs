//! Changes the weight of one destination of each service in a table that exists, as the reload of a
//! configuration does. The kernel keeps deleted destinations for minutes and searches all of them for
//! each destination that is added.

use ipvs::{Client, NewServices};

use super::{Case, Unit, fill, side, took};
use crate::children::time;
use crate::floor::Floor;
use crate::site::Site;

pub(super) fn case(site: Site) -> Case {
    let (for_us, for_them) = (site.changed_rules_file(), site.changed_rules_file());
    Case {
        name: format!("reload {site} with other weights"),
        unit: Unit::Microseconds,
        per: site.rules(),
        sides: vec![
            side("floor: all anew, elsewhere", move || {
                let mut floor = Floor::open();
                let encoded = floor.encode(site);
                took(|| floor.send(&encoded))
            }),
            side("floor: delete all, add all", move || {
                fill(site);
                let mut ipvs = Client::open().unwrap();
                let mut floor = Floor::open();
                let encoded = floor.encode(site);
                took(|| {
                    ipvs.flush().unwrap();
                    floor.send(&encoded);
                })
            }),
            side("library: restore", move || {
                fill(site);
                let mut ipvs = Client::open().unwrap();
                let table = site.changed_table();
                let mut changes = 0;
                let took =
                    took(|| changes = ipvs.restore(&table, NewServices::ScheduledFirst).unwrap());
                assert_eq!(changes, site.services as usize);
                took
            }),
            side("ipvs-rs restore", move || {
                fill(site);
                let arguments = ["restore", "--quiet", "--format", "ipvsadm"];
                time("ipvs-rs", &arguments, Some(&for_us))
            }),
            side("ipvsadm -C, ipvsadm -R", move || {
                fill(site);
                time("ipvsadm", &["-C"], None) + time("ipvsadm", &["-R"], Some(&for_them))
            }),
        ],
    }
}
