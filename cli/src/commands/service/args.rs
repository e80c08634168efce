use std::num::NonZeroU32;
use std::time::Duration;

use clap::Args;
use ipvs::{Endpoint, Family, Netmask, Persistence, PersistenceEngine, Scheduler, ServiceId};

use crate::typed::value::{duration, fwmark};

/// A service that must be named.
#[derive(Args, Debug)]
pub(crate) struct OneService {
    #[command(flatten)]
    name: RequiredName,
    #[command(flatten)]
    family: MarkFamily,
}

impl OneService {
    pub(crate) fn id(&self) -> ServiceId {
        let RequiredName {
            tcp,
            udp,
            sctp,
            fwmark,
        } = self.name;
        let named = Name {
            tcp,
            udp,
            sctp,
            fwmark,
        };
        #[expect(clippy::unreachable, reason = "clap requires one of the four")]
        named
            .id(&self.family)
            .unwrap_or_else(|| unreachable!("a service is required"))
    }
}

/// A service that may be named.
#[derive(Args, Debug)]
pub(crate) struct PerhapsService {
    #[command(flatten)]
    name: Name,
    #[command(flatten)]
    family: MarkFamily,
}

impl PerhapsService {
    pub(crate) fn id(&self) -> Option<ServiceId> {
        self.name.id(&self.family)
    }
}

macro_rules! name {
    ($name:ident, $required:literal) => {
        #[derive(Args, Clone, Copy, Debug)]
        #[group(required = $required, multiple = false)]
        struct $name {
            /// TCP to this address; port 0 or none is every port
            #[arg(short, long, alias = "tcp-service", value_name = "ADDRESS:PORT")]
            tcp: Option<Endpoint>,
            /// UDP to this address
            #[arg(short, long, alias = "udp-service", value_name = "ADDRESS:PORT")]
            udp: Option<Endpoint>,
            /// SCTP to this address
            #[arg(long, alias = "sctp-service", value_name = "ADDRESS:PORT")]
            sctp: Option<Endpoint>,
            /// What a firewall rule gave this mark
            #[arg(short, long, alias = "fwmark-service", value_name = "MARK", value_parser = fwmark)]
            fwmark: Option<NonZeroU32>,
        }
    };
}
name!(RequiredName, true);
name!(Name, false);

impl Name {
    fn id(self, family: &MarkFamily) -> Option<ServiceId> {
        let mark = |mark| {
            let family = if family.ipv6 {
                Family::Ipv6
            } else {
                Family::Ipv4
            };
            ServiceId::fwmark(mark, family)
        };
        None.or(self.tcp.map(ServiceId::tcp))
            .or(self.udp.map(ServiceId::udp))
            .or(self.sctp.map(ServiceId::sctp))
            .or(self.fwmark.map(mark))
    }
}

#[derive(Args, Debug)]
struct MarkFamily {
    /// The mark is on IPv6 packets
    #[arg(short = '6', long, requires = "fwmark", conflicts_with_all = ["tcp", "udp", "sctp"])]
    ipv6: bool,
}

#[derive(Args, Debug)]
pub(crate) struct AddService {
    #[command(flatten)]
    pub(crate) service: OneService,
    #[command(flatten)]
    pub(crate) settings: ServiceSettings,
}

#[derive(Args, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch that can be typed"
)]
pub(crate) struct EditService {
    #[command(flatten)]
    pub(crate) service: OneService,
    #[command(flatten)]
    pub(crate) settings: ServiceSettings,
    /// Let clients go to any destination again
    #[arg(long, conflicts_with_all = ["persistent", "netmask"])]
    pub(crate) no_persistence: bool,
    /// Recognise clients by their address again
    #[arg(long, conflicts_with = "pe")]
    pub(crate) no_pe: bool,
    /// Schedule connections again, not packets
    #[arg(long, conflicts_with = "ops")]
    pub(crate) no_ops: bool,
    /// Set all flags of the scheduler back
    #[arg(long, conflicts_with = "sched_flags")]
    pub(crate) no_sched_flags: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ServiceSettings {
    /// How to choose a destination: rr, wrr, lc, wlc, lblc, lblcr, dh, sh, sed, nq, fo, ovf, mh,
    /// or another of this kernel's [new services: wlc]
    #[arg(short, long, value_name = "NAME")]
    pub(crate) scheduler: Option<Scheduler>,
    /// Keep clients with their destination this long: 300, 300s or 5m [without a time: 6m]
    #[arg(
        short, long, value_name = "TIME", value_parser = duration, num_args = 0..=1,
        default_missing_value = "6m"
    )]
    pub(crate) persistent: Option<Duration>,
    /// Take the clients of a network for one: 255.255.255.0, or 64 for IPv6
    #[arg(short = 'M', long, value_name = "MASK")]
    pub(crate) netmask: Option<Netmask>,
    /// Recognise persistent clients by this engine: sip
    #[arg(long, value_name = "NAME")]
    pub(crate) pe: Option<PersistenceEngine>,
    /// Schedule each packet by itself (UDP, marks)
    #[arg(short, long)]
    pub(crate) ops: bool,
    /// Flags of the scheduler: sh-fallback, sh-port, mh-fallback, mh-port, flag-1, flag-2, flag-3
    #[arg(short = 'b', long, value_name = "FLAG", value_delimiter = ',')]
    pub(crate) sched_flags: Option<Vec<String>>,
}

impl EditService {
    /// Whether nothing is named.
    pub(crate) fn is_empty(&self) -> bool {
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

    /// The persistence that is asked for of a service that has this one.
    pub(crate) fn persistence(&self, present: Option<Persistence>) -> Option<Persistence> {
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
