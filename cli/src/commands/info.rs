//! `info`.

use std::io::{self, Write};

use clap::Subcommand;
use ipvs::Info;

use crate::ending::{Ended, Failure};
use crate::session::Session;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the version of IPVS and the size of its connection table
    #[command(after_help = "Examples:\n  \
        ipvs-rs info\n  \
        ipvs-rs info --output json\n\n\
        Exit status: 0 shown, 1 IPVS is not available or access is denied, 2 wrong usage.")]
    Info,
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Ended, Failure> {
        let Self::Info = self;
        let info = session.ipvs()?.info()?;
        Ended::of(session.show(&info, |info, out| print(*info, out)))
    }
}

fn print(info: Info, out: &mut dyn Write) -> io::Result<()> {
    let (version, size) = (info.version, info.connection_table_size);
    writeln!(out, "IPVS {version}, connection table of {size} buckets")
}
