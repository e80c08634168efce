//! `flush`.

use clap::{Args, Subcommand};

use crate::ending::{Ended, Failure};
use crate::session::Session;
use crate::typed::Deferred;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Delete all services and their destinations
    #[command(
        after_help = "Timeouts and sync daemons stay. To keep a copy of the services first:\n  \
        ipvs-rs save > services.toml\n  \
        ipvs-rs flush --yes\n\n\
        Exit status: 0 all services are deleted, 1 refused or failed, 2 wrong usage."
    )]
    Flush(Deferred<Flush>),
}

#[derive(Args, Debug)]
pub(crate) struct Flush {
    /// Confirm; this stops the traffic of all services
    #[arg(long, required = true)]
    yes: bool,
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Ended, Failure> {
        let Self::Flush(_) = self;
        session.ipvs()?.flush()?;
        Ok(Ended::Done)
    }
}
