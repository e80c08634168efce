//! The test programs: what cargo builds, and which tests are in there.

use std::fmt;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::selection::Selection;
use crate::artifacts::{self, Artifact};
use crate::workspace::Workspace;

/// A test program.
#[derive(Debug)]
pub(super) struct Program {
    /// The name of its package.
    pub(super) package: String,
    /// The folder of its package: where cargo runs it.
    pub(super) folder: PathBuf,
    /// The name of its target.
    target: String,
    is_integration_test: bool,
    /// The executable.
    pub(super) path: PathBuf,
}

impl Program {
    /// Whether its ignored tests are for the lab's kernel.
    pub(super) fn has_kernel_tests(&self) -> bool {
        self.is_integration_test && self.package == env!("CARGO_PKG_NAME")
    }

    /// What is left to filter by in this program: nothing, if the filter is its name.
    pub(super) fn narrow<'a>(&self, filter: Option<&'a str>) -> Option<&'a str> {
        filter.filter(|filter| *filter != self.target)
    }

    /// The names of its tests: of all, or of the ignored ones only.
    pub(super) fn tests(&self, filter: Option<&str>, ignored: bool) -> Result<Vec<String>> {
        let mut list = Command::new(&self.path);
        list.args(["--list", "--format", "terse"])
            .args(filter)
            .current_dir(&self.folder);
        if ignored {
            list.arg("--ignored");
        }
        let output = list
            .output()
            .with_context(|| format!("cannot start {self}"))?;
        if !output.status.success() {
            bail!(
                "cannot list the tests of {self}:\n{}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
        let names = String::from_utf8_lossy(&output.stdout);
        Ok(names
            .lines()
            .filter_map(|line| line.strip_suffix(": test"))
            .map(Into::into)
            .collect())
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = if self.is_integration_test {
            "tests/"
        } else {
            ""
        };
        write!(f, "{} {kind}{}", self.package, self.target)
    }
}

/// Builds all tests, and the examples, which have none but must build.
pub(super) fn build(workspace: &Workspace, selection: &Selection) -> Result<Vec<Program>> {
    let mut cargo = workspace.cargo("test");
    cargo.args(selection.cargo_arguments());
    let built = artifacts::build(cargo, "the tests")?;
    let mut programs: Vec<_> = built.into_iter().filter_map(program_of).collect();
    programs.sort_by_key(|program| (program.package.clone(), program.to_string()));
    Ok(programs)
}

fn program_of(artifact: Artifact) -> Option<Program> {
    artifact.has_tests.then_some(Program {
        package: artifact.package,
        folder: artifact.folder,
        target: artifact.target,
        is_integration_test: artifact.is_integration_test,
        path: artifact.path,
    })
}

/// How long a program may take for so many tests before it counts as hanging. Far more than they take
/// on a machine that is busy with something else.
pub(super) fn time_limit(tests: usize) -> Duration {
    const START: Duration = Duration::from_secs(300);
    const TEST: Duration = Duration::from_secs(15);
    START + TEST * u32::try_from(tests).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn artifact(has_tests: bool) -> Artifact {
        Artifact {
            package: "ipvs-lab".into(),
            folder: "/w/tests".into(),
            target: "client".into(),
            is_integration_test: true,
            has_tests,
            path: "/t/client-1".into(),
        }
    }

    #[test]
    fn only_what_was_built_with_tests_is_a_test_program() {
        let found = program_of(artifact(true)).unwrap();
        assert_eq!(found.to_string(), "ipvs-lab tests/client");
        assert!(found.has_kernel_tests());
        assert!(program_of(artifact(false)).is_none());
    }

    #[test]
    fn the_name_of_a_program_means_all_of_its_tests() {
        let program = program_of(artifact(true)).unwrap();
        assert_eq!(program.narrow(Some("client")), None);
        assert_eq!(program.narrow(Some("clien")), Some("clien"));
    }
}
