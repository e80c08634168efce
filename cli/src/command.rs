//! What can be typed.

use std::mem::ManuallyDrop;
use std::time::Duration;

use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use ipvs::NewServices;

pub(crate) use crate::commands::connections::args::Connections;
pub(crate) use crate::commands::destination::args::{
    AddDestination, DeleteDestination, DestinationSettings, DrainDestination, EditDestination,
};
pub(crate) use crate::commands::doctor::args::{Arrival, Doctor, Role, Server};
pub(crate) use crate::commands::network::args::{
    DirectorCommand, DirectorSetUp, Directors, Method, Place, RealServerCommand, RealServerSetUp,
    RealServers, received,
};
pub(crate) use crate::commands::network::undone::Undone;
pub(crate) use crate::commands::service::args::{
    AddService, EditService, OneService, PerhapsService,
};
pub(crate) use crate::commands::sync::{StartSync, StopSync};
pub(crate) use crate::typed::deferred::Deferred;
pub(crate) use crate::typed::value::{Forward, Origins, as_received};

use crate::typed::value::duration;

/// Manage the Linux kernel's layer-4 load balancer (IPVS, LVS)
#[derive(Debug, Parser)]
#[command(
    name = "ipvs-rs",
    version,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "A web site on one address, balanced over two servers by direct routing:\n  \
        director#  ipvs-rs add-service -t 10.10.10.100:80 -s rr\n  \
        director#  ipvs-rs add-destination -t 10.10.10.100:80 -r 10.10.10.12\n  \
        director#  ipvs-rs add-destination -t 10.10.10.100:80 -r 10.10.10.13\n  \
        director#  ipvs-rs director up --vip 10.10.10.100/24 --device eth0\n  \
        server#    ipvs-rs real-server up --vip 10.10.10.100 --device eth0\n\n\
        Exit status: 0 done, 1 refused or failed, 2 wrong usage, 3 doctor found something.\n\
        Managing IPVS needs CAP_NET_ADMIN in the initial user namespace."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What was typed.
///
/// The definition is not taken apart: the program ends soon, and starting and ending are most of what
/// it takes.
pub(crate) fn typed() -> Result<Cli, clap::Error> {
    let mut definition = ManuallyDrop::new(Cli::command());
    let matches = definition.try_get_matches_from_mut(std::env::args_os())?;
    Cli::from_arg_matches_mut(&mut ManuallyDrop::new(matches))
        .map_err(|error| error.format(&mut definition))
}

#[derive(Args, Debug)]
pub(crate) struct Global {
    /// Print what is read in columns (table) or as JSON (json)
    #[arg(
        long,
        global = true,
        value_name = "FORM",
        default_value = "table",
        hide_possible_values = true,
        help_heading = "Everywhere"
    )]
    pub(crate) output: Form,
    /// Work in this network namespace, as `ip netns` names it
    #[arg(long, global = true, value_name = "NAME", help_heading = "Everywhere")]
    pub(crate) netns: Option<String>,
}

