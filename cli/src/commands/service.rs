//! `add-service`, `edit-service`, `delete-service`.

use std::time::Duration;

use clap::{Args, Subcommand};
use ipvs::{Client, Netmask, Persistence, PersistenceEngine, Scheduler, SchedulerFlags, Service};

use crate::ending::{Ended, Failure, Outcome, say};
use crate::session::Session;
use crate::typed::{Deferred, Force, NOTHING_TO_CHANGE, OneService, duration, or_force};

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Add a service: the protocol, address and port that clients connect to
    #[command(
        name = "add-service",
        after_help = "Examples:\n  \
        ipvs-rs add-service -t 10.10.10.100:80 -s rr\n  \
        ipvs-rs add-service -t [2001:db8::10]:443 -s wrr -p 5m\n  \
        ipvs-rs add-service -f 7 -s sh -b sh-port\n\n\
        A service gets traffic once it has a destination (add-destination) and this host has its \
        address (director up).\n\n\
        A service that the kernel would accept and never serve is refused: at 0.0.0.0, ::, a multicast \
        or broadcast address, or with --pe and without -p.\n\n\
        Exit status: 0 added, 1 it exists already or was refused, 2 wrong usage."
    )]
    Add(Deferred<AddService>),
    /// Change a service; settings that you don't name stay as they are
    #[command(
        name = "edit-service",
        after_help = "Examples:\n  \
        ipvs-rs edit-service -t 10.10.10.100:80 -s wlc\n  \
        ipvs-rs edit-service -t 10.10.10.100:80 -p 10m\n  \
        ipvs-rs edit-service -t 10.10.10.100:80 --no-persistence\n\n\
        Destinations and connections stay.\n\n\
        Exit status: 0 changed, 1 there is no such service or it was refused, 2 wrong usage."
    )]
    Edit(Deferred<EditService>),
    /// Delete a service and its destinations, which cuts their connections
    #[command(
        name = "delete-service",
        after_help = "Example:\n  \
        ipvs-rs delete-service -t 10.10.10.100:80\n\n\
        Clients get no answer on their open connections: the kernel drops the packets until the \
        connections expire. To let them end first, use drain-destination.\n\n\
        Exit status: 0 deleted, 1 there is no such service or it was refused, 2 wrong usage."
    )]
    Delete(Deferred<OneService>),
}

#[derive(Args, Debug)]
pub(crate) struct AddService {
    #[command(flatten)]
    service: OneService,
    #[command(flatten)]
    settings: ServiceSettings,
}

#[derive(Args, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch that can be typed"
)]
pub(crate) struct EditService {
    #[command(flatten)]
    service: OneService,
    #[command(flatten)]
    settings: ServiceSettings,
    /// Turn persistence off
    #[arg(long, conflicts_with_all = ["persistent", "netmask"])]
    no_persistence: bool,
    /// Identify clients by address again, without a persistence engine
    #[arg(long, conflicts_with = "pe")]
    no_pe: bool,
    /// Turn one-packet scheduling off
    #[arg(long, conflicts_with = "ops")]
    no_ops: bool,
    /// Clear all scheduler flags
    #[arg(long, conflicts_with = "sched_flags")]
    no_sched_flags: bool,
}

#[derive(Args, Debug)]
struct ServiceSettings {
    /// Scheduler, which chooses the destination: rr, wrr, lc, wlc, lblc, lblcr, dh, sh, sed, nq, fo,
    /// ovf, mh, or another that this kernel has [new services: wlc]
    #[arg(short, long, value_name = "NAME")]
    scheduler: Option<Scheduler>,
    /// Persistence: send a client to the same destination for this long: 300, 300s or 5m [without
    /// TIME: 6m]
    #[arg(
        short, long, value_name = "TIME", value_parser = duration, num_args = 0..=1,
        default_missing_value = "6m"
    )]
    persistent: Option<Duration>,
    /// Treat all clients in the same network as one client: 255.255.255.0, or 64 for IPv6
    #[arg(short = 'M', long, value_name = "MASK")]
    netmask: Option<Netmask>,
    /// Persistence engine: how clients are identified (sip)
    #[arg(long, value_name = "NAME")]
    pe: Option<PersistenceEngine>,
    /// One-packet scheduling: schedule every packet independently (UDP and firewall marks)
    #[arg(short, long)]
    ops: bool,
    /// Scheduler flags: sh-fallback, sh-port, mh-fallback, mh-port, flag-1, flag-2, flag-3
    #[arg(short = 'b', long, value_name = "FLAG", value_delimiter = ',', value_parser = flag)]
    sched_flags: Option<Vec<String>>,
    #[command(flatten)]
    force: Force,
}

