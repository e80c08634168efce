//! `director`, `real-server`.

mod director;
mod on_host;
mod real_server;
mod undone;

use std::path::Path;

use clap::Subcommand;
use lbnet::File;

use crate::ending::{Ended, Failure};
use crate::session::Session;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Set this host up as a director, or undo it
    #[command(subcommand)]
    Director(director::Command),
    /// Set this host up as a real server, or undo it
    #[command(subcommand)]
    RealServer(real_server::Command),
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Ended, Failure> {
        Ended::of(match self {
            Self::Director(command) => command.run(session),
            Self::RealServer(command) => command.run(session),
        })
    }
}

/// What a file names in one of its sections.
fn named_in<T>(
    path: &Path,
    section: &str,
    named: impl FnOnce(File) -> Vec<T>,
) -> Result<Vec<T>, Failure> {
    let all = named(File::read(path)?);
    if all.is_empty() {
        return Err(format!("{}: [{section}] names no virtual IP", path.display()).into());
    }
    Ok(all)
}
