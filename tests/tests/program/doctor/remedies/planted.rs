//! What is done for a row: the fault is planted, found, fixed as it is printed, and gone.

use std::collections::BTreeSet;
use std::thread;
use std::time::{Duration, Instant};

use lbnet::doctor::FindingKind;

use super::super::at_once::at_once;
use super::super::finding::{Command, Found, ask_doctor};
use super::super::sh;
use super::super::traffic::{ask, ask_by_udp};
use super::row::{Asked, Clients, Printed, Row, Seen};
use super::usual::{self, EXAMINED, Usual};
use ipvs_lab::netns::Netns;
use ipvs_lab::site::Site;

/// So many clients ask: each server gets several.
const CLIENTS: usize = 8;

/// While nobody answers, each one takes a second.
const FEW_CLIENTS: usize = 4;

/// Of so many, a hash gives some to each server.
const MANY_CLIENTS: usize = 16;

/// After this time the kernel tells what became of clients.
const IN_TIME: Duration = Duration::from_secs(5);

#[track_caller]
pub(super) fn holds(row: &Row) {
    let planted = Planted::new(row);
    match row.remedy {
        Printed::Commands => planted.is_fixed_by_commands(&[]),
        Printed::Completed(words) => planted.is_fixed_by_commands(words),
        Printed::Shows(_) => planted.is_shown(),
        Printed::Nothing(_) => planted.has_no_command(),
    }
}

/// A site with a fault that was found.
struct Planted<'a> {
    row: &'a Row,
    site: Site,
    /// What is found on each host of the site without the fault: notes.
    usual: Usual,
    found: Vec<Found>,
}

impl<'a> Planted<'a> {
    #[track_caller]
    fn new(row: &'a Row) -> Self {
        let site = row.site.build();
        sh(site.host(row.on), row.more.before);
        let mut usual = usual::found_on(row.site, &site);
        if !row.more.before.is_empty() {
            usual.insert(row.on, usual::ask(row.site, &site, row.on));
        }
        sh(site.host(row.on), row.plant);
        let mut planted = Self {
            row,
            site,
            usual,
            found: Vec::new(),
        };
        planted.clients_are_affected();
        planted.found = planted.found_in_time();
        let expected: BTreeSet<_> = row.more.with.iter().copied().chain([row.kind]).collect();
        assert_eq!(kinds(&planted.found), expected, "{:#?}", planted.found);
        planted
    }

    #[track_caller]
    fn is_fixed_by_commands(&self, words: &[(&str, &str)]) {
        let prints = |it: &Found| it.kind != self.row.kind || !it.commands.is_empty();
        assert!(self.found.iter().all(prints), "{:#?}", self.found);
        sh(self.site.host(self.row.on), self.row.more.first);
        self.all_are_typed(&self.found, words);
        if !self.row.more.then.is_empty() {
            let next = self.new_on(self.row.on);
            let then: BTreeSet<_> = self.row.more.then.iter().copied().collect();
            assert_eq!(kinds(&next), then, "{next:#?}");
            self.all_are_typed(&next, words);
        }
        match self.row.more.seen {
            Seen::AtOnce => {
                // The connection table has those who waited until new clients are answered.
                self.nothing_new_is_found(|it| it.kind != FindingKind::ServerUnanswered);
                self.clients_are_served();
            }
            Seen::AfterClients => {
                self.clients_are_served();
                self.counters_are_added_up();
            }
        }
        self.nothing_new_is_found(|_| true);
    }

    #[track_caller]
    fn is_shown(&self) {
        for command in self.of_kind().flat_map(|it| &it.commands) {
            command.type_on(self.host(command), &[]);
        }
        let again = self.new_on(self.row.on);
        assert_eq!(again, self.found, "nothing was to be fixed");
    }

    #[track_caller]
    fn has_no_command(&self) {
        for finding in self.of_kind() {
            assert_eq!(finding.commands, []);
        }
    }

    fn of_kind(&self) -> impl Iterator<Item = &Found> {
        let found = self.found.iter();
        found.filter(|it| it.kind == self.row.kind)
    }

