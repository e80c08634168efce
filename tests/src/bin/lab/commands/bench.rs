//! The benchmarks: what is built for them, and how they are run.

use std::io::BufReader;
use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::interrupt::Owned;
use crate::progress::Step;
use crate::session::Run;
use crate::workspace::Workspace;

/// The benchmark in its surroundings, with the program as it is released.
pub fn prepare(workspace: &Workspace, arguments: Vec<String>) -> Result<Run> {
    let _step = Step::start("building the benchmarks, and ipvs-rs as it is released");
    let released = Workspace {
        root: workspace.root.clone(),
        target: workspace.target.clone(),
        programs: workspace.target.join("release"),
        lab: workspace.lab.clone(),
    };
    let program = released.cargo_program().spawn();
    let program = program.context("cannot start cargo")?;
    if !Owned::child(program).wait()?.success() {
        bail!("ipvs-rs does not build");
    }
    let benchmark = build(workspace)?;
    let command = [vec![benchmark.display().to_string()], arguments].concat();
    Ok(super::surroundings::of(&released, command))
}

fn build(workspace: &Workspace) -> Result<PathBuf> {
    let mut cargo = workspace.cargo("bench");
    cargo.args(["--quiet", "--package", "ipvs-lab", "--bench", "kernel"]);
    cargo.args(["--no-run", "--message-format=json-render-diagnostics"]);
    let mut cargo = Owned::child(
        cargo
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start cargo to build the benchmarks")?,
    );
    let messages = cargo.get().stdout.take().context("cargo has no output")?;
    let messages = serde_json::Deserializer::from_reader(BufReader::new(messages));
    let mut benchmark = None;
    for message in messages.into_iter::<Message>() {
        let message = message.context("cannot understand cargo")?;
        let is_benchmark = message.target.is_some_and(|target| target.name == "kernel");
        if is_benchmark {
            benchmark = message.executable.or(benchmark);
        }
    }
    if !cargo.wait()?.success() {
        bail!("the benchmarks do not build");
    }
    benchmark.context("cargo built no benchmarks")
}

/// What of cargo's messages is of interest.
#[derive(Deserialize)]
struct Message {
    executable: Option<PathBuf>,
    target: Option<Target>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
}
