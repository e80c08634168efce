//! The peak memory of the programs.

use super::{Case, Side, Unit, fill};
use crate::children::peak_memory;
use crate::site::Site;

pub(super) fn case(site: Site) -> Case {
    let restore = |name, arguments: [&'static str; 4], rules: String| {
        memory(name, move || {
            peak_memory("ipvs-rs", &arguments, Some(&rules))
        })
    };
    let ipvsadm = site.rules_file();
    let (json, toml, again) = (site.json(), site.toml(), ipvsadm.clone());
    Case {
        name: format!("peak memory, {site}"),
        unit: Unit::Kibibytes,
        per: site.rules(),
        sides: vec![
            restore(
                "ipvs-rs restore",
                ["restore", "--quiet", "--format", "ipvsadm"],
                ipvsadm,
            ),
            restore(
                "ipvs-rs restore, JSON",
                ["restore", "--quiet", "--format", "json"],
                json,
            ),
            restore(
                "ipvs-rs restore, TOML",
                ["restore", "--quiet", "--format", "toml"],
                toml,
            ),
            memory("ipvs-rs list", move || {
                fill(site);
                peak_memory("ipvs-rs", &["list"], None)
            }),
            memory("ipvs-rs save", move || {
                fill(site);
                peak_memory("ipvs-rs", &["save"], None)
            }),
            memory("ipvsadm -Ln", move || {
                fill(site);
                peak_memory("ipvsadm", &["-Ln"], None)
            }),
            memory("ipvsadm -R", move || {
                peak_memory("ipvsadm", &["-R"], Some(&again))
            }),
        ],
    }
}

fn memory(name: &'static str, measure: impl Fn() -> f64 + Send + Sync + 'static) -> Side {
    Side {
        name,
        rounds: 1,
        measure: Box::new(measure),
    }
}
