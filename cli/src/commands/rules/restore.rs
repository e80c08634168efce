use std::collections::HashSet;
use std::io::{self, BufRead, BufReader, IsTerminal, Write};
use std::net::IpAddr;
use std::num::NonZeroU16;

use clap::Args;
use ipvs::{
    Change, Client, DestinationId, DestinationStatus, Difference, NewServices, Others, ServiceId,
    Table,
};
use serde::{Serialize, Serializer};

use super::format::Format;
use super::live::LiveTable;
use super::{json, toml};
use crate::ending::{Failure, Outcome, say};
use crate::ipvsadm::rules::{ReadError, Wanted};
use crate::ipvsadm::{self, Hosts};
use crate::session::uninterrupted::Uninterrupted;
use crate::session::{NetnsName, Session};
use crate::shown::shell;
use crate::typed::{Force, or_force_all, service_words};

#[derive(Args, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option without a value"
)]
pub(crate) struct Restore {
    /// Format of the input: toml, json or ipvsadm [default: json if the input begins with a brace,
    /// otherwise toml]
    #[arg(long, value_name = "FORMAT", hide_possible_values = true)]
    format: Option<Format>,
    /// Show the changes and make none
    #[arg(long)]
    dry_run: bool,
    /// Print errors and warnings only
    #[arg(short, long)]
    quiet: bool,
    /// Ask the resolver (DNS) for names of hosts; without this option, only /etc/hosts is read. Ports
    /// have their names from /etc/services. With --format ipvsadm
    #[arg(long)]
    resolve: bool,
    /// Add all destinations of a new service before setting its scheduler: faster for mh and wrr with
    /// many destinations; until then the service uses rr
    #[arg(long)]
    fill_first: bool,
    #[command(flatten)]
    force: Force,
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

    fn hosts(&self) -> Hosts {
        if self.resolve {
            Hosts::Resolver
        } else {
            Hosts::File
        }
    }
}

/// Reads and checks all of standard input before it sends anything to the kernel.
pub(super) fn restore(arguments: &Restore, session: &mut Session<'_>) -> Outcome {
    if let Some(file) = &arguments.file {
        let file = file.display();
        return Err(format!("restore reads standard input; run: ipvs-rs restore < {file}").into());
    }
    let mut live = LiveTable::new(session);
    let wanted = read(arguments, &mut live)?;
    if wanted.is_empty {
        say("warning: standard input has no rules: nothing is changed");
        let difference = Difference::between(&wanted.table, &wanted.table);
        return tell(
            arguments,
            session,
            Restored::new(&wanted, difference, vec![]),
            0,
        );
    }
    let (mut ipvs, live) = live.into_parts()?;
    if let Some(warning) = &wanted.warning {
        say(format_args!("warning: {warning}"));
    }
    let difference = Difference::between(&live, &wanted.table)
        .new_services(arguments.new_services())
        .others(wanted.others);
    let busy = busy_deletions(&mut ipvs, &live, difference)?;
    for one in &busy {
        one.warn(arguments, session.netns());
    }
    arguments.force.tell(&mut ipvs);
    let changes = if arguments.dry_run {
        ipvs.check_difference(difference).map_err(or_force_all)?
    } else {
        let uninterrupted = Uninterrupted::begin()?;
        let changes = ipvs.apply_difference(difference).map_err(or_force_all)?;
        drop(uninterrupted);
        changes
    };
    let restored = Restored::new(&wanted, difference, busy);
    tell(arguments, session, restored, changes)
}

fn tell(
    arguments: &Restore,
    session: &mut Session<'_>,
    mut restored: Restored<'_>,
    changes: usize,
) -> Outcome {
    if arguments.quiet {
        return Ok(());
    }
    restored.dry_run = arguments.dry_run;
    session.show(&restored, |restored, out| restored.print(changes, out))
}

fn read(arguments: &Restore, live: &mut LiveTable<'_, '_>) -> Result<Wanted, Failure> {
    let mut input = standard_input();
    let format = match arguments.format {
        Some(format) => format,
        None if json::is_json(&mut input).map_err(ReadError::from)? => Format::Json,
        None => Format::Toml,
    };
    if arguments.resolve && format != Format::Ipvsadm {
        return Err("--resolve is for --format ipvsadm: the other formats have no names".into());
    }
    let table = match format {
        Format::Toml => toml::read(input)?,
        Format::Json => json::read(input)?,
        Format::Ipvsadm => {
            return Ok(ipvsadm::rules::read(input, arguments.hosts(), live)?);
        }
    };
    Ok(Wanted {
        table,
        others: Others::Keep,
        is_empty: false,
        warning: None,
    })
}

