//! Many VIPs, and many programs that set one up at the same time.

use std::{
    fmt::Write as _,
    io::Write as _,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use ipvs_lab::process;
use tempfile::NamedTempFile;

use crate::machine::{Machine, director, lines};

/// How many VIPs a batch has.
const BATCH: usize = 300;

fn batch_of(vips: usize) -> NamedTempFile {
    let mut text = "[real-server]\ndevice = \"eth0\"\nvips = [\n".to_owned();
    for number in 0..vips {
        let (high, low) = (number / 250, number % 250 + 1);
        writeln!(text, "  \"10.20.{high}.{low}\",").unwrap();
    }
    text += "]\n";
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn start(machine: &Machine, arguments: &[&str]) -> Child {
    machine.netns.enter(|| {
        let mut program = Command::new("ipvs-rs");
        program.args(arguments).stdout(Stdio::null());
        program.spawn().unwrap()
    })
}

fn vips(machine: &Machine) -> usize {
    machine.ip("-4 -oneline address show lo").lines().count() - 1
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn many_programs_at_once_all_get_their_turn() {
    let machine = Machine::new();
    let before = machine.dump();
    for (verb, expected) in [("up", 25), ("down", 0)] {
        let running: Vec<_> = (1..=25)
            .map(|number| {
                let vip = format!("10.20.0.{number}");
                let words = ["real-server", verb, "--vip", &vip, "--device", "eth0"];
                start(&machine, &words)
            })
            .collect();
        for mut program in running {
            assert!(program.wait().unwrap().success());
        }
        assert_eq!(vips(&machine), expected);
    }
    machine.assert_unchanged_since(&before);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn one_vip_beside_a_batch_waits_no_longer_than_for_one() {
    let machine = Machine::new();
    let before = machine.dump();
    let file = batch_of(BATCH);
    let path = file.path().to_str().unwrap();
    let mut batch = start(&machine, &["real-server", "up", "--file", path]);
    while vips(&machine) == 0 {
        thread::sleep(Duration::from_millis(10));
    }
    let one = [
        "real-server",
        "up",
        "--vip",
        "10.10.10.100",
        "--device",
        "eth0",
    ];
    assert!(start(&machine, &one).wait().unwrap().success());
    let meanwhile = vips(&machine);
    assert!(meanwhile < BATCH, "{meanwhile} VIPs");
    assert!(batch.wait().unwrap().success());
    assert_eq!(vips(&machine), BATCH + 1);
    let down = ["real-server", "down", "--all"];
    assert!(start(&machine, &down).wait().unwrap().success());
    machine.assert_unchanged_since(&before);
}

/// Another host may have it by then.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_that_is_taken_down_beside_a_batch_is_not_announced() {
    let machine = Machine::new();
    let [first, second] = ["10.10.10.100/24", "10.10.10.101/24"].map(director);
    let report = machine.host(async |host| {
        let mut locked = host.lock().await.unwrap();
        locked.up(&first.clone().into()).await.unwrap();
        let going_on = async {
            // The other one stands in line by then.
            tokio::time::sleep(Duration::from_millis(500)).await;
            locked.up(&second.into()).await.unwrap();
        };
        let netns = lbnet::Netns::at(machine.netns.path()).unwrap();
        let other = lbnet::Host::open(netns).unwrap();
        let other = other.journal_directory(machine.journal.path());
        let (down, ()) = tokio::join!(first.down(&other), going_on);
        down.unwrap();
        locked.release().await.unwrap()
    });
    let lines = lines(&report);
    let announced = |vip| {
        lines
            .iter()
            .any(|it| it.starts_with(&format!("announced {vip}")))
    };
    assert!(!announced("10.10.10.100"), "{lines:?}");
    assert!(announced("10.10.10.101"), "{lines:?}");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn each_vip_of_a_batch_costs_two_requests_and_one_write_of_the_journal() {
    let machine = Machine::new();
    let of_batch = |vips| {
        let file = batch_of(vips);
        let counts = counts(&machine, &["real-server", "up", "--file"], file.path());
        counts_of_down(&machine);
        counts
    };
    let ([few_writes, few_requests], [writes, requests]) = (of_batch(10), of_batch(30));
    assert_eq!((writes - few_writes) / 20, 1, "{few_writes} and {writes}");
    assert_eq!(
        (requests - few_requests) / 20,
        2,
        "{few_requests} and {requests}"
    );
}

fn counts_of_down(machine: &Machine) {
    let down = ["real-server", "down", "--all"];
    assert!(start(machine, &down).wait().unwrap().success());
}

/// How often a run of the program writes the journal, and sends requests to the kernel.
fn counts(machine: &Machine, words: &[&str], file: &std::path::Path) -> [usize; 2] {
    let log = NamedTempFile::new().unwrap();
    let log_path = log.path().to_str().unwrap();
    let strace = ["-f", "-o", log_path, "-e", "trace=rename,sendto", "ipvs-rs"];
    let words = [&strace, words, &[file.to_str().unwrap()]].concat();
    machine.netns.enter(|| process::run("strace", &words));
    let log = std::fs::read_to_string(log.path()).unwrap();
    ["rename(", "sendto("].map(|call| log.matches(call).count())
}
