//! `completions`.

use clap::{Args, Subcommand};
use clap_complete::{Generator, Shell};

use crate::ending::{Ended, Failure};
use crate::session::Session;
use crate::typed::Deferred;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print a completion script for a shell
    #[command(after_help = "Example:\n  \
        ipvs-rs completions bash > ~/.local/share/bash-completion/completions/ipvs-rs")]
    Completions(Deferred<Completions>),
}

#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell
    shell: Shell,
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Ended, Failure> {
        let Self::Completions(Deferred(Completions { shell })) = self;
        let mut definition = session.definition();
        definition.set_bin_name("ipvs-rs");
        definition.build();
        // `clap_complete::generate` would panic if the reader has closed the pipe.
        Ended::of(session.print(|out| shell.try_generate(&definition, out)))
    }
}
