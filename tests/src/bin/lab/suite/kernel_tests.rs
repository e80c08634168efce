//! Kernel tests: several programs in one boot, one test at a time.

use std::time::{Duration, Instant};

use anyhow::Result;

use super::collect::Collect;
use super::libtest::{self, Failure, Results};
use super::programs::{Program, time_limit};
use super::report::Report;
use crate::cli::KernelName;
use crate::kernel;
use crate::progress::note;
use crate::session::{Run, Session, surroundings};
use crate::workspace::Workspace;

/// Runs the kernel tests that match; does not boot for none.
pub(super) fn run(
    kernel: KernelName,
    workspace: &Workspace,
    programs: &[Program],
    filter: Option<&str>,
    report: &mut Report,
) -> Result<()> {
    let mut guest: Option<Session> = None;
    for program in programs.iter().filter(|program| program.has_kernel_tests()) {
        let filter = program.narrow(filter);
        let tests = program.tests(filter, true)?;
        let skipped = tests.iter().filter(|test| is_skipped(kernel, test)).count();
        if skipped > 0 {
            note(&format!(
                "skipping {skipped} tests of {program}: they unload kernel modules"
            ));
            let results = Results {
                ignored: skipped,
                ..Results::default()
            };
            report.add(
                kernel::of(kernel).title,
                &program.to_string(),
                Duration::ZERO,
                results,
            );
        }
        let expected = tests.len() - skipped;
        if expected == 0 {
            continue;
        }
        let began = Instant::now();
        let name = program.to_string();
        // After a kernel has died, the next program gets a new one.
        let mut session = match guest
            .take()
            .map_or_else(|| kernel::boot(kernel, workspace), Ok)
        {
            Ok(session) => session,
            Err(error) => {
                let output = format!("{error:#}");
                let failure = Failure {
                    name: "(the boot)".into(),
                    output,
                };
                let lost = expected.saturating_sub(1);
                let results = Results {
                    failures: vec![failure],
                    lost,
                    ..Results::default()
                };
                report.add(kernel::of(kernel).title, &name, began.elapsed(), results);
                continue;
            }
        };
        let place = format!("Linux {}", session.release);
        let mut collect = Collect::new(program);
        let limit = time_limit(expected) * kernel::of(kernel).patience;
        let end = session.run(
            the_run_of(program, kernel, workspace, filter, limit),
            &mut collect,
        );
        let died = end.is_err();
        let end = end.map_err(|error| format!("{error:#}"));
        let results = libtest::read(&collect.output, &end, expected);
        drop(collect);
        report.add(&place, &name, began.elapsed(), results);
        guest = (!died).then_some(session);
    }
    if let Some(session) = guest {
        session.close();
    }
    Ok(())
}

/// Tests in a module of this name unload modules, which is for a kernel of the lab's own only.
const OWN_KERNEL: &str = "own_kernel::";

fn is_skipped(kernel: KernelName, test: &str) -> bool {
    kernel == KernelName::Host && test.contains(OWN_KERNEL)
}

fn the_run_of(
    program: &Program,
    kernel: KernelName,
    workspace: &Workspace,
    filter: Option<&str>,
    limit: Duration,
) -> Run {
    // The service table is one for all namespaces, and a dump of it is not a snapshot: tests that
    // run at the same time would disturb each other.
    let mut command = vec![program.path.display().to_string()];
    command.extend(["--ignored", "--test-threads=1"].map(Into::into));
    if kernel == KernelName::Host {
        command.extend(["--skip", OWN_KERNEL].map(Into::into));
    }
    command.extend(filter.map(Into::into));
    let mut run = surroundings::of(workspace, command);
    run.env.insert(
        "CARGO_MANIFEST_DIR".into(),
        program.folder.display().to_string(),
    );
    run.cwd.clone_from(&program.folder);
    run.time_limit = Some(limit);
    run
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