/// The name of a flag. Whether it is one of the service's scheduler is checked when that is known.
fn flag(text: &str) -> Result<String, &'static str> {
    let is_flag = |scheduler| SchedulerFlags::named(text, scheduler).is_ok();
    if WITH_FLAGS.iter().any(is_flag) {
        return Ok(text.to_owned());
    }
    Err("a flag is sh-fallback, sh-port, mh-fallback, mh-port, flag-1, flag-2 or flag-3")
}

impl EditService {
    /// Whether no setting was named.
    fn is_empty(&self) -> bool {
        let removes = self.no_persistence || self.no_pe || self.no_ops || self.no_sched_flags;
        !removes && self.settings.is_empty()
    }
}

impl ServiceSettings {
    fn is_empty(&self) -> bool {
        self.scheduler.is_none()
            && self.persistent.is_none()
            && self.netmask.is_none()
            && self.pe.is_none()
            && !self.ops
            && self.sched_flags.is_none()
    }

    /// The wanted persistence of a service whose present persistence is `present`.
    fn persistence(&self, present: Option<Persistence>) -> Option<Persistence> {
        let timeout = self
            .persistent
            .or(present.map(|persistence| persistence.timeout))?;
        let mut persistence = Persistence::new(timeout);
        persistence.netmask = self
            .netmask
            .or(present.and_then(|persistence| persistence.netmask));
        Some(persistence)
    }
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Ended, Failure> {
        let mut ipvs = session.ipvs()?;
        Ended::of(match self {
            Self::Add(Deferred(arguments)) => add(&mut ipvs, &arguments),
            Self::Edit(Deferred(arguments)) => edit(&mut ipvs, &arguments),
            Self::Delete(Deferred(service)) => Ok(ipvs.delete_service(service.id())?),
        })
    }
}

fn add(client: &mut Client, arguments: &AddService) -> Outcome {
    let settings = &arguments.settings;
    let mut service = Service::new(arguments.service.id());
    if let Some(scheduler) = &settings.scheduler {
        service.scheduler = scheduler.clone();
    }
    if let Some(names) = &settings.sched_flags {
        service.scheduler_flags = SchedulerFlags::from_names(names, &service.scheduler)?;
    }
    service.persistence = settings.persistence(None);
    if settings.netmask.is_some() && service.persistence.is_none() {
        return Err("--netmask needs --persistent".into());
    }
    service.persistence_engine.clone_from(&settings.pe);
    service.one_packet = settings.ops;
    settings.force.tell(client);
    client.add_service(&service).map_err(or_force)
}

/// The flags without a meaning go with the scheduler that they were for. `None`: the present flags stay.
fn flags_that_mean_nothing(present: &Service, scheduler: &Scheduler) -> Option<SchedulerFlags> {
    let flags = present.scheduler_flags;
    let is_kept =
        flags.is_empty() || *scheduler == present.scheduler || WITH_FLAGS.contains(scheduler);
    if is_kept {
        return None;
    }
    let names = flags.names(&present.scheduler).join(",");
    say(format_args!(
        "note: scheduler flags {names} of service {} are removed: they are for {}, not for {scheduler}",
        present.id, present.scheduler
    ));
    Some(SchedulerFlags::empty())
}

/// The kernel's schedulers that look at flags. They give the same meaning to the same flags.
const WITH_FLAGS: [Scheduler; 2] = [Scheduler::SOURCE_HASHING, Scheduler::MAGLEV_HASHING];

fn edit(client: &mut Client, arguments: &EditService) -> Outcome {
    if arguments.is_empty() {
        return Err(NOTHING_TO_CHANGE.into());
    }
    let settings = &arguments.settings;
    let id = arguments.service.id();
    let present = client.service(id)?.service;
    let scheduler = settings
        .scheduler
        .clone()
        .unwrap_or_else(|| present.scheduler.clone());
    let flags = match &settings.sched_flags {
        Some(names) => Some(SchedulerFlags::from_names(names, &scheduler)?),
        None if arguments.no_sched_flags => Some(SchedulerFlags::empty()),
        None => flags_that_mean_nothing(&present, &scheduler),
    };
    if settings.netmask.is_some() && settings.persistence(present.persistence).is_none() {
        return Err(format!("--netmask needs --persistent: service {id} is not persistent").into());
    }
    settings.force.tell(client);
    let edited = client.edit_service(id, |service| {
        service.scheduler = scheduler;
        if let Some(flags) = flags {
            service.scheduler_flags = flags;
        }
        service.persistence = if arguments.no_persistence {
            None
        } else {
            settings.persistence(service.persistence)
        };
        if arguments.no_pe || settings.pe.is_some() {
            service.persistence_engine.clone_from(&settings.pe);
        }
        if arguments.no_ops || settings.ops {
            service.one_packet = settings.ops;
        }
    });
    edited.map(drop).map_err(or_force)
}
