//! The benchmarks: what is built for them, how they are run, and what becomes of what they say.

use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::cli::{Bench, KernelName};
use crate::interrupt::Owned;
use crate::progress::{Step, note};
use crate::session::{Output, PassOn, Run};
use crate::workspace::Workspace;
use crate::{interrupt, kernel};

/// What the table of figures is measured by.
const KERNEL: &str = "kernel";
/// What counts.
const COUNTS: &str = "counts";

/// Measures, or counts; the exit status.
pub(super) fn run(bench: &Bench, on: KernelName) -> Result<u8> {
    interrupt::handle()?;
    let workspace = Workspace::find()?;
    let released = build_released(&workspace)?;
    if bench.check {
        let command = vec![
            build(&workspace, COUNTS)?.display().to_string(),
            "check".into(),
        ];
        return super::run_as_it_is(&workspace, on, surroundings(&released, command));
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
    note(&format!("the figures as JSON: {}", file.display()));
    Ok(0)
}

/// The table on standard output, the plot where it was asked for.
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
        bail!("the benchmark cannot report what it measured");
    }
    Ok(())
}

/// The program as it is released: where it lies.
fn build_released(workspace: &Workspace) -> Result<Workspace> {
    let _step = Step::start("building ipvs-rs as it is released");
    let program = workspace.cargo_program().spawn();
    let program = program.context("cannot start cargo")?;
    if !Owned::child(program).wait()?.success() {
        bail!("ipvs-rs does not build");
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
        time_limit: Some(super::BENCH_LIMIT),
        ..super::surroundings::of(released, command)
    }
}

fn build(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let _step = Step::start("building the benchmarks");
    let mut cargo = workspace.cargo("bench");
    cargo.args(["--quiet", "--package", "ipvs-lab", "--bench", name]);
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
        let is_benchmark = message.target.is_some_and(|target| target.name == name);
        if is_benchmark {
            benchmark = message.executable.or(benchmark);
        }
    }
    if !cargo.wait()?.success() {
        bail!("the benchmarks do not build");
    }
    benchmark.context("cargo built no benchmarks")
}

/// Keeps what was measured; passes progress on.
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
