//! Namespaces, and journals about those that are gone.

use std::{fs, path::PathBuf};

use ipvs_lab::netns::Netns;
use lbnet::{Error, Host, HostError, Ipv4Conf, JournalError, Step};

use crate::machine::{Machine, VIP, on_eth0, on_host, real_server};

fn journal_file(machine: &Machine) -> PathBuf {
    let files = fs::read_dir(machine.journal.path()).unwrap();
    let mut files = files.map(|file| file.unwrap().path());
    files
        .find(|path| path.extension().is_some_and(|it| it == "json"))
        .expect("a journal")
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_host_in_another_namespace_leaves_the_caller_where_he_is() {
    let here = lbnet::Netns::current().unwrap().id();
    let machine = Machine::new();
    let there = machine.host(async |host| {
        host.link(&"eth0".parse().unwrap()).await.unwrap();
        host.read_sysctl(&on_eth0(Ipv4Conf::ArpIgnore)).unwrap();
        host.link(&"eth9".parse().unwrap()).await.unwrap_err();
        assert_eq!(lbnet::Netns::current().unwrap().id(), here);
        host.netns()
            .run(|| lbnet::Netns::current().unwrap().id())
            .unwrap()
    });
    assert_ne!(there, here);
    assert_eq!(lbnet::Netns::current().unwrap().id(), here);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_namespace_is_found_by_its_name_only_while_it_is_there() {
    let netns = Netns::new("lbnet-named");
    let by_name = lbnet::Netns::named("lbnet-named").unwrap();
    assert_eq!(by_name.id(), lbnet::Netns::at(netns.path()).unwrap().id());
    drop(netns);
    let error = lbnet::Netns::named("lbnet-named").unwrap_err();
    assert_eq!(error.to_string(), "no such network namespace: lbnet-named");
    // What `ip netns` leaves of a namespace after a reboot is an ordinary file.
    fs::write("/run/netns/lbnet-left-over", "").unwrap();
    let error = lbnet::Netns::named("lbnet-left-over").unwrap_err();
    fs::remove_file("/run/netns/lbnet-left-over").unwrap();
    assert!(
        matches!(error, Error::Host(HostError::NotANamespace { .. })),
        "{error}"
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_journal_of_a_namespace_that_is_gone_undoes_nothing_in_the_next() {
    let machine = Machine::new();
    machine.host(async |host| real_server(VIP).up(host).await.map(drop).unwrap());
    let old = journal_file(&machine);
    let text = fs::read_to_string(&old).unwrap();
    fs::remove_file(&old).unwrap();
    drop(machine.netns);

    // The next namespace gets the same number here by a file under its name: a kernel may well give
    // it.
    let next = Machine {
        netns: Machine::new().netns,
        journal: machine.journal,
    };
    next.host(async |host| real_server(VIP).up(host).await.map(drop).unwrap());
    let new = journal_file(&next);
    let cookie = |text: &str| {
        let journal: serde_json::Value = serde_json::from_str(text).unwrap();
        journal["namespace"]["cookie"].clone()
    };
    let (was, is) = (cookie(&text), cookie(&fs::read_to_string(&new).unwrap()));
    if was.is_null() {
        // Before Linux 5.14 there is nothing to tell them apart by.
        return;
    }
    assert_ne!(was, is);
    let disguised = fs::read_to_string(&new)
        .unwrap()
        .replace(&is.to_string(), &was.to_string());
    fs::write(&new, disguised).unwrap();
    let report = next.host(async |host| real_server(VIP).down(host).await.unwrap());
    // What has the mark is undone for that. By the journal, settings would be too.
    assert!(
        matches!(report.steps().first(), Some(Step::FoundByMark { .. })),
        "{report}"
    );
    let is_setting = |step: &Step| matches!(step, Step::Sysctl { .. });
    assert!(!report.steps().iter().any(is_setting), "{report}");
    assert_eq!(next.sysctl(&on_eth0(Ipv4Conf::ArpIgnore)), 1);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_damaged_journal_stops_everything_before_it_begins() {
    let machine = Machine::new();
    machine.host(async |host| real_server(VIP).up(host).await.map(drop).unwrap());
    let path = journal_file(&machine);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, &text[..text.len() / 2]).unwrap();
    let before = machine.dump();
    machine.host(async |host: &Host| {
        for result in [
            real_server("10.10.10.101").up(host).await,
            real_server(VIP).down(host).await,
        ] {
            let error = result.unwrap_err();
            assert!(
                matches!(error, Error::Journal(JournalError::Damaged { .. })),
                "{error}"
            );
            assert!(
                error.to_string().contains(path.to_str().unwrap()),
                "{error}"
            );
        }
    });
    machine.assert_unchanged_since(&before);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn each_namespace_has_its_own_journal() {
    let first = Machine::new();
    let second = Netns::new("lbnet-second");
    first.host(async |host| real_server(VIP).up(host).await.map(drop).unwrap());
    let report = on_host(&second, first.journal.path(), async |host| {
        real_server(VIP).down(host).await.unwrap()
    });
    assert!(
        matches!(report.steps(), [Step::NothingToUndo { .. }]),
        "{report}"
    );
    assert!(first.ip("address show lo").contains(VIP));
}
