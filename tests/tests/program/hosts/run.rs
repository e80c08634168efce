//! What is done for a row: the host is made, set up, asked by clients, examined and undone.

use std::collections::BTreeSet;

use lbnet::doctor::FindingKind;

use super::super::doctor::at_once::at_once;
use super::super::doctor::finding::{Command, Found, read};
use super::page;
use super::row::{Clients, Meanwhile, Row};
use super::site::{Place, Role};
use super::way::Way;
use ipvs_lab::netns::Netns;
use ipvs_lab::process::{self, Output};
use ipvs_lab::state::{assert_same, dump};

/// So many clients ask in each network: each real server gets several.
const CLIENTS: usize = 4;

#[track_caller]
pub(super) fn holds(role: Role, row: &Row) {
    let place = Place::new(role);
    place.script(row.make);
    place.serve();
    let matrix = Matrix { role, row, place };
    let bare = matrix.dump();
    matrix.is_refused_before_anything_is_changed();
    if row.ways.is_empty() {
        return;
    }
    matrix.place.set_up_others(row.ways);
    matrix.up();
    match row.clients {
        Clients::Served => {
            matrix.are_served();
            matrix.is_healthy();
            matrix.goes_through_what_happens();
            if row.breaks() {
                matrix.is_broken_and_mended();
            }
            matrix.down();
            match row.meanwhile {
                Meanwhile::Moves(_) => matrix.has_nothing_left(),
                _ => assert_same(&bare, &matrix.dump()),
            }
        }
        Clients::ServedAfter(kinds) => {
            matrix.are_not_served();
            let found = matrix.found(kinds);
            matrix.type_all(&found);
            matrix.are_served();
            matrix.is_healthy();
            // The commands are the operator's own, so they stay.
            matrix.down();
            let fixed = matrix.dump();
            matrix.up();
            matrix.are_served();
            matrix.down();
            assert_same(&fixed, &matrix.dump());
        }
        Clients::Unserved(kinds) => {
            matrix.are_not_served();
            matrix.found(kinds);
            matrix.down();
            assert_same(&bare, &matrix.dump());
        }
    }
}

struct Matrix<'a> {
    role: Role,
    row: &'a Row,
    place: Place,
}

