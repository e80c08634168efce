//! `save`, `restore`.

mod json;
mod toml;

use std::io::{self, BufRead, BufReader, IsTerminal, Write};

use clap::{Args, Subcommand, ValueEnum};
use ipvs::{NewServices, Table};
use serde::Serialize;

use crate::ending::{Ended, Failure, Outcome, say};
use crate::ipvsadm;
use crate::ipvsadm::rules::ReadError;
use crate::session::Session;
use crate::session::uninterrupted::Uninterrupted;
use crate::typed::Deferred;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Print the services, timeouts and sync daemons, for restore
    #[command(after_help = "Examples:\n  \
        ipvs-rs save > services.toml\n  \
        ipvs-rs save --format json > services.json\n\n\
        Exit status: 0 saved, 1 something could not be saved or read, 2 wrong usage.")]
    Save(Deferred<Save>),
    /// Restore services from standard input; other services are left unchanged
    #[command(after_help = "Examples:\n  \
        ipvs-rs restore < /etc/ipvs-rs/lb.toml\n  \
        ipvsadm -Sn | ipvs-rs restore --format ipvsadm\n\n\
        restore reads and checks all of its input first. Then it adds what is missing, changes the \
        services that differ, with their destinations, and leaves the rest alone. If the kernel \
        refuses a change, restore rolls back the changes before it.\n\n\
        Exit status: 0 restored; 1 the input is wrong, or a change was refused; 2 wrong usage.")]
    Restore(Deferred<Restore>),
}

#[derive(Args, Debug)]
pub(crate) struct Save {
    /// Format of the output. toml: the file format of ipvs-rs, complete; json: the same for programs
    /// and large tables; ipvsadm: the lines of `ipvsadm -Sn`, with thresholds, without
    /// timeouts and sync daemons
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
    /// Format of the input: toml, json or ipvsadm [default: json if the input begins with a brace,
    /// otherwise toml]
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    format: Option<Format>,
    /// Add all destinations of a new service before setting its scheduler: faster for mh and wrr with
    /// many destinations; until then the service uses rr
    #[arg(long)]
    fill_first: bool,
    /// Accepted only to tell the user that rules come from standard input
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

/// A format of saved rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The file format of ipvs-rs, complete
    Toml,
    /// The library's JSON, complete
    Json,
    /// The lines of `ipvsadm -Sn`, with thresholds; without timeouts and sync daemons
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

fn save(arguments: &Save, session: &mut Session<'_>) -> Outcome {
    let mut table = session.ipvs()?.table()?;
    let dropped = table.drop_invalid();
    match arguments.format {
        Format::Toml => {
            let text = toml::text(table)?;
            session.print(|out| out.write_all(text.as_bytes()))?;
        }
        Format::Json => session.print(|out| json::write(&table, out))?,
        Format::Ipvsadm => session.print(|out| ipvsadm::rules::write(&table, out))?,
    }
    if dropped.is_empty() {
        return Ok(());
    }
    let dropped: Vec<_> = dropped.iter().map(ToString::to_string).collect();
    Err(format!(
        "not saved, because restore would refuse it: {}",
        dropped.join("; ")
    )
    .into())
}

/// Reads and checks all of standard input before it sends anything to the kernel.
fn restore(arguments: &Restore, session: &mut Session<'_>) -> Outcome {
    if let Some(file) = &arguments.file {
        let file = file.display();
        return Err(format!("restore reads standard input; run: ipvs-rs restore < {file}").into());
    }
    let mut input = standard_input();
    let format = match arguments.format {
        Some(format) => format,
        None if json::is_json(&mut input).map_err(ReadError::from)? => Format::Json,
        None => Format::Toml,
    };
    let wanted = match format {
        Format::Toml => toml::read(input)?,
        Format::Json => json::read(input)?,
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
        say("reading rules from the terminal; press Ctrl-D to end");
    }
    BufReader::with_capacity(16 * 1024, stdin)
}

/// The result of a restore.
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
        "restored {} with {}: {}",
        count(services, "service"),
        count(destinations, "destination"),
        count(changes, "change"),
    )
}
