//! `director`, `real-server`.

mod asking;
mod director;
mod file;
mod on_host;
mod real_server;
mod repeats;
mod undone;

use clap::Subcommand;

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
        match self {
            Self::Director(command) => command.run(session),
            Self::RealServer(command) => command.run(session),
        }
    }

    /// What `up` was typed to set up, for tests of what is printed.
    #[cfg(test)]
    pub(crate) fn set_ups(self) -> Vec<lbnet::SetUp> {
        let set_ups = match self {
            Self::Director(command) => command.set_ups(),
            Self::RealServer(command) => command.set_ups(),
        };
        set_ups.unwrap()
    }
}