impl Matrix<'_> {
    fn dump(&self) -> Vec<String> {
        let mut dump = dump(self.place.host());
        // It has timers.
        dump.retain(|line| !line.starts_with("    bridge"));
        // The time that is left of an address counts down.
        for line in &mut dump {
            if let Some((before, _)) = line.split_once("valid_lft") {
                *line = before.to_owned();
            }
            if let Some((before, _)) = line.split_once(" expires ") {
                *line = before.to_owned();
            }
            // The kernel finds out about cables some time after a device is up.
            for state in ["UNKNOWN", "DOWN"] {
                *line = line.replace(&format!(" state {state} "), " state UP ");
            }
            *line = line.replace("<NO-CARRIER,", "<");
        }
        dump
    }

    #[track_caller]
    fn has_nothing_left(&self) {
        let vips: Vec<_> = self.row.ways.iter().map(|way| way.vip).collect();
        let mut left = self.dump();
        left.retain(|line| line.contains("ipvs-") || vips.iter().any(|vip| line.contains(vip)));
        assert!(left.is_empty(), "{left:#?}");
    }

    fn line(&self, way: Way, verb: &str) -> String {
        let line = self.role.line(way, verb, self.row.device);
        format!("{} {line}", self.row.within)
    }

    /// Types a line on the host, whatever its exit status.
    fn typed(&self, line: &str) -> Output {
        let line = self.place.with_words(line);
        let host = self.place.host();
        host.enter(|| process::output("sh", &["-ec", &line]))
    }

    #[track_caller]
    fn is_refused_before_anything_is_changed(&self) {
        let reason = self.row.without_options;
        let without = self.row.ways.iter().filter_map(|way| Some((*way, reason?)));
        let with = self.row.refused.iter().copied();
        let with = with.map(|(way, reason)| (way, self.row.options, reason));
        let all: Vec<_> = without
            .map(|(way, reason)| (way, "", reason))
            .chain(with)
            .collect();
        for (way, options, reason) in all {
            let before = self.dump();
            let line = format!("{} {options}", self.line(way, "up"));
            let output = self.typed(&line);
            assert_eq!(output.status, Some(1), "{line}: {output:?}");
            assert!(output.stderr.contains(reason), "{line}: {}", output.stderr);
            assert_same(&before, &self.dump());
        }
    }

    #[track_caller]
    fn up(&self) {
        for way in self.row.ways {
            let documented = page::command(self.row.section, self.role);
            let line = if documented.contains(way.vip) {
                self.documented(documented)
            } else {
                format!("{} {}", self.line(*way, "up"), self.row.options)
            };
            let output = self.typed(&line);
            assert_eq!(output.status, Some(0), "{line}: {output:?}");
        }
    }

    /// What docs/network.md says to type. Nobody else is there to be asked for the virtual IP.
    fn documented(&self, command: &str) -> String {
        let claim = match self.role {
            Role::Director => "--claim",
            Role::RealServer => "",
        };
        format!("{} {command} {claim}", self.row.within)
    }

    #[track_caller]
    fn down(&self) {
        for way in self.row.ways {
            let line = self.line(*way, "down");
            let output = self.typed(&line);
            assert_eq!(output.status, Some(0), "{line}: {output:?}");
        }
    }

    fn ask(&self) -> Vec<(&'static str, Vec<Option<String>>)> {
        let ways = self.row.ways.iter();
        ways.map(|way| (way.vip, self.place.ask(*way, CLIENTS)))
            .collect()
    }

    #[track_caller]
    fn are_served(&self) {
        for (vip, answers) in self.ask() {
            let by: BTreeSet<_> = answers.iter().flatten().map(String::as_str).collect();
            assert!(
                answers.iter().all(Option::is_some) && by == BTreeSet::from(["web1", "web2"]),
                "{vip}: {answers:?}\n{}",
                self.state()
            );
        }
    }

    #[track_caller]
    fn are_not_served(&self) {
        let answers = self.ask();
        let served = answers.iter().all(|(_, it)| it.iter().all(Option::is_some));
        assert!(!served, "{answers:?}");
    }

    /// What one looks at when something does not work.
    fn state(&self) -> String {
        self.typed(
            "ip address; ip route show table all; ip rule; ip neighbour; ipvs-rs doctor || true",
        )
        .stdout
    }

    #[track_caller]
    fn is_healthy(&self) {
        let roles = [Role::Director, Role::RealServer];
        for (role, found) in at_once(roles, |role| self.found_on(role)) {
            assert!(found.is_empty(), "{}: {found:#?}", role.host());
        }
    }

    /// What the doctor finds on a host, but for notes.
    #[track_caller]
    fn found_on(&self, role: Role) -> Vec<Found> {
        let within = if role == self.role {
            self.row.within
        } else {
            ""
        };
        let line = self
            .place
            .with_words(&format!("{within} ipvs-rs doctor --output json"));
        let host = self.place.site.host(role.host());
        let output = host.enter(|| process::output("sh", &["-ec", &line]));
        assert_eq!(output.stderr, "", "{}", output.stdout);
        let mut found = read(&output.stdout);
        found.retain(Found::is_serious);
        found
    }

    #[track_caller]
    fn found(&self, kinds: &[FindingKind]) -> Vec<Found> {
        let found = self.found_on(self.role);
        let found_kinds: BTreeSet<_> = found.iter().map(|it| it.kind).collect();
        assert_eq!(found_kinds, kinds.iter().copied().collect(), "{found:#?}");
        found
    }

    /// Takes the virtual IPs and settings away. What the doctor prints brings them back, whatever the
    /// devices are called and wherever the addresses are.
    #[track_caller]
    fn is_broken_and_mended(&self) {
        let vips: Vec<_> = self.row.ways.iter().map(|way| way.vip).collect();
        let (setting, value) = match self.role {
            Role::Director => ("send_redirects", 1),
            Role::RealServer => ("arp_ignore", 0),
        };
        self.place.script(&format!(
            "for vip in {}; do
                ip -o address show to $vip | while read number device family address rest; do
                    ip address delete $address dev $device
                done
             done
             for file in /proc/sys/net/ipv4/conf/*/{setting}; do echo {value} > $file; done",
            vips.join(" ")
        ));
        let found = self.found_on(self.role);
        self.type_all(&found);
        self.are_served();
        self.is_healthy();
    }

    #[track_caller]
    fn type_all(&self, found: &[Found]) {
        let mut typed: Vec<&Command> = Vec::new();
        for command in found.iter().flat_map(|it| &it.commands) {
            if !typed.contains(&command) {
                command.type_on(self.host_of(command), &[]);
                typed.push(command);
            }
        }
        assert!(!typed.is_empty(), "{found:#?}");
    }

    #[track_caller]
    fn host_of(&self, command: &Command) -> &Netns {
        assert_eq!(command.on, None, "{command:?}");
        self.place.host()
    }

    #[track_caller]
    fn goes_through_what_happens(&self) {
        match self.row.meanwhile {
            Meanwhile::Nothing => return,
            Meanwhile::Harmless(lines) => drop(self.place.script(lines)),
            Meanwhile::Forgotten(lines) => {
                self.place.script(lines);
                return self.are_served();
            }
            Meanwhile::UpAgain(lines) => {
                self.place.script(lines);
                self.up();
            }
            Meanwhile::Moves(lines) => {
                self.place.script(lines);
                self.type_all(&self.found_on(self.role));
            }
        }
        self.are_served();
        self.is_healthy();
    }
}
