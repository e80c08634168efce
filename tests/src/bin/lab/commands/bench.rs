//! `bench`: builds the benchmarks, runs them in a guest, and reports the results.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::in_guest;
use crate::cli::{Bench, KernelName};
use crate::interrupt::Owned;
use crate::progress::{Step, note};
use crate::session::{Output, PassOn, Run, surroundings};
use crate::workspace::Workspace;
use crate::{artifacts, interrupt, kernel};

/// A run takes some minutes, or half an hour on a slow machine.
const TIME_LIMIT: Duration = Duration::from_secs(3 * 3600);

/// The benchmark that measures times and memory.
const KERNEL: &str = "kernel";
/// The benchmark that counts instructions, allocations and system calls.
const COUNTS: &str = "counts";

/// Measures or counts. Returns the exit status.
pub(super) fn run(bench: &Bench, on: KernelName) -> Result<u8> {
    interrupt::handle()?;
    let workspace = Workspace::find()?;
    let released = build_released(&workspace)?;
    if bench.check {
        let command = vec![
            build(&workspace, COUNTS)?.display().to_string(),
            "check".into(),
        ];
        return in_guest::run(&workspace, on, surroundings(&released, command));
    }
    let benchmark = build(&workspace, KERNEL)?;
    let mut command = vec![benchmark.display().to_string(), "measure".into()];
    command.extend(["--rounds".into(), bench.rounds.to_string()]);
    command.extend(bench.plot.is_some().then(|| "--growth".into()));
    command.extend(bench.filter.clone());

    let mut measured = Measured::default();
    let mut session = kernel::boot(on, &workspace)?;
    let exit = session.run(surroundings(&released, command), &mut measured)?;
    session.close();
    if exit.code() != 0 {
        return Ok(exit.code());
    }
    let file = workspace.lab_folder().join("bench.json");
    std::fs::write(&file, &measured.json)
        .with_context(|| format!("cannot write {}", file.display()))?;
    if bench.json {
        io::stdout().write_all(&measured.json)?;
    }
    report(&benchmark, &file, bench)?;
    note(&format!("wrote the figures as JSON to {}", file.display()));
    Ok(0)
}

/// Prints the table, and draws the plot if one was requested.
fn report(benchmark: &Path, file: &Path, bench: &Bench) -> Result<()> {
    let mut report = std::process::Command::new(benchmark);
    report.arg("report").arg(file);
    if let Some(plot) = &bench.plot {
        report.arg("--plot").arg(plot);
    }
    if bench.json {
        report.stdout(Stdio::null());
    }
    let status = report.status().context("cannot start the benchmark")?;
    if !status.success() {
        bail!("the benchmark could not report its results");
    }
    Ok(())
}

/// Builds ipvs-rs as it is released. Returns the workspace with that build as its programs.
fn build_released(workspace: &Workspace) -> Result<Workspace> {
    let _step = Step::start("building ipvs-rs (release)");
    let program = workspace.cargo_program().spawn();
    let program = program.context("cannot start cargo")?;
    if !Owned::child(program).wait()?.success() {
        bail!("ipvs-rs could not be built");
    }
    Ok(Workspace {
        root: workspace.root.clone(),
        target: workspace.target.clone(),
        programs: workspace.target.join("release"),
        lab: workspace.lab.clone(),
    })
}

fn surroundings(released: &Workspace, command: Vec<String>) -> Run {
    Run {
        time_limit: Some(TIME_LIMIT),
        ..surroundings::of(released, command)
    }
}

/// Builds a benchmark. Returns its path.
fn build(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let _step = Step::start("building the benchmarks");
    let mut cargo = workspace.cargo("bench");
    cargo.args(["--quiet", "--package", "ipvs-lab", "--bench", name]);
    let built = artifacts::build(cargo, "the benchmarks")?;
    let benchmark = built.into_iter().find(|artifact| artifact.target == name);
    let benchmark = benchmark.with_context(|| format!("cargo built no benchmark {name}"))?;
    Ok(benchmark.path)
}

/// Keeps the results; passes progress on.
#[derive(Default)]
struct Measured {
    json: Vec<u8>,
    progress: PassOn,
}

impl Output for Measured {
    fn stdout(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.json.extend(bytes);
        Ok(())
    }

    fn stderr(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.progress.stderr(bytes)
    }
}