fn standard_input() -> impl BufRead {
    let stdin = io::stdin().lock();
    if stdin.is_terminal() {
        say("reading rules from the terminal; press Ctrl-D to end");
    }
    BufReader::with_capacity(16 * 1024, stdin)
}

/// A destination that is deleted although it has connections.
#[derive(Serialize)]
struct BusyDeletion {
    service: ServiceId,
    address: IpAddr,
    port: Option<NonZeroU16>,
    active_connections: u32,
    inactive_connections: u32,
}

impl BusyDeletion {
    fn of(service: ServiceId, status: &DestinationStatus) -> Self {
        let DestinationId { address, port } = status.destination.id;
        Self {
            service,
            address,
            port,
            active_connections: status.active_connections,
            inactive_connections: status.inactive_connections,
        }
    }

    fn destination(&self) -> DestinationId {
        let Self { address, port, .. } = *self;
        DestinationId { address, port }
    }

    fn warn(&self, arguments: &Restore, netns: Option<&NetnsName>) {
        let destination = self.destination();
        let Self {
            service,
            active_connections: active,
            inactive_connections: inactive,
            ..
        } = self;
        let is = if arguments.dry_run { "would be" } else { "is" };
        let line = shell::Line::ours(["drain-destination"]).words(service_words(*service));
        let line = line.words(["-r", &destination.to_string()]).within(netns);
        say(format_args!(
            "warning: destination {destination} of service {service} {is} deleted with {active} active \
             and {inactive} inactive connections; the kernel then drops their packets. To let them end \
             first: {line}"
        ));
    }
}

/// The destinations with connections among those to be deleted.
fn busy_deletions(
    ipvs: &mut Client,
    live: &Table,
    difference: Difference<'_>,
) -> Result<Vec<BusyDeletion>, ipvs::Error> {
    let mut busy = Vec::new();
    if live.virtual_servers.is_empty() {
        return Ok(busy);
    }
    let deletions = difference.changes().filter_map(|change| match change {
        Change::DeleteDestination {
            service,
            destination,
        } => Some((service, destination.id)),
        _ => None,
    });
    let deletions: Vec<_> = deletions.collect();
    for of_service in deletions.chunk_by(|(one, _), (next, _)| one == next) {
        let Some((service, _)) = of_service.first() else {
            continue;
        };
        let gone: HashSet<_> = of_service.iter().map(|(_, id)| *id).collect();
        ipvs.for_each_destination(*service, |status| {
            let counts = (status.active_connections, status.inactive_connections);
            if counts != (0, 0) && gone.contains(&status.destination.id) {
                busy.push(BusyDeletion::of(*service, &status));
            }
        })?;
    }
    busy.sort_by_key(|one| (one.service, one.destination()));
    busy.dedup_by_key(|one| (one.service, one.destination()));
    Ok(busy)
}

/// The result of a restore.
#[derive(Serialize)]
struct Restored<'a> {
    services: usize,
    destinations: usize,
    dry_run: bool,
    changes: Changes<'a>,
    deleted_with_connections: Vec<BusyDeletion>,
}

/// Changes are computed while they are printed: a hundred thousand of them need no memory.
struct Changes<'a>(Difference<'a>);

impl Serialize for Changes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.changes())
    }
}

impl<'a> Restored<'a> {
    fn new(wanted: &Wanted, difference: Difference<'a>, busy: Vec<BusyDeletion>) -> Self {
        let servers = &wanted.table.virtual_servers;
        Self {
            services: servers.len(),
            destinations: servers.iter().map(|server| server.destinations.len()).sum(),
            dry_run: false,
            changes: Changes(difference),
            deleted_with_connections: busy,
        }
    }

    fn print(&self, changes: usize, out: &mut dyn Write) -> io::Result<()> {
        let Self {
            services,
            destinations,
            dry_run,
            changes: Changes(difference),
            ..
        } = self;
        for change in difference.changes() {
            if *dry_run {
                writeln!(out, "{change}")?;
            } else {
                writeln!(out, "{}", change.as_made())?;
            }
        }
        let count = |number: usize, thing: &str| match number {
            1 => format!("1 {thing}"),
            number => format!("{number} {thing}s"),
        };
        let services = count(*services, "service");
        let destinations = count(*destinations, "destination");
        let changes = count(changes, "change");
        if *dry_run {
            let done = "nothing was changed (dry run)";
            writeln!(
                out,
                "would restore {services} with {destinations}: {changes}; {done}"
            )
        } else {
            writeln!(out, "restored {services} with {destinations}: {changes}")
        }
    }
}
