//! Counts with valgrind: the same program gives the same count, however busy the machine is.

use std::process::Command;

use crate::work::Work;

/// Instructions for one destination.
pub(crate) fn instructions(work: Work) -> f64 {
    let tool = ["--tool=callgrind", "--callgrind-out-file=/dev/null"];
    of_one(work, &tool, "Collected : ")
}

/// Allocations for one destination.
pub(crate) fn allocations(work: Work) -> f64 {
    // "Total:     117,878 bytes in 222 blocks"
    let tool = ["--tool=dhat", "--dhat-out-file=/dev/null"];
    of_one(work, &tool, "bytes in ")
}

fn of_one(work: Work, tool: &[&str], before_number: &str) -> f64 {
    let count = |times| counted(work, times, tool, before_number);
    let times = work.times();
    let more = count(2 * times) - count(times);
    more / f64::from(times * work.destinations())
}

/// The first number behind these words.
fn counted(work: Work, times: u32, tool: &[&str], before_number: &str) -> f64 {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(tool).arg(std::env::current_exe().unwrap());
    valgrind.args(["work", &work.name(), &times.to_string()]);
    // What is in the environment is work too.
    let output = valgrind
        .env_clear()
        .env("PATH", std::env::var("PATH").unwrap());
    let output = output.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let (_, rest) = said.split_once(before_number).unwrap();
    let number = rest.split(|c: char| !c.is_ascii_digit() && c != ',').next();
    number.unwrap().replace(',', "").parse().unwrap()
}
