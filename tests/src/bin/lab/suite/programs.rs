//! The test programs: what cargo builds, and which tests are in there.

use std::fmt;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::Selection;
use crate::interrupt::Owned;
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
                "{self} does not list its tests:\n{}",
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
    cargo.args(selection.cargo_arguments()).arg("--no-run");
    cargo
        .arg("--message-format=json-render-diagnostics")
        .stdout(Stdio::piped());
    let mut cargo = Owned::child(
        cargo
            .spawn()
            .context("cannot start cargo to build the tests")?,
    );
    let messages = cargo.get().stdout.take().context("cargo has no output")?;
    let mut programs = Vec::new();
    for message in serde_json::Deserializer::from_reader(BufReader::new(messages)).into_iter() {
        programs.extend(program_in(message.context("cannot understand cargo")?));
    }
    if !cargo.wait()?.success() {
        bail!("the tests do not build");
    }
    programs.sort_by_key(|program: &Program| (program.package.clone(), program.to_string()));
    Ok(programs)
}

/// What is of interest in cargo's messages.
#[derive(Deserialize)]
struct CargoMessage {
    executable: Option<PathBuf>,
    manifest_path: Option<PathBuf>,
    package_id: Option<String>,
    profile: Option<Profile>,
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

fn program_in(message: CargoMessage) -> Option<Program> {
    let target = message.target?;
    message.profile.filter(|profile| profile.test)?;
    Some(Program {
        path: message.executable?,
        package: package_name(&message.package_id?)?.to_owned(),
        folder: message.manifest_path?.parent().map(Path::to_path_buf)?,
        is_integration_test: target.kind.iter().any(|kind| kind == "test"),
        target: target.name,
    })
}

/// `path+file:///src/cli#ipvs-cli@0.1.0`, or `path+file:///src/ipvs-sys#0.1.0` where the folder
/// has the package's name.
fn package_name(id: &str) -> Option<&str> {
    let (source, fragment) = id.rsplit_once('#')?;
    match fragment.split_once('@') {
        Some((name, _)) => Some(name),
        None => source.rsplit('/').next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_id_tells_the_name() {
        assert_eq!(
            package_name("path+file:///w/cli#ipvs-cli@0.1.0"),
            Some("ipvs-cli")
        );
        assert_eq!(
            package_name("path+file:///w/ipvs-sys#0.1.0"),
            Some("ipvs-sys")
        );
    }

    #[test]
    fn only_test_programs_are_taken_from_cargo() {
        let program = |json: &str| program_in(serde_json::from_str(json).unwrap());
        let test = r#"{"reason": "compiler-artifact", "package_id": "path+file:///w/tests#ipvs-lab@0.1.0",
            "manifest_path": "/w/tests/Cargo.toml", "target": {"name": "services", "kind": ["test"]},
            "profile": {"test": true}, "executable": "/t/services-1"}"#;
        let found = program(test).unwrap();
        assert_eq!(found.to_string(), "ipvs-lab tests/services");
        assert!(found.has_kernel_tests());
        assert_eq!(
            found.narrow(Some("services")),
            None,
            "its name is all of it"
        );
        assert_eq!(found.narrow(Some("service")), Some("service"));
        assert!(program(&test.replace("true", "false")).is_none());
        assert!(program(r#"{"reason": "build-finished", "success": true}"#).is_none());
    }
}
