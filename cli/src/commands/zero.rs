//! `zero`.

use clap::Subcommand;

use crate::ending::{Ended, Failure};
use crate::session::Session;
use crate::typed::{Deferred, PerhapsService};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Zero the counters of one service, or of all
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
