//! `save`, `restore`.

mod toml;

use std::io::{self, BufRead, BufReader, IsTerminal, Write};

use clap::{Args, Subcommand, ValueEnum};
use ipvs::{NewServices, Table};
use serde::Serialize;

use crate::ending::{Ended, Failure, Outcome, say};
use crate::ipvsadm;
use crate::session::Session;
use crate::session::uninterrupted::Uninterrupted;
use crate::typed::Deferred;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print all that is configured, so that restore can read it
    Save(Deferred<Rules>),
    /// Make services what standard input says; others are left alone
    #[command(
        after_help = "All of it is read and checked before the first change, and a change that \
        the kernel refuses undoes those before it. A service that is there already becomes what \
        standard input says, its destinations too; what is as it should be is not touched.\n\n\
        From an ipvsadm that ran so far:\n  \
        ipvsadm -Sn | ipvs-rs restore --format ipvsadm"
    )]
    Restore(Deferred<Restore>),
}

#[derive(Args, Debug)]
pub(crate) struct Rules {
    /// toml: the file format of ipvs-rs, nothing is lost; ipvsadm: the lines of `ipvsadm -Sn`, with
    /// thresholds and without timeouts
    #[arg(
        long,
        value_name = "FORMAT",
        default_value = "toml",
        hide_possible_values = true
    )]
    format: Format,
}

#[derive(Args, Debug)]
pub(crate) struct Restore {
    #[command(flatten)]
    rules: Rules,
    /// Give new services of many destinations their scheduler (mh, wrr) when all of these are there:
    /// faster; until then they take turns
    #[arg(long)]
    fill_first: bool,
    /// Rules come from standard input: somebody who names a file is told so
    #[arg(hide = true)]
    file: Option<std::path::PathBuf>,
}

impl Restore {
    fn new_services(&self) -> NewServices {
        if self.fill_first {
            NewServices::FilledFirst
        } else {
            NewServices::ScheduledFirst
        }
    }
}

/// A format of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The file format of ipvs-rs; nothing is lost
    Toml,
    /// The lines of `ipvsadm -Sn`, with thresholds; timeouts are lost
    Ipvsadm,
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Ended, Failure> {
        Ended::of(match self {
            Self::Save(Deferred(arguments)) => save(&arguments, session),
            Self::Restore(Deferred(arguments)) => restore(&arguments, session),
        })
    }
}

fn save(arguments: &Rules, session: &mut Session<'_>) -> Outcome {
    let mut table = session.ipvs()?.table()?;
    let dropped = table.drop_invalid();
    session.print(|out| match arguments.format {
        Format::Toml => toml::write(&table, out),
        Format::Ipvsadm => ipvsadm::rules::write(&table, out),
    })?;
    if dropped.is_empty() {
        return Ok(());
    }
    let dropped: Vec<_> = dropped.iter().map(ToString::to_string).collect();
    Err(format!(
        "not saved, as it could not be restored: {}",
        dropped.join("; ")
    )
    .into())
}

/// Reads and checks all of standard input before the kernel is asked for anything.
fn restore(arguments: &Restore, session: &mut Session<'_>) -> Outcome {
    if let Some(file) = &arguments.file {
        let file = file.display();
        return Err(format!("rules come from standard input: ipvs-rs restore < {file}").into());
    }
    let input = standard_input();
    let wanted = match arguments.rules.format {
        Format::Toml => toml::read(input)?,
        Format::Ipvsadm => ipvsadm::rules::read(input)?,
    };
    let mut ipvs = session.ipvs()?;
    let uninterrupted = Uninterrupted::begin()?;
    let changes = ipvs.restore(&wanted, arguments.new_services())?;
    drop(uninterrupted);
    session.show(&Restored::new(&wanted, changes), print)
}

fn standard_input() -> impl BufRead {
    let stdin = io::stdin().lock();
    if stdin.is_terminal() {
        say("reading rules from the terminal; end them with Ctrl-D");
    }
    BufReader::with_capacity(16 * 1024, stdin)
}

/// What a restore came to.
#[derive(Serialize)]
struct Restored {
    services: usize,
    destinations: usize,
    changes: usize,
}

impl Restored {
    fn new(wanted: &Table, changes: usize) -> Self {
        let servers = &wanted.virtual_servers;
        Self {
            services: servers.len(),
            destinations: servers.iter().map(|server| server.destinations.len()).sum(),
            changes,
        }
    }
}

fn print(restored: &Restored, out: &mut dyn Write) -> io::Result<()> {
    let Restored {
        services,
        destinations,
        changes,
    } = restored;
    let count = |number: &usize, thing: &str| match number {
        1 => format!("1 {thing}"),
        number => format!("{number} {thing}s"),
    };
    writeln!(
        out,
        "{} with {} as they should be, after {}",
        count(services, "service"),
        count(destinations, "destination"),
        count(changes, "change"),
    )
}
