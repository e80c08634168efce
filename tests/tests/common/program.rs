//! The program `ipvs-rs`, as it is typed.

use std::fs;

use ipvs::Table;
use ipvs_lab::process::{self, Output};
use serde_json::Value;

use super::{client, state};

/// Runs a command line with something on standard input, whatever its exit status.
#[track_caller]
pub(crate) fn typed(line: &str, input: &str) -> Output {
    let words: Vec<_> = line.split_whitespace().collect();
    process::output_with_input("ipvs-rs", &words, input)
}

/// What a command line prints; it must succeed and complain of nothing.
#[track_caller]
pub(crate) fn shown(line: &str) -> String {
    shown_for(line, "")
}

/// Like [`shown`], with something on standard input.
#[track_caller]
pub(crate) fn shown_for(line: &str, input: &str) -> String {
    let output = typed(line, input);
    assert_eq!(
        (output.status, output.stderr.as_str()),
        (Some(0), ""),
        "{line}"
    );
    output.stdout
}

/// The last line that a restore prints, which counts what it did; it must succeed and complain of
/// nothing.
#[track_caller]
pub(crate) fn counted_for(line: &str, input: &str) -> String {
    let said = shown_for(line, input);
    said.lines().last().unwrap_or_default().to_owned() + "\n"
}

/// Runs a command line that changes something: it must succeed without a word.
#[track_caller]
pub(crate) fn done(line: &str) {
    assert_eq!(shown(line), "", "{line}");
}

/// What a command line prints as JSON.
#[track_caller]
pub(crate) fn json(line: &str) -> Value {
    let text = shown(&format!("{line} --output json"));
    match serde_json::from_str(&text) {
        Ok(value) => value,
        Err(error) => panic!("{line}: {error} in {text}"),
    }
}

/// A command line that must fail with this line alone, and must leave everything as it was.
#[track_caller]
pub(crate) fn refused(line: &str, said: &str) {
    refused_for(line, "", said);
}

/// Like [`refused`], with something on standard input.
#[track_caller]
pub(crate) fn refused_for(line: &str, input: &str, said: &str) {
    let before = configured();
    let output = typed(line, input);
    let expected = Output {
        stdout: String::new(),
        stderr: format!("error: {said}\n"),
        status: Some(1),
    };
    assert_eq!(output, expected, "{line}");
    assert_eq!(configured(), before, "after {line}");
}

/// All that is configured, as the library reads it and as ipvsadm does: starting the program once
/// more would take longer.
#[track_caller]
pub(crate) fn configured() -> (Table, String) {
    state(&mut client())
}

/// Where everybody may run it: what leads to the original may be closed to others.
const PROGRAM: &str = "/run/ipvs-rs-of-everybody";

/// Runs a command line as nobody, whatever its exit status.
#[track_caller]
pub(crate) fn as_nobody(line: &str) -> Output {
    let original = process::run("sh", &["-c", "command -v ipvs-rs"]);
    fs::copy(original.trim_end(), PROGRAM).unwrap();
    let nobody = "--reuid 65534 --regid 65534 --clear-groups";
    let words = nobody.split(' ').chain([PROGRAM]).chain(line.split(' '));
    process::output("setpriv", &words.collect::<Vec<_>>())
}
