//! A signal in the middle of a restore, or of a set-up.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::common::{client, web};
use ipvs_lab::site::Site;
use ipvs_lab::{in_namespace, process};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

const DESTINATIONS: usize = 4000;

/// A restore that has begun to change the table. `mh` computes its whole table anew for each
/// destination, so that it takes a second or more.
fn begun_restore() -> Child {
    let mut rules = "-A -t 192.0.2.10:80 -s mh\n".to_owned();
    for number in 0..DESTINATIONS {
        let (high, low) = (number / 250, number % 250);
        writeln!(rules, "-a -t 192.0.2.10:80 -r 10.1.{high}.{low}:80").unwrap();
    }
    let mut restore = Command::new("ipvs-rs")
        .args(["restore", "--format", "ipvsadm"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    restore
        .stdin
        .take()
        .unwrap()
        .write_all(rules.as_bytes())
        .unwrap();
    let mut ipvs = client();
    while ipvs.services().unwrap().is_empty() {
        assert_eq!(
            restore.try_wait().unwrap(),
            None,
            "it ended without a change"
        );
    }
    restore
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn ctrl_c_waits_until_a_restore_is_complete() {
    in_namespace(|| {
        let mut restore = begun_restore();
        let pid = Pid::from_raw(restore.id().try_into().unwrap());
        kill(pid, Signal::SIGINT).unwrap();
        let destinations = || client().destinations(web()).unwrap().len();
        let half_way = destinations();
        restore.wait().unwrap();
        assert!(
            half_way < DESTINATIONS,
            "the signal came too late to show anything"
        );
        assert_eq!(destinations(), DESTINATIONS);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn ctrl_c_waits_until_a_vip_is_announced() {
    let site = Site::new(&[("director", "10.10.10.11/24")]);
    site.host("director").enter(|| {
        let set_up = ["--vip", "10.10.10.100/24", "--device", "eth0"];
        let up = Command::new("ipvs-rs")
            .args(["director", "up"])
            .args(set_up)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        while !process::run("ip", &["address"]).contains("10.10.10.100") {}
        kill(Pid::from_raw(up.id().try_into().unwrap()), Signal::SIGINT).unwrap();
        let said = up.wait_with_output().unwrap();
        let said = String::from_utf8(said.stdout).unwrap();
        assert!(said.ends_with(" 1 time, 2 more to follow\n"), "{said}");
        process::run("ipvs-rs", &["director", "down", "--all"]);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn ctrl_c_ends_the_wait_for_another_program_that_changes_the_host() {
    let site = Site::new(&[("director", "10.10.10.11/24")]);
    site.host("director").enter(|| {
        let ended = lbnet::block_on(async {
            let host = lbnet::Host::open(lbnet::Netns::current().unwrap()).unwrap();
            let _locked = host.lock().await.unwrap();
            let mut up = Command::new("ipvs-rs")
                .args(["director", "up", "--vip", "10.10.10.100/24"])
                .args(["--device", "eth0"])
                .spawn()
                .unwrap();
            thread::sleep(Duration::from_millis(500));
            kill(Pid::from_raw(up.id().try_into().unwrap()), Signal::SIGINT).unwrap();
            up.wait().unwrap()
        });
        assert_eq!(ended.unwrap().signal(), Some(Signal::SIGINT as i32));
        assert!(!process::run("ip", &["address"]).contains("10.10.10.100"));
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn ctrl_c_while_the_network_is_asked_changes_nothing() {
    let site = Site::new(&[("director", "10.10.10.11/24")]);
    site.host("director").enter(|| {
        let before = process::run("ip", &["-4", "address"]);
        let mut up = Command::new("ipvs-rs")
            .args(["director", "up", "--vip", "10.10.10.100/24"])
            .args(["--device", "eth0"])
            .spawn()
            .unwrap();
        // It asks for 1.5 seconds. Once it has the socket for that, it asks.
        let packet = || std::fs::read_to_string("/proc/thread-self/net/packet").unwrap();
        while packet().lines().count() < 2 {
            assert_eq!(up.try_wait().unwrap(), None, "it asked nobody");
        }
        kill(Pid::from_raw(up.id().try_into().unwrap()), Signal::SIGINT).unwrap();
        let ended = up.wait().unwrap();
        assert_eq!(ended.signal(), Some(Signal::SIGINT as i32));
        assert_eq!(process::run("ip", &["-4", "address"]), before);
        let undone = process::run("ipvs-rs", &["director", "down", "--all"]);
        assert_eq!(undone, "");
    });
}
