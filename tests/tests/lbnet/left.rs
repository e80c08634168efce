//! What cannot be undone: everything else is.

use std::{
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use ipvs_lab::process::{self, Output};
use lbnet::Ipv4Conf;

use crate::machine::{Machine, on_eth0};

const ARP_IGNORE: &str = "/proc/sys/net/ipv4/conf/eth0/arp_ignore";
const ONE: [&str; 4] = ["--vip", "10.10.10.100", "--device", "eth0"];

fn run(machine: &Machine, wrapper: &[&str], verb: &str, options: &[&str]) -> Output {
    let words = [wrapper, &["ipvs-rs", "real-server", verb], options].concat();
    machine.netns.enter(|| process::output("env", &words))
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_cannot_be_undone_is_named_and_all_else_is_undone() {
    let machine = Machine::new();
    let before = machine.dump();
    run(&machine, &[], "up", &ONE).success();
    let second = ["--vip", "10.10.10.101", "--device", "eth0"];
    run(&machine, &[], "up", &second).success();

    let refusing = ["strace", "-f", "-o", "/dev/null", "-P", ARP_IGNORE];
    let refusing = [&refusing[..], &["-e", "inject=write:error=EIO"]].concat();
    let output = run(&machine, &refusing, "down", &["--all"]);
    assert_eq!(output.status, Some(5), "{output:?}");
    let line = "could not restore net.ipv4.conf.eth0.arp_ignore = 0 (set to 1)";
    assert!(output.stdout.contains(line), "{output:?}");
    let error = "the real server for 10.10.10.100 on eth0 is taken down in part, and its journal keeps the \
                 rest (net.ipv4.conf.eth0.arp_ignore)";
    assert!(output.stderr.contains(error), "{output:?}");
    assert!(!machine.ip("address show lo").contains("10.10.10.10"));
    assert_eq!(machine.sysctl(&on_eth0(Ipv4Conf::ArpAnnounce)), 0);
    assert_eq!(machine.sysctl(&on_eth0(Ipv4Conf::ArpIgnore)), 1);

    run(&machine, &[], "down", &["--all"]).success();
    machine.assert_unchanged_since(&before);
    let nothing = run(&machine, &[], "down", &ONE).success();
    assert!(nothing.contains("nothing to undo"), "{nothing}");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_device_that_goes_away_while_its_setting_is_restored_is_no_obstacle() {
    let machine = Machine::new();
    run(&machine, &[], "up", &ONE).success();
    // The second time that the file is opened, it is to be written.
    let mut slow = Command::new("strace");
    slow.args(["-f", "-o", "/dev/null", "-P", ARP_IGNORE, "-e"])
        .arg("inject=openat:delay_enter=3s:when=2")
        .args(["ipvs-rs", "real-server", "down"])
        .args(ONE)
        .stdout(Stdio::piped());
    let slow = machine.netns.enter(|| slow.spawn().unwrap());
    while machine.ip("address show lo").contains("10.10.10.100") {
        thread::sleep(Duration::from_millis(10));
    }
    thread::sleep(Duration::from_secs(1));
    machine.ip("link delete eth0");
    let output = slow.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}");
    let line = "net.ipv4.conf.eth0.arp_ignore is gone already";
    assert!(said.contains(line), "{said}");
}

/// With such a VIP and without these settings, this host would take clients away from the director.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_that_cannot_be_deleted_stays_hidden() {
    let machine = Machine::new();
    let before = machine.dump();
    let mut stayed = 0;
    // From one of its requests on, the kernel refuses all of them.
    for first in 1..=14 {
        run(&machine, &[], "up", &ONE).success();
        let inject = format!("inject=sendto:error=EIO:when={first}+");
        let refusing = ["strace", "-f", "-o", "/dev/null", "-e", &inject];
        let output = run(&machine, &refusing, "down", &ONE);
        if machine.ip("address show lo").contains("10.10.10.100") {
            assert_eq!(
                machine.sysctl(&on_eth0(Ipv4Conf::ArpIgnore)),
                1,
                "{output:?}"
            );
            stayed += usize::from(output.status == Some(5));
        }
        run(&machine, &[], "down", &ONE).success();
        machine.assert_unchanged_since(&before);
    }
    assert!(stayed > 0, "no request was the one that deletes the VIP");
}
