use std::num::NonZeroU32;

use clap::Args;
use ipvs::{Endpoint, Family, Protocol, ServiceId};

use super::value::fwmark;

/// A required service.
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

/// An optional service.
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
            /// TCP service at this address; without a port or with port 0, every port
            #[arg(short, long, alias = "tcp-service", value_name = "ADDRESS:PORT")]
            tcp: Option<Endpoint>,
            /// UDP service at this address
            #[arg(short, long, alias = "udp-service", value_name = "ADDRESS:PORT")]
            udp: Option<Endpoint>,
            /// SCTP service at this address
            #[arg(long, alias = "sctp-service", value_name = "ADDRESS:PORT")]
            sctp: Option<Endpoint>,
            /// Packets with this firewall mark
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
    /// Match IPv6 packets (with --fwmark)
    #[arg(short = '6', long, requires = "fwmark", conflicts_with_all = ["tcp", "udp", "sctp"])]
    ipv6: bool,
}

/// The options that name a service: `-t 192.0.2.10:80`. None if no option can name it.
pub(crate) fn service_options(id: ServiceId) -> Option<Vec<String>> {
    match id {
        ServiceId::Address { protocol, endpoint } => {
            let option = match protocol {
                Protocol::Tcp => "-t",
                Protocol::Udp => "-u",
                Protocol::Sctp => "--sctp",
                _ => return None,
            };
            Some(vec![option.to_owned(), endpoint.to_string()])
        }
        ServiceId::Fwmark { mark, family } => {
            let mut words = vec!["-f".to_owned(), mark.to_string()];
            if family == Family::Ipv6 {
                words.push("-6".to_owned());
            }
            Some(words)
        }
        _ => None,
    }
}

/// The words that name a service in a command: its options, or its name if no option can name it.
pub(crate) fn service_words(id: ServiceId) -> Vec<String> {
    service_options(id).unwrap_or_else(|| vec![id.to_string()])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Args)]
    struct Typed {
        #[command(flatten)]
        service: OneService,
    }

    #[test]
    fn a_service_as_options_is_that_service_when_it_is_typed() {
        for options in [
            "-t 10.10.10.100:80",
            "-u [2001:db8::1]:53",
            "--sctp 10.10.10.100:0",
            "-f 7",
            "-f 4294967295 -6",
        ] {
            let words = std::iter::once("ipvs-rs").chain(options.split_whitespace());
            let matches =
                Typed::augment_args(clap::Command::new("ipvs-rs")).get_matches_from(words);
            let typed = <Typed as clap::FromArgMatches>::from_arg_matches(&matches).unwrap();
            let words = service_options(typed.service.id()).unwrap();
            assert_eq!(words.join(" "), options);
        }
    }
}
