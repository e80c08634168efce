//! `flush`.

use clap::{Args, Subcommand};

use crate::ending::{Ended, Failure};
use crate::session::Session;
use crate::typed::Deferred;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Delete all services
    Flush(Deferred<Flush>),
}

#[derive(Args, Debug)]
pub(crate) struct Flush {
    /// Do it: all traffic of all services stops
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
