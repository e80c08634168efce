//! `timeouts`.

use std::io::{self, Write};
use std::time::Duration;

use clap::{Args, Subcommand};

use crate::ending::{Ended, Failure, Outcome};
use crate::session::Session;
use crate::shown::Columns;
use crate::typed::{Deferred, duration};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show the timeouts of idle connections, or change them
    #[command(after_help = "Examples:\n  \
        ipvs-rs timeouts\n  \
        ipvs-rs timeouts --tcp 1h --udp 30s\n\n\
        Timeouts that you don't name stay as they are. A new timeout applies from the next packet of \
        each connection.\n\n\
        Exit status: 0 shown or changed, 1 refused or failed, 2 wrong usage.")]
    Timeouts(Deferred<Timeouts>),
}

#[derive(Args, Debug)]
pub(crate) struct Timeouts {
    /// Established TCP connections: 300, 300s or 5m
    #[arg(long, value_name = "TIME", value_parser = duration, allow_negative_numbers = true)]
    tcp: Option<Duration>,
    /// TCP connections that are closing (after a FIN)
    #[arg(long, value_name = "TIME", value_parser = duration, allow_negative_numbers = true)]
    tcp_fin: Option<Duration>,
    /// UDP flows
    #[arg(long, value_name = "TIME", value_parser = duration, allow_negative_numbers = true)]
    udp: Option<Duration>,
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Ended, Failure> {
        let Self::Timeouts(Deferred(arguments)) = self;
        Ended::of(timeouts(&arguments, session))
    }
}

fn timeouts(arguments: &Timeouts, session: &mut Session<'_>) -> Outcome {
    let mut ipvs = session.ipvs()?;
    let mut wanted = ipvs::Timeouts::default();
    (wanted.tcp, wanted.tcp_fin, wanted.udp) = (arguments.tcp, arguments.tcp_fin, arguments.udp);
    if wanted != ipvs::Timeouts::default() {
        return Ok(ipvs.set_timeouts(&wanted)?);
    }
    session.show(&ipvs.timeouts()?, print)
}

fn print(timeouts: &ipvs::Timeouts, out: &mut dyn Write) -> io::Result<()> {
    let mut columns = Columns::new(1..1);
    for (name, timeout) in [
        ("tcp", timeouts.tcp),
        ("tcp-fin", timeouts.tcp_fin),
        ("udp", timeouts.udp),
    ] {
        if let Some(timeout) = timeout {
            columns.row([
                name.to_owned(),
                ipvs::duration::display(timeout).to_string(),
            ]);
        }
    }
    columns.print(out)
}
