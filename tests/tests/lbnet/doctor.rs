//! A mistake is made on a healthy host, found, fixed as the finding says, and gone.

mod director;
mod effects;
mod real_server;
mod tunnels;

use ipvs_lab::process;
use lbnet::Host;
use lbnet::doctor::{Finding, FindingKind, Findings, Severity};

use crate::machine::Machine;

/// What a check is asked.
type Check<'a> = &'a dyn Fn(&Machine) -> Findings;

/// A mistake, and what is to be found of it.
struct Mistake<'a> {
    /// What somebody typed.
    made: &'a str,
    found: FindingKind,
}

impl<'a> Mistake<'a> {
    fn new(made: &'a str, found: FindingKind) -> Self {
        Self { made, found }
    }
}

/// Makes each mistake, and fixes it as the finding says: every remedy is carried out.
#[track_caller]
fn each_is_found_and_fixed(machine: &Machine, check: Check<'_>, mistakes: &[Mistake<'_>]) {
    assert_eq!(serious(&check(machine)), [], "{}", check(machine));
    for Mistake { made, found } in mistakes {
        sh(machine, made);
        let findings = check(machine);
        assert_eq!(serious(&findings), [*found], "{made}: {findings}");
        for finding in findings.iter().filter(|it| is_serious(it)) {
            fix(machine, finding);
        }
        let left = check(machine);
        assert_eq!(serious(&left), [], "{made}, fixed: {left}");
    }
}

#[track_caller]
fn fix(machine: &Machine, finding: &Finding) {
    for remedy in &finding.remedies {
        let done = machine.host(async |host| remedy.carry_out(host).await);
        done.unwrap_or_else(|error| panic!("{remedy}: {error}"));
    }
}

#[track_caller]
fn sh(machine: &Machine, line: &str) -> String {
    machine.netns.enter(|| process::run("sh", &["-ec", line]))
}

fn is_serious(finding: &Finding) -> bool {
    finding.severity != Severity::Note
}

/// What is found but for notes.
fn serious(findings: &Findings) -> Vec<FindingKind> {
    let serious = findings.iter().filter(|finding| is_serious(finding));
    serious.map(|finding| finding.kind).collect()
}

fn notes(findings: &Findings) -> Vec<FindingKind> {
    let notes = findings.iter().filter(|finding| !is_serious(finding));
    notes.map(|finding| finding.kind).collect()
}

/// Asks a host, which must answer.
fn asked(
    machine: &Machine,
    check: impl AsyncFnOnce(&Host) -> Result<Findings, lbnet::Error>,
) -> Findings {
    machine.host(check).unwrap()
}
