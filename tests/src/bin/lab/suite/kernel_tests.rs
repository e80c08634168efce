//! Kernel tests: several programs on one kernel or on several at the same time, on each of them one test
//! at a time.

mod plan;
mod worker;

use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use anyhow::Result;

use self::plan::{Done, Plan};
use super::libtest::Results;
use super::programs::Program;
use super::report::Report;
use crate::cli::KernelName;
use crate::kernel;
use crate::progress::{aside, note};
use crate::workspace::Workspace;

/// Runs the kernel tests that match; does not boot for none.
pub(super) fn run(
    kernel: KernelName,
    workspace: &Workspace,
    programs: &[Program],
    filter: Option<&str>,
    report: &mut Report,
) -> Result<()> {
    let mut plan = Plan::default();
    for program in programs.iter().filter(|program| program.has_kernel_tests()) {
        let tests = program.tests(program.narrow(filter), true)?;
        let (skipped, tests): (Vec<_>, Vec<_>) =
            tests.into_iter().partition(|test| is_skipped(kernel, test));
        if !skipped.is_empty() {
            let count = skipped.len();
            note(&format!(
                "skipping {count} tests of {program}: they unload kernel modules"
            ));
            let results = Results {
                ignored: count,
                ..Results::default()
            };
            let title = kernel::of(kernel).title;
            report.add(title, &program.to_string(), Duration::ZERO, results);
        }
        plan.add(program, &tests);
    }
    let guests = kernel::of(kernel).guests.min(plan.parts());
    let mut programs = plan.programs();
    let parts = Mutex::new(plan);
    let (sender, ended) = mpsc::channel();
    thread::scope(|scope| {
        for nth in 0..guests {
            let guest = worker::Guest::new(kernel, kernel::Nth(nth), workspace);
            let (parts, sender) = (&parts, sender.clone());
            scope.spawn(move || guest.work_through(parts, &sender));
        }
        drop(sender);
        // In the order of the programs, however their parts end.
        for part in ended {
            programs.take(part);
            while let Some(Done {
                program,
                place,
                took,
                results,
            }) = programs.next_complete()
            {
                aside(|| report.add(&place, &program, took, results));
            }
        }
    });
    Ok(())
}

/// Tests in a module of this name unload modules, which is for a kernel of the lab's own only.
const OWN_KERNEL: &str = "own_kernel::";

fn is_skipped(kernel: KernelName, test: &str) -> bool {
    kernel == KernelName::Host && test.contains(OWN_KERNEL)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_the_machines_own_kernel_no_test_unloads_modules() {
        let unloads = ["own_kernel::a", "availability::own_kernel::a"];
        for test in unloads {
            assert!(is_skipped(KernelName::Host, test), "{test}");
            assert!(!is_skipped(KernelName::Uml, test), "{test}");
        }
        assert!(!is_skipped(KernelName::Host, "availability::a"));
    }
}
