//! The programs that cargo builds, read from the messages that it prints as JSON.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::interrupt::Owned;

/// A program that cargo has built.
#[derive(Debug, PartialEq, Eq)]
pub struct Artifact {
    /// The name of its package.
    pub package: String,
    /// The folder of its package.
    pub folder: PathBuf,
    /// The name of its target.
    pub target: String,
    /// Whether it is one of the package's integration tests.
    pub is_integration_test: bool,
    /// Whether it was built with its tests.
    pub has_tests: bool,
    /// The executable.
    pub path: PathBuf,
}

/// Builds test programs or benchmarks without running them. `cargo` has the verb and what to build;
/// `what` names it in errors.
pub fn build(mut cargo: Command, what: &str) -> Result<Vec<Artifact>> {
    cargo.args(["--no-run", "--message-format=json-render-diagnostics"]);
    let cargo = cargo.stdout(Stdio::piped()).spawn();
    let cargo = cargo.with_context(|| format!("cannot start cargo to build {what}"))?;
    let mut cargo = Owned::child(cargo);
    let messages = cargo.get().stdout.take().context("cargo has no output")?;
    let mut artifacts = Vec::new();
    for message in serde_json::Deserializer::from_reader(BufReader::new(messages)).into_iter() {
        artifacts.extend(artifact_in(
            message.context("cannot read cargo's messages")?,
        ));
    }
    if !cargo.wait()?.success() {
        bail!("{what} could not be built");
    }
    Ok(artifacts)
}

/// The parts of cargo's messages that the lab needs.
#[derive(Deserialize)]
struct Message {
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

fn artifact_in(message: Message) -> Option<Artifact> {
    let target = message.target?;
    Some(Artifact {
        package: package_name(&message.package_id?)?.to_owned(),
        folder: message.manifest_path?.parent().map(Path::to_path_buf)?,
        is_integration_test: target.kind.iter().any(|kind| kind == "test"),
        target: target.name,
        has_tests: message.profile?.test,
        path: message.executable?,
    })
}

/// `path+file:///src/cli#ipvs-cli@0.1.0`, or `path+file:///src/ipvs-sys#0.1.0` if the folder has the
/// package's name.
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
    fn only_programs_are_taken_from_cargos_messages() {
        let artifact = |json: &str| artifact_in(serde_json::from_str(json).unwrap());
        let built = r#"{"reason": "compiler-artifact", "package_id": "path+file:///w/tests#ipvs-lab@0.1.0",
            "manifest_path": "/w/tests/Cargo.toml", "target": {"name": "client", "kind": ["test"]},
            "profile": {"test": true}, "executable": "/t/client-1"}"#;
        let expected = Artifact {
            package: "ipvs-lab".into(),
            folder: "/w/tests".into(),
            target: "client".into(),
            is_integration_test: true,
            has_tests: true,
            path: "/t/client-1".into(),
        };
        assert_eq!(artifact(built), Some(expected));
        let library = built.replace(r#""/t/client-1""#, "null");
        assert_eq!(artifact(&library), None);
        let end = r#"{"reason": "build-finished", "success": true}"#;
        assert_eq!(artifact(end), None);
    }
}
