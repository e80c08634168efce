//! `zero`.

use clap::Subcommand;

use crate::ending::{Ended, Failure};
use crate::session::Session;
use crate::typed::{Deferred, PerhapsService};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Reset the counters of one service, or of all services
    #[command(after_help = "Examples:\n  \
        ipvs-rs zero -t 10.10.10.100:80\n  \
        ipvs-rs zero\n\n\
        The counters of a service's destinations are reset too. So are their rates.\n\n\
        Exit status: 0 reset, 1 refused or failed, 2 wrong usage.")]
    Zero(Deferred<PerhapsService>),
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Ended, Failure> {
        let Self::Zero(Deferred(service)) = self;
        let mut ipvs = session.ipvs()?;
        match service.id() {
            Some(id) => ipvs.zero_service(id)?,
            None => ipvs.zero()?,
        }
        Ok(Ended::Done)
    }
}
