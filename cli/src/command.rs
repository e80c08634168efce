//! The commands of `ipvs-rs`: a line for each family.

use std::ffi::OsString;
use std::io::Write;

use clap::error::ErrorKind;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::commands;
use crate::ending::{Ended, Failure};
use crate::session::{Global, Session};

/// Defines `Command` with the commands of each family, and runs them.
macro_rules! families {
    ($($family:ident: $place:ident,)*) => {
        #[derive(Debug, Subcommand)]
        enum Command {
            $(#[command(flatten)] $family(commands::$place::Command),)*
        }

        impl Command {
            fn run(self, session: &mut Session<'_>) -> Result<Ended, Failure> {
                match self {
                    $(Self::$family(command) => command.run(session),)*
                }
            }
        }
    };
}

// One line for each family, in the order of `ipvs-rs --help`.
families! {
    Service: service,
    Destination: destination,
    List: list,
    Connections: connections,
    Timeouts: timeouts,
    Sync: sync,
    Zero: zero,
    Flush: flush,
    Info: info,
    Rules: rules,
    Network: network,
    Doctor: doctor,
    Completions: completions,
}

/// Manage the Linux kernel's layer-4 load balancer (IPVS, LVS)
#[derive(Debug, Parser)]
#[command(
    name = "ipvs-rs",
    version,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Example: a web site on one virtual IP, balanced over two real servers by direct routing:\n  \
        director#  ipvs-rs add-service -t 10.10.10.100:80 -s rr\n  \
        director#  ipvs-rs add-destination -t 10.10.10.100:80 -r 10.10.10.12\n  \
        director#  ipvs-rs add-destination -t 10.10.10.100:80 -r 10.10.10.13\n  \
        director#  ipvs-rs director up --vip 10.10.10.100/24 --device eth0\n  \
        server#    ipvs-rs real-server up --vip 10.10.10.100 --device eth0\n\n\
        Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 doctor found problems.\n\
        Managing IPVS needs CAP_NET_ADMIN in the initial user namespace."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Parses the command line.
pub(crate) fn typed(words: impl Iterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let words: Vec<_> = words.collect();
    let mut definition = Cli::command();
    let mut matches = definition
        .try_get_matches_from_mut(&words)
        .map_err(|error| match error.kind() {
            ErrorKind::InvalidUtf8 => not_text(&words).unwrap_or(error),
            _ => error,
        })?;
    Cli::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut definition))
}

/// Names the argument that is not text, which clap's own error does not.
fn not_text(words: &[OsString]) -> Option<clap::Error> {
    let word = words.iter().find(|word| word.to_str().is_none())?;
    Some(clap::Error::raw(
        ErrorKind::InvalidUtf8,
        format!("argument {word:?} is not UTF-8\n"),
    ))
}

impl Cli {
    pub(crate) fn run(self, out: &mut dyn Write) -> Result<Ended, Failure> {
        self.command
            .run(&mut Session::new(self.global, Self::command, out))
    }
}

#[cfg(test)]
impl Cli {
    /// What a command that sets this host up was typed to set up, for tests of what is printed.
    pub(crate) fn set_ups(self) -> Vec<lbnet::SetUp> {
        match self.command {
            Command::Network(command) => command.set_ups(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod nonsense;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }
}
