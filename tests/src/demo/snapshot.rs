//! Everything about a host's network that a set-up may have changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::thread::sleep;
use std::time::Duration;

use crate::process;
use crate::site::Site;

/// The namespace's own settings, for the thread that reads them.
const SYSCTLS: &str = "/proc/sys/net/ipv4/conf";

/// Addresses, routes and sysctls of every host, one fact per line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Snapshot {
    hosts: BTreeMap<String, BTreeSet<String>>,
}

impl Snapshot {
    /// Takes a snapshot of all hosts of a site.
    pub(super) fn of(site: &Site) -> Self {
        let facts = |host: &crate::netns::Netns| (host.name().to_owned(), host.enter(facts));
        Self {
            hosts: site.hosts().map(facts).collect(),
        }
    }

    /// Returns the facts that only one of the snapshots has: `nginx1: - …` existed before, `+ …` exists now.
    pub(super) fn differences(&self, now: &Self) -> Vec<String> {
        let mut differences = Vec::new();
        let nothing = BTreeSet::new();
        for (host, before) in &self.hosts {
            let now = now.hosts.get(host).unwrap_or(&nothing);
            differences.extend(
                before
                    .difference(now)
                    .map(|fact| format!("{host}: - {fact}")),
            );
            differences.extend(
                now.difference(before)
                    .map(|fact| format!("{host}: + {fact}")),
            );
        }
        differences
    }

    /// Returns the number of hosts, and of facts about them.
    pub(super) fn size(&self) -> (usize, usize) {
        (
            self.hosts.len(),
            self.hosts.values().map(BTreeSet::len).sum(),
        )
    }
}

fn facts() -> BTreeSet<String> {
    settle();
    let mut facts = BTreeSet::new();
    let addresses = process::run("ip", &["-oneline", "address", "show"]);
    let routes4 = process::run("ip", &["-4", "route", "show", "table", "all"]);
    let routes6 = process::run("ip", &["-6", "route", "show", "table", "all"]);
    for line in [addresses, routes4, routes6]
        .iter()
        .flat_map(|text| text.lines())
    {
        facts.insert(line.trim_end().to_owned());
    }
    read_sysctls(Path::new(SYSCTLS), &mut facts);
    facts
}

/// New devices look for duplicates of their IPv6 addresses for a second or two, and get their
/// routes only then.
fn settle() {
    for _ in 0..50 {
        if !process::run("ip", &["-6", "address", "show"]).contains("tentative") {
            return;
        }
        sleep(Duration::from_millis(100));
    }
}

fn read_sysctls(folder: &Path, facts: &mut BTreeSet<String>) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        if path.is_dir() {
            read_sysctls(&path, facts);
        } else if let Ok(value) = fs::read_to_string(&path) {
            facts.insert(format!("{} = {}", path.display(), value.trim_end()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(facts: &[&str]) -> Snapshot {
        let facts = facts.iter().map(ToString::to_string).collect();
        Snapshot {
            hosts: BTreeMap::from([("nginx1".to_owned(), facts)]),
        }
    }

    #[test]
    fn a_difference_names_host_and_side() {
        let before = snapshot(&["arp_ignore = 0", "lo 127.0.0.1/8"]);
        let now = snapshot(&["arp_ignore = 1", "lo 127.0.0.1/8"]);
        let differences = before.differences(&now);
        assert_eq!(
            differences,
            ["nginx1: - arp_ignore = 0", "nginx1: + arp_ignore = 1"]
        );
        assert!(before.differences(&before).is_empty());
    }
}
