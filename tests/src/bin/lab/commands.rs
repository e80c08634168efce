//! The subcommands.

mod bench;
mod in_guest;

use std::io::{IsTerminal, stdin, stdout};
use std::time::Duration;

use anyhow::Result;

use crate::cli::{Cli, Command, KernelName};
use crate::progress::note;
use crate::session::{Run, surroundings};
use crate::suite::Selection;
use crate::workspace::Workspace;
use crate::{guest, interrupt, suite, terminal};

/// A limit far above what the demo takes on the slowest kernel.
const DEMO_LIMIT: Duration = Duration::from_secs(600);

/// Runs the subcommand. Returns the exit status.
pub fn run(cli: Cli) -> Result<u8> {
    let Cli {
        kernel,
        no_build,
        command,
    } = cli;
    match command {
        Command::Inside(part) => guest::main(part),
        Command::Run {
            command,
            time_limit,
        } => {
            let stdin = !stdin().is_terminal();
            if !stdin && matches!(command.as_slice(), [shell] if shell == "bash" || shell == "sh") {
                note(
                    "`run` gives a command no terminal; for an interactive shell, use: cargo lab shell",
                );
            }
            let change = |run| Run {
                time_limit: Some(time_limit),
                stdin,
                ..run
            };
            run_in(&prepare(no_build)?, kernel, command, change)
        }
        Command::Shell => {
            let terminal = terminal::is_interactive().then(terminal::size);
            let change = |run| Run {
                terminal,
                stdin: true,
                ..run
            };
            run_in(&prepare(no_build)?, kernel, vec!["bash".into()], change)
        }
        Command::Test { package, filter } => {
            let selection = Selection {
                packages: package,
                filter,
            };
            suite::run(kernel, &prepare(no_build)?, &selection)
        }
        Command::Bench(bench) => bench::run(&bench, kernel),
        Command::Demo => {
            let mut command = vec!["lab".to_owned(), "inside".into(), "demo".into()];
            if stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
                command.push("--color".into());
            }
            let change = |run| Run {
                time_limit: Some(DEMO_LIMIT),
                ..run
            };
            run_in(&prepare(no_build)?, kernel, command, change)
        }
    }
}

/// The first steps of each subcommand that boots a kernel.
fn prepare(no_build: bool) -> Result<Workspace> {
    interrupt::handle()?;
    let workspace = Workspace::find()?;
    if !no_build {
        workspace.build_programs()?;
    }
    Ok(workspace)
}

/// Boots a kernel and runs one command in its usual surroundings.
fn run_in(
    workspace: &Workspace,
    kernel: KernelName,
    command: Vec<String>,
    change: impl FnOnce(Run) -> Run,
) -> Result<u8> {
    in_guest::run(
        workspace,
        kernel,
        change(surroundings::of(workspace, command)),
    )
}
