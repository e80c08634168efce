//! A host to set up, and everything about it as text.

use std::{fs, num::NonZeroU32, path::Path, thread, time::Duration};

pub(crate) use ipvs_lab::state::{assert_same, differences, dump};
use ipvs_lab::{netns::Netns, process};
use lbnet::{
    Announcement, ConfTarget, DeviceName, Director, Host, Ipv4Conf, ObjectOutcome, Probe,
    RealServer, Report, Step, Sysctl,
};
use tempfile::TempDir;

pub(crate) const VIP: &str = "10.10.10.100";

/// A namespace with an `eth0` that goes nowhere, and a journal of its own.
pub(crate) struct Machine {
    pub(crate) netns: Netns,
    pub(crate) journal: TempDir,
}

impl Machine {
    pub(crate) fn new() -> Self {
        let machine = Self {
            netns: Netns::new("lbnet-host"),
            journal: tempfile::tempdir().unwrap(),
        };
        machine.ip("link add eth0 type veth peer name cable");
        for end in ["cable", "eth0"] {
            // Else each gets an address of IPv6, some time later; if the kernel has IPv6.
            let no_address = ["link", "set", end, "addrgenmode", "none"];
            machine.netns.enter(|| process::output("ip", &no_address));
            machine.ip(&format!("link set {end} up"));
        }
        machine.ip("address add 10.10.10.11/24 dev eth0");
        while machine.ip("link show up").contains("NO-CARRIER") {
            thread::sleep(Duration::from_millis(20));
        }
        machine
    }

    pub(crate) fn ip(&self, arguments: &str) -> String {
        let arguments: Vec<_> = arguments.split_whitespace().collect();
        self.netns.enter(|| process::run("ip", &arguments))
    }

    pub(crate) fn host<T>(&self, work: impl AsyncFnOnce(&Host) -> T) -> T {
        on_host(&self.netns, self.journal.path(), work)
    }

    pub(crate) fn sysctl(&self, key: &Sysctl) -> i64 {
        self.host(async |host| host.read_sysctl(key).unwrap())
    }

    pub(crate) fn set_sysctl(&self, key: &Sysctl, value: i64) {
        self.host(async |host| host.write_sysctl(key, value).unwrap());
    }

    pub(crate) fn is_clean(&self) -> bool {
        fs::read_dir(self.journal.path()).unwrap().next().is_none()
    }

    /// All that a set-up could change, line by line.
    pub(crate) fn dump(&self) -> Vec<String> {
        dump(&self.netns)
    }

    /// Panics with what is different.
    #[track_caller]
    pub(crate) fn assert_unchanged_since(&self, before: &[String]) {
        assert_same(before, &self.dump());
    }
}

/// The first tunnel of a kind brings its module's own device into every namespace, where it stays:
/// before anything is compared.
pub(crate) fn load_modules(names: &[&str]) {
    process::run("modprobe", &[&["-a"], names].concat());
}

pub(crate) fn on_host<T>(netns: &Netns, journal: &Path, work: impl AsyncFnOnce(&Host) -> T) -> T {
    let done = lbnet::block_on(async {
        let netns = lbnet::Netns::at(netns.path()).unwrap();
        let host = Host::open(netns).unwrap().journal_directory(journal);
        // Long enough for an answer in the lab, and no longer.
        let quickly = Probe::default()
            .rounds(NonZeroU32::MIN)
            .interval(Duration::from_millis(40));
        work(&host.probing(quickly)).await
    });
    done.unwrap()
}

pub(crate) fn device(name: &str) -> DeviceName {
    name.parse().unwrap()
}

pub(crate) fn on_eth0(key: Ipv4Conf) -> Sysctl {
    Sysctl::ipv4_conf(ConfTarget::Device(device("eth0")), key)
}

pub(crate) fn on_all(key: Ipv4Conf) -> Sysctl {
    Sysctl::ipv4_conf(ConfTarget::All, key)
}

/// Does not wait for anybody to hear it.
pub(crate) fn director(vip: &str) -> Director {
    let once = Announcement::default().rounds(NonZeroU32::MIN);
    Director::new(vip.parse().unwrap(), device("eth0")).announce(once)
}

pub(crate) fn real_server(vip: &str) -> RealServer {
    RealServer::new(vip.parse().unwrap(), device("eth0"))
}

pub(crate) fn lines(report: &Report) -> Vec<String> {
    report.steps().iter().map(Step::to_string).collect()
}

pub(crate) fn address_outcome(report: &Report) -> &ObjectOutcome {
    let outcome = report.steps().iter().find_map(|step| match step {
        Step::Address { outcome, .. } => Some(outcome),
        _ => None,
    });
    outcome.expect("a step about an address")
}