    /// As an operator does: each once, in the order in which they are printed.
    #[track_caller]
    fn all_are_typed(&self, found: &[Found], words: &[(&str, &str)]) {
        let mut typed: Vec<&Command> = Vec::new();
        for command in found.iter().flat_map(|it| &it.commands) {
            if !typed.contains(&command) {
                command.type_on(self.host(command), words);
                typed.push(command);
            }
        }
    }

    /// The host to type a command on.
    #[track_caller]
    fn host(&self, command: &Command) -> &Netns {
        let Some(address) = &command.on else {
            return self.site.host(self.row.on);
        };
        let shown = format!("ip -o address show to {address}");
        let has = |host: &&Netns| !sh(host, &shown).is_empty();
        let mut hosts = self.site.hosts();
        match hosts.find(has) {
            Some(host) => host,
            None => panic!("no host has {address}: {command:?}"),
        }
    }

    /// What is found on a host that was not there before the fault.
    #[track_caller]
    fn new_on(&self, name: &str) -> Vec<Found> {
        let line = match self.row.more.doctor {
            Some(line) if name == self.row.on => line.to_owned(),
            _ => self.row.site.doctor(name),
        };
        let mut found = ask_doctor(self.site.host(name), &line);
        let usual = self.usual.get(name);
        found.retain(|it| !usual.is_some_and(|usual| usual.contains(it)));
        found
    }

    #[track_caller]
    fn nothing_new_is_found(&self, counts: impl Fn(&Found) -> bool) {
        for (name, mut left) in at_once(EXAMINED, |name| self.new_on(name)) {
            left.retain(&counts);
            assert!(left.is_empty(), "{name}, fixed: {left:#?}");
        }
    }

    /// What is found, once the kernel knows of it: a neighbour has not answered when three requests were
    /// in vain, and counters are added up every two seconds.
    #[track_caller]
    fn found_in_time(&self) -> Vec<Found> {
        let deadline = Instant::now() + IN_TIME;
        loop {
            let found = self.new_on(self.row.on);
            if kinds(&found).contains(&self.row.kind) || Instant::now() > deadline {
                return found;
            }
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn counters_are_added_up(&self) {
        let deadline = Instant::now() + IN_TIME;
        while Instant::now() < deadline && !self.new_on("director").is_empty() {
            thread::sleep(Duration::from_millis(200));
        }
    }

    #[track_caller]
    fn clients_are_affected(&self) {
        let asking = match self.row.clients {
            Clients::SomeUnserved => MANY_CLIENTS,
            Clients::Served | Clients::NoneServed => FEW_CLIENTS,
            Clients::Either => return,
        };
        let answers = self.clients(asking);
        let served = answers.iter().flatten().count();
        let as_said = match self.row.clients {
            Clients::Served => served == asking,
            Clients::SomeUnserved => (1..asking).contains(&served),
            Clients::NoneServed => served == 0,
            Clients::Either => true,
        };
        assert!(as_said, "with the fault: {answers:?}");
    }

    #[track_caller]
    fn clients_are_served(&self) {
        let answers = self.clients(CLIENTS);
        let by: BTreeSet<_> = answers.iter().flatten().map(String::as_str).collect();
        let expected: BTreeSet<_> = self.row.more.by.iter().copied().collect();
        assert_eq!(answers.iter().flatten().count(), CLIENTS, "{answers:?}");
        assert_eq!(by, expected, "{answers:?}");
    }

    /// Clients that come one after another, and know nobody yet: what a neighbour has learned wrongly,
    /// it believes until it asks again.
    fn clients(&self, times: usize) -> Vec<Option<String>> {
        let client = self.site.host("client");
        sh(client, "ip neighbour flush dev eth0");
        match self.row.more.asked {
            Asked::Tcp => ask(client, &self.row.site.at(80), times),
            Asked::Udp => ask_by_udp(client, &self.row.site.at(53), times),
        }
    }
}

fn kinds(found: &[Found]) -> BTreeSet<FindingKind> {
    found.iter().map(|it| it.kind).collect()
}
