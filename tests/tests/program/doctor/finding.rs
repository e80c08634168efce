//! What the doctor says of a host, and the commands that it prints.

use lbnet::doctor::FindingKind;
use serde_json::Value;

use crate::common::program::typed;
use ipvs_lab::netns::Netns;
use ipvs_lab::process;

/// One finding, as the program prints it as JSON: it can be about several objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) kind: FindingKind,
    pub(crate) severity: String,
    problems: Vec<String>,
    pub(crate) commands: Vec<Command>,
}

/// A command to type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    /// An address of the host to type it on, if that is another one.
    pub(crate) on: Option<String>,
    words: Vec<String>,
}

/// Asks the doctor. `line` is how it is typed.
#[track_caller]
pub(crate) fn ask_doctor(host: &Netns, line: &str) -> Vec<Found> {
    let output = host.enter(|| typed(&format!("{line} --output json"), ""));
    assert_eq!(output.stderr, "", "{line}: {}", output.stdout);
    read(&output.stdout)
}

/// What the doctor prints as JSON.
#[track_caller]
pub(crate) fn read(printed: &str) -> Vec<Found> {
    let json: Value = serde_json::from_str(printed).unwrap();
    let findings = json["findings"].as_array().unwrap().iter();
    findings.map(Found::of).collect()
}

impl Found {
    fn of(finding: &Value) -> Self {
        let commands = finding["commands"].as_array().unwrap().iter();
        let kind = finding["kind"].as_str().unwrap();
        let mut known = FindingKind::KNOWN.iter();
        Self {
            kind: *known.find(|it| it.name() == kind).unwrap(),
            severity: finding["severity"].as_str().unwrap().to_owned(),
            problems: strings(&finding["problems"]),
            commands: commands.map(Command::of).collect(),
        }
    }

    /// Whether clients are affected, or may soon be.
    pub(crate) fn is_serious(&self) -> bool {
        self.severity != "note"
    }
}

impl Command {
    fn of(command: &Value) -> Self {
        Self {
            on: command["host"].as_str().map(str::to_owned),
            words: strings(&command["words"]),
        }
    }

    /// Types it on a host. The operator replaces words in capitals, and does nothing where there is only
    /// a comment.
    #[track_caller]
    pub(crate) fn type_on(&self, host: &Netns, replaced: &[(&str, &str)]) {
        let replace = |word: &String| {
            let by = replaced.iter().find(|(capitals, _)| word == capitals);
            by.map_or_else(|| word.clone(), |(_, by)| (*by).to_owned())
        };
        let words: Vec<_> = self.words.iter().map(replace).collect();
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        if let [program, arguments @ ..] = words.as_slice() {
            host.enter(|| process::run(program, arguments));
        }
    }
}

fn strings(list: &Value) -> Vec<String> {
    let list = list.as_array().unwrap().iter();
    list.map(|it| it.as_str().unwrap().to_owned()).collect()
}
