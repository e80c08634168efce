//! What an earlier run left is recognized by its mark where the journal is lost.

use std::{fs, thread, time::Duration};

use lbnet::Placement;

use crate::machine::{Machine, VIP, device, director, load_modules, real_server};

impl Machine {
    /// As `/run` is emptied when a container is made anew.
    fn lose_the_journal(&self) {
        for file in fs::read_dir(self.journal.path()).unwrap() {
            fs::remove_file(file.unwrap().path()).unwrap();
        }
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_an_earlier_container_left_is_taken_back_into_the_journal() {
    let machine = Machine::new();
    let server = real_server(VIP);
    machine.host(async |host| {
        server.up(host).await.unwrap();
        machine.lose_the_journal();
        let report = server.up(host).await.unwrap();
        assert!(!report.changed(), "{report}");
        let report = server.down(host).await.unwrap().to_string();
        assert!(
            report.contains("deleted 10.10.10.100/32 from lo"),
            "{report}"
        );
        assert!(
            report.contains("deleted the route to 10.10.10.100"),
            "{report}"
        );
    });
    assert!(!machine.ip("address show lo").contains(VIP));
    assert!(!machine.ip("route show").contains(VIP));
    assert!(machine.is_clean());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_down_without_a_journal_undoes_what_is_marked_and_says_so() {
    load_modules(&["dummy"]);
    let machine = Machine::new();
    let before = machine.ip("address show");
    machine.host(async |host| {
        real_server(VIP).up(host).await.unwrap();
        machine.lose_the_journal();
        let report = real_server(VIP).down(host).await.unwrap().to_string();
        let said = "no journal knows the real server for 10.10.10.100 on eth0: undoing what has the mark of \
                    ipvs-rs; settings stay as they are";
        assert!(report.starts_with(said), "{report}");
        let report = real_server(VIP).down(host).await.unwrap().to_string();
        assert!(report.starts_with("nothing to undo"), "{report}");
    });
    assert_eq!(machine.ip("address show"), before);
    assert!(machine.is_clean());

    let machine = Machine::new();
    let before = machine.dump();
    let in_dummy = Placement::Dummy(device("ipvs0"));
    let placed = director("10.10.10.101").placement(in_dummy).unannounced();
    machine.host(async |host| {
        placed.up(host).await.unwrap();
        machine.lose_the_journal();
        let report = placed.down(host).await.unwrap().to_string();
        assert!(report.contains("deleted the device ipvs0"), "{report}");
    });
    let after = machine.dump();
    let is_setting = |line: &&String| line.starts_with("/proc/sys");
    let settings = |dump: &[String]| dump.iter().filter(is_setting).count();
    assert_eq!(settings(&before), settings(&after));
    assert!(!machine.ip("address show").contains("10.10.10.101"));
    assert!(machine.is_clean());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_others_added_is_not_taken_for_ours() {
    let machine = Machine::new();
    machine.ip("address add 10.10.10.100/32 dev lo");
    machine.host(async |host| {
        let report = real_server(VIP).down(host).await.unwrap().to_string();
        assert!(report.starts_with("nothing to undo"), "{report}");
        real_server(VIP).up(host).await.unwrap();
        real_server(VIP).down(host).await.unwrap();
    });
    assert!(machine.ip("address show lo").contains(VIP));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_address_that_another_host_has_does_not_count_as_there() {
    let machine = Machine::new();
    machine.ip("address add fd00::100/64 dev cable nodad");
    machine.ip("address add fd00::100/64 dev eth0");
    while !machine.ip("address show eth0").contains("dadfailed") {
        thread::sleep(Duration::from_millis(50));
    }
    let before = machine.dump();
    let error = machine.host(async |host| {
        let director = director("fd00::100/64").claim();
        director.up(host).await.unwrap_err().to_string()
    });
    let said = "fd00::100/64 on eth0 exists already, but does not work: another host has it (dadfailed); delete \
                it: ip address delete fd00::100/64 dev eth0";
    assert_eq!(error, said);
    machine.assert_unchanged_since(&before);
}
