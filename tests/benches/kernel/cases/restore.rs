//! Restores all rules of a site into an empty table.

use ipvs::{Batch, Client, NewServices, OnError};

use super::{Case, Unit, side, took};
use crate::children::time;
use crate::floor::Floor;
use crate::site::Site;

/// How many writes are encoded before they are sent.
const TOGETHER: usize = 1000;

pub(super) fn case(site: Site) -> Case {
    let (for_us, for_them) = (site.rules_file(), site.rules_file());
    let mut sides = vec![
        side("floor", move || {
            let mut floor = Floor::open();
            let encoded = floor.encode(site);
            took(|| floor.send(&encoded))
        }),
        side("library", move || {
            let mut ipvs = Client::open().unwrap();
            let mut batch = Batch::with_capacity(TOGETHER);
            took(|| {
                site.each_rule(|rule| {
                    rule.add_to(&mut batch);
                    if batch.len() == TOGETHER {
                        commit(&mut ipvs, &mut batch);
                    }
                });
                commit(&mut ipvs, &mut batch);
            })
        }),
        side("ipvs-rs restore", move || {
            let arguments = ["restore", "--quiet", "--format", "ipvsadm"];
            time("ipvs-rs", &arguments, Some(&for_us))
        }),
        side("ipvsadm -R", move || {
            time("ipvsadm", &["-R"], Some(&for_them))
        })
        .slow_with(site),
    ];
    if site.scheduler == "wrr" || site.scheduler == "mh" {
        let filled_first = side("library, filled first", move || {
            let mut ipvs = Client::open().unwrap();
            let table = site.table();
            let mut changes = 0;
            let took = took(|| changes = ipvs.restore(&table, NewServices::FilledFirst).unwrap());
            assert_eq!(changes, 1 + site.rules() as usize);
            took
        });
        sides.insert(2, filled_first);
    }
    Case {
        name: format!("restore {site}"),
        unit: Unit::Microseconds,
        per: site.rules(),
        sides,
    }
}

/// The same rules in each format that the program reads.
pub(super) fn formats(site: Site) -> Case {
    let restore = |name, format: &'static str, rules: String| {
        side(name, move || {
            time(
                "ipvs-rs",
                &["restore", "--quiet", "--format", format],
                Some(&rules),
            )
        })
    };
    Case {
        name: format!("restore {site}, by format"),
        unit: Unit::Microseconds,
        per: site.rules(),
        sides: vec![
            restore("ipvsadm's lines", "ipvsadm", site.rules_file()),
            restore("JSON", "json", site.json()),
            restore("TOML", "toml", site.toml()),
        ],
    }
}

fn commit(ipvs: &mut Client, batch: &mut Batch) {
    assert!(ipvs.commit(batch, OnError::Stop).is_done());
    batch.clear();
}
