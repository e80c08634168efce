use std::num::NonZeroU32;

use clap::Args;
use ipvs::{Endpoint, Family, ServiceId};

use super::value::fwmark;

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
