//! One guest, which runs part after part.

use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Instant;

use super::plan::{Ended, Part, Plan};
use crate::cli::KernelName;
use crate::kernel::{self, Nth};
use crate::session::{Run, Session, surroundings};
use crate::suite::collect::Collect;
use crate::suite::libtest::{self, Failure, Results};
use crate::suite::programs::time_limit;
use crate::workspace::Workspace;

/// A guest that boots when it is needed, and again when its kernel has died.
pub(super) struct Guest<'a> {
    kernel: KernelName,
    nth: Nth,
    workspace: &'a Workspace,
    session: Option<Session>,
}

impl<'a> Guest<'a> {
    pub(super) fn new(kernel: KernelName, nth: Nth, workspace: &'a Workspace) -> Self {
        Self {
            kernel,
            nth,
            workspace,
            session: None,
        }
    }

    /// Runs what is left, until nothing is.
    pub(super) fn work_through(mut self, plan: &Mutex<Plan<'_>>, ended: &mpsc::Sender<Ended>) {
        let next = || plan.lock().unwrap_or_else(PoisonError::into_inner).next();
        while let Some(part) = next() {
            let began = Instant::now();
            let (place, results) = self.run(&part);
            // Nobody listens if the lab has given up.
            let _ = ended.send(Ended {
                program: part.program.to_string(),
                tests: part.tests.len(),
                place,
                took: began.elapsed(),
                results,
            });
        }
        if let Some(session) = self.session {
            session.close();
        }
    }

    fn run(&mut self, part: &Part<'_>) -> (String, Results) {
        let booted = match self.session.take() {
            Some(session) => Ok(session),
            None => kernel::boot_beside(self.kernel, self.nth, self.workspace),
        };
        let mut session = match booted {
            Ok(session) => session,
            Err(error) => {
                let place = kernel::of(self.kernel).title.to_owned();
                return (place, without_a_kernel(part, &error));
            }
        };
        let place = format!("Linux {}", session.release);
        let mut collect = Collect::new(part.program);
        let end = session.run(self.the_run_of(part), &mut collect);
        let died = end.is_err();
        let end = end.map_err(|error| format!("{error:#}"));
        let results = libtest::read(&collect.output, &end, part.tests.len());
        self.session = (!died).then_some(session);
        (place, results)
    }

    fn the_run_of(&self, part: &Part<'_>) -> Run {
        let Part { program, tests } = part;
        // The service table is one for all namespaces, and a dump of it is not a snapshot: tests that
        // run at the same time on one kernel would disturb each other.
        let mut command = vec![program.path.display().to_string()];
        command.extend(["--ignored", "--test-threads=1", "--exact"].map(Into::into));
        command.extend(tests.iter().cloned());
        let mut run = surroundings::of(self.workspace, command);
        run.env.insert(
            "CARGO_MANIFEST_DIR".into(),
            program.folder.display().to_string(),
        );
        run.cwd.clone_from(&program.folder);
        run.time_limit = Some(time_limit(tests.len()) * kernel::of(self.kernel).patience);
        run
    }
}

/// None of the tests could run.
fn without_a_kernel(part: &Part<'_>, error: &anyhow::Error) -> Results {
    let failure = Failure {
        name: "(the boot)".into(),
        output: format!("{error:#}"),
    };
    Results {
        failures: vec![failure],
        lost: part.tests.len().saturating_sub(1),
        ..Results::default()
    }
}
