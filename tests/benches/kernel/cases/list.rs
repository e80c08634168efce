//! Lists all rules of a site.

use ipvs::Client;

use super::{Case, Side, Unit, fill, side, took};
use crate::children::time;
use crate::floor::Floor;
use crate::site::Site;

pub(super) fn case(site: Site) -> Case {
    Case {
        name: format!("list {site}"),
        unit: Unit::Microseconds,
        per: site.rules(),
        sides: vec![
            floor(site, 1),
            side("library", move || {
                fill(site);
                let mut ipvs = Client::open().unwrap();
                let mut servers = Vec::new();
                let took = took(|| servers = ipvs.virtual_servers().unwrap());
                assert_eq!(servers.len(), site.services as usize);
                took
            }),
            side("library, nothing kept", move || {
                fill(site);
                let mut ipvs = Client::open().unwrap();
                let mut entries = 0;
                let took = took(|| {
                    ipvs.for_each_virtual_server(|_, destinations| {
                        entries += 1 + destinations.len();
                    })
                    .unwrap();
                });
                assert_eq!(entries, site.rules() as usize);
                took
            }),
            program(site, "ipvs-rs list", &["ipvs-rs", "list"]),
            program(site, "ipvsadm -Ln", &["ipvsadm", "-Ln"]),
        ],
    }
}

/// `table()` reads everything twice to detect changes in between. This floor reads twice, too.
pub(super) fn table(site: Site) -> Case {
    Case {
        name: format!("read the table twice, {site}"),
        unit: Unit::Microseconds,
        per: site.rules(),
        sides: vec![
            floor(site, 2),
            side("library", move || {
                fill(site);
                let mut ipvs = Client::open().unwrap();
                let mut table = ipvs::Table::default();
                let took = took(|| table = ipvs.table().unwrap());
                assert_eq!(table.virtual_servers.len(), site.services as usize);
                took
            }),
        ],
    }
}

pub(super) fn save(site: Site) -> Case {
    let as_incumbent = ["ipvs-rs", "save", "--format", "ipvsadm"];
    Case {
        name: format!("save {site}"),
        unit: Unit::Microseconds,
        per: site.rules(),
        sides: vec![
            program(site, "ipvs-rs save", &["ipvs-rs", "save"]),
            program(site, "ipvs-rs save --format ipvsadm", &as_incumbent),
            program(site, "ipvsadm -Sn", &["ipvsadm", "-Sn"]),
        ],
    }
}

fn floor(site: Site, times: usize) -> Side {
    side("floor", move || {
        fill(site);
        let mut floor = Floor::open();
        let mut entries = 0;
        let took = took(|| (0..times).for_each(|_| entries += floor.dump(site)));
        assert_eq!(entries, times * site.rules() as usize);
        took
    })
}

fn program(site: Site, name: &'static str, command: &[&'static str]) -> Side {
    let command = command.to_vec();
    side(name, move || {
        fill(site);
        time(command[0], &command[1..], None)
    })
}
