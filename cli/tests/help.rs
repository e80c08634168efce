//! The help of every command, kept as text in `help/`, so that a change of it can be reviewed.
//!
//! `SNAPSHOTS=overwrite cargo test -p ipvs-cli --test help` writes the files anew.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::path::Path;

use snapbox::Data;
use snapbox::cmd::Command;

/// Every command, as it is typed.
const COMMANDS: [&str; 27] = [
    "add-service",
    "edit-service",
    "delete-service",
    "add-destination",
    "edit-destination",
    "drain-destination",
    "delete-destination",
    "list",
    "connections",
    "timeouts",
    "start-sync",
    "stop-sync",
    "sync-status",
    "zero",
    "flush",
    "info",
    "save",
    "restore",
    "director",
    "director up",
    "director announce",
    "director down",
    "real-server",
    "real-server up",
    "real-server down",
    "doctor",
    "completions",
];

/// The program on a screen of 100 columns; none of its streams is a terminal, which would decide.
fn ipvs_rs(arguments: &str) -> Command {
    Command::new(env!("CARGO_BIN_EXE_ipvs-rs"))
        .args(arguments.split_whitespace())
        .stdin("")
        .env("COLUMNS", "100")
}

/// What it prints on standard output and nowhere else.
#[track_caller]
fn printed(arguments: &str) -> String {
    let assert = ipvs_rs(arguments).assert().success().stderr_eq("");
    String::from_utf8(assert.get_output().stdout.clone()).unwrap()
}

fn page(name: &str) -> Data {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help");
    Data::read_from(
        &path.join(name.replace(' ', "-")).with_extension("txt"),
        None,
    )
}

#[test]
fn help_is_what_was_reviewed() {
    ipvs_rs("--help")
        .assert()
        .success()
        .stderr_eq("")
        .stdout_eq(page("ipvs-rs").raw());
    for command in COMMANDS {
        let shown = ipvs_rs(&format!("{command} --help"))
            .assert()
            .success()
            .stderr_eq("");
        shown.stdout_eq(page(command).raw());
    }
}

#[test]
fn every_command_there_is_has_its_page() {
    let mut there: Vec<String> = Vec::new();
    for parent in ["", "director", "real-server"] {
        let help = printed(&format!("{parent} --help"));
        let (_, commands) = help.split_once("Commands:\n").unwrap();
        let (commands, _) = commands.split_once("\n\n").unwrap();
        let names = commands.lines().filter(|line| !line.starts_with("   "));
        let names = names.filter_map(|line| line.split_whitespace().next());
        let names = names.filter(|name| *name != "help");
        there.extend(names.map(|name| format!("{parent} {name}").trim().to_owned()));
    }
    let mut known = COMMANDS.map(str::to_owned);
    known.sort_unstable();
    there.sort_unstable();
    assert_eq!(there, known);
}

#[test]
fn no_line_of_help_is_wider_than_the_screen_but_the_usage() {
    for command in COMMANDS {
        for line in printed(&format!("{command} --help")).lines() {
            assert!(
                line.len() <= 100 || line.starts_with("Usage: "),
                "{command}: {line}"
            );
        }
    }
}

#[test]
fn all_three_ways_to_ask_for_help_say_the_same() {
    for command in COMMANDS {
        let asked = printed(&format!("{command} --help"));
        assert_eq!(printed(&format!("{command} -h")), asked, "{command} -h");
        assert_eq!(printed(&format!("help {command}")), asked, "help {command}");
    }
    assert_eq!(printed("-h"), printed("--help"));
    assert_eq!(printed("help"), printed("--help"));
}

#[test]
fn without_a_command_the_help_goes_to_standard_error() {
    ipvs_rs("")
        .assert()
        .code(2)
        .stdout_eq("")
        .stderr_eq(page("ipvs-rs").raw());
    ipvs_rs("director")
        .assert()
        .code(2)
        .stdout_eq("")
        .stderr_eq(page("director").raw());
}

#[test]
fn the_version_is_that_of_the_package() {
    let version = concat!("ipvs-rs ", env!("CARGO_PKG_VERSION"), "\n");
    assert_eq!(printed("--version"), version);
    assert_eq!(printed("-V"), version);
}

#[test]
fn completions_of_each_shell_know_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = printed(&format!("completions {shell}"));
        for command in COMMANDS {
            for word in command.split(' ') {
                assert!(script.contains(word), "{shell}: {word}");
            }
        }
    }
}