/// A form to print in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// Columns for people
    Table,
    /// JSON, with the same names everywhere
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add a service: an address, port and protocol that clients connect to
    #[command(after_help = "Examples:\n  \
        ipvs-rs add-service -t 10.10.10.100:80 -s rr\n  \
        ipvs-rs add-service -t [2001:db8::10]:443 -s wrr -p 5m\n  \
        ipvs-rs add-service -f 7 -s sh -b sh-port")]
    AddService(Deferred<AddService>),
    /// Change a service; what is not named stays as it is
    EditService(Deferred<EditService>),
    /// Delete a service and its destinations; connections stay until they expire
    DeleteService(Deferred<OneService>),
    /// Add a destination: a real server behind a service
    #[command(after_help = "Examples:\n  \
        ipvs-rs add-destination -t 10.10.10.100:80 -r 10.10.10.12\n  \
        ipvs-rs add-destination -t 10.10.10.100:80 -r 10.10.10.13:8080 -m -w 5\n  \
        ipvs-rs add-destination -t 10.10.10.100:80 -r 10.10.20.12 --tunnel gue,port=6080")]
    AddDestination(Deferred<AddDestination>),
    /// Change a destination; what is not named stays as it is
    #[command(
        after_help = "To take a server out of service without cutting connections:\n  \
        ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.10.12 -w 0"
    )]
    EditDestination(Deferred<EditDestination>),
    /// Give a destination weight 0, and wait until nothing uses it
    #[command(after_help = "Example:\n  \
        ipvs-rs drain-destination -t 10.10.10.100:80 -r 10.10.10.12 --timeout 5m --delete\n\n\
        It waits for established connections. UDP flows and what came by a mark have no end that \
        could be seen: they must be forgotten, which `timeouts` decides. Persistent clients must \
        be forgotten too, unless `sysctl net.ipv4.vs.expire_quiescent_template=1` sends them to \
        other destinations.\n\n\
        The weight stays 0 however it ends, also after Ctrl-C, or when time is over, which is exit \
        status 1. To give it connections again:\n  \
        ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.10.12 -w 1")]
    DrainDestination(Deferred<DrainDestination>),
    /// Delete a destination; its connections are cut (drain-destination lets them end)
    DeleteDestination(Deferred<DeleteDestination>),
    /// List services and their destinations
    #[command(
        after_help = "Without CAP_NET_ADMIN it shows what everybody may read, which is less: no \
        statistics, and not every option."
    )]
    List(Deferred<List>),
    /// List connections and the templates of persistent clients, all or some, or count them
    #[command(after_help = "Examples:\n  \
        ipvs-rs connections -t 10.10.10.100:80 --destination 10.10.10.12\n  \
        ipvs-rs connections --client 192.0.2.1 --state established\n  \
        ipvs-rs connections --origin=sync --summary\n\n\
        Everything that is named must hold. Of a mark there are templates alone: the kernel does \
        not say by which mark a connection came.")]
    Connections(Deferred<Connections>),
    /// Show the timeouts of idle connections, or set those that are named
    Timeouts(Deferred<Timeouts>),
    /// Start a sync daemon: it carries connections to another director, or takes them from one
    StartSync(Deferred<StartSync>),
    /// Stop a sync daemon
    StopSync(Deferred<StopSync>),
    /// List the running sync daemons
    SyncStatus,
    /// Zero the counters of one service, or of all
    Zero(Deferred<PerhapsService>),
    /// Delete all services
    Flush(Deferred<Flush>),
    /// Show the version of IPVS and the size of its connection table
    Info,
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
    /// Set this host up as a director, or undo that
    #[command(subcommand)]
    Director(DirectorCommand),
    /// Set this host up as a real server, or undo that
    #[command(subcommand)]
    RealServer(RealServerCommand),
    /// Look whether this host is set up well; say what is not, what clients see of it, and what mends
    /// it
    #[command(after_help = "Examples:\n  \
        ipvs-rs doctor\n  \
        ipvs-rs doctor --real-server --vip 10.10.10.100 --device eth0 --port 80\n  \
        ipvs-rs doctor --vip 10.10.10.100 --forward gue,port=6080 --local 10.10.20.12\n  \
        ipvs-rs doctor --forward masquerade --gateway 10.10.20.11 --port 53/udp\n\n\
        Nothing is changed. Without --director and --real-server it is looked at as whatever it is: \
        a director if IPVS has services, a real server if it has virtual addresses.\n\n\
        Exit status: 0 healthy, whatever notes there are; 3 problems or warnings.")]
    Doctor(Deferred<Doctor>),
    /// Print a completion script for a shell
    Completions(Deferred<Completions>),
}

/// Numbers are all there is: for fingers that type `-n` anyway.
#[derive(Args, Debug)]
pub(crate) struct Numeric {
    /// Print numbers
    #[arg(short, long, hide = true)]
    numeric: bool,
}

#[derive(Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) service: PerhapsService,
    /// Show what was counted: connections, packets, bytes
    #[arg(long, conflicts_with = "rate")]
    pub(crate) stats: bool,
    /// Show rates: averages over some eight seconds
    #[arg(long)]
    pub(crate) rate: bool,
    #[command(flatten)]
    numeric: Numeric,
}

#[derive(Args, Debug)]
pub(crate) struct Timeouts {
    /// Established TCP connections: 300, 300s or 5m
    #[arg(long, value_name = "TIME", value_parser = duration, allow_negative_numbers = true)]
    pub(crate) tcp: Option<Duration>,
    /// TCP connections after a FIN
    #[arg(long, value_name = "TIME", value_parser = duration, allow_negative_numbers = true)]
    pub(crate) tcp_fin: Option<Duration>,
    /// UDP flows
    #[arg(long, value_name = "TIME", value_parser = duration, allow_negative_numbers = true)]
    pub(crate) udp: Option<Duration>,
}

#[derive(Args, Debug)]
pub(crate) struct Flush {
    /// Do it: all traffic of all services stops
    #[arg(long, required = true)]
    pub(crate) yes: bool,
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
    pub(crate) format: Format,
}

#[derive(Args, Debug)]
pub(crate) struct Restore {
    #[command(flatten)]
    pub(crate) rules: Rules,
    /// Give new services of many destinations their scheduler (mh, wrr) when all of these are there:
    /// faster; until then they take turns
    #[arg(long)]
    fill_first: bool,
    /// Rules come from standard input: somebody who names a file is told so
    #[arg(hide = true)]
    pub(crate) file: Option<std::path::PathBuf>,
}

#[derive(Args, Debug)]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

impl Restore {
    pub(crate) fn new_services(&self) -> NewServices {
        if self.fill_first {
            NewServices::FilledFirst
        } else {
            NewServices::ScheduledFirst
        }
    }
}

/// A format of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The file format of ipvs-rs; nothing is lost
    Toml,
    /// The lines of `ipvsadm -Sn`, with thresholds; timeouts are lost
    Ipvsadm,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }
}
