use std::num::NonZeroU32;
use std::str::FromStr;

use clap::Args;
use ipvs::{Destination, DestinationId, Encapsulation, Forwarding, ServiceId};

use super::chosen::Destinations;
use crate::typed::{OneService, RealServer, number};

#[derive(Args, Debug)]
pub(crate) struct AddDestination {
    #[command(flatten)]
    pub(crate) destination: OneDestination,
    #[command(flatten)]
    pub(crate) settings: DestinationSettings,
}

#[derive(Args, Debug)]
pub(crate) struct EditDestination {
    #[command(flatten)]
    pub(crate) destinations: Destinations,
    #[command(flatten)]
    pub(crate) settings: DestinationSettings,
}

#[derive(Args, Debug)]
pub(crate) struct DeleteDestination {
    #[command(flatten)]
    pub(crate) destinations: Destinations,
    /// Delete it from every service even if no destination is left that takes new clients
    #[arg(long)]
    pub(crate) yes: bool,
}

/// A required destination: a service and a real server.
#[derive(Args, Debug)]
pub(crate) struct OneDestination {
    #[command(flatten)]
    service: OneService,
    /// The real server; without a port, the service's port
    #[arg(short, long, value_name = "ADDRESS[:PORT]")]
    real_server: RealServer,
}

impl OneDestination {
    pub(crate) fn service(&self) -> ServiceId {
        self.service.id()
    }

    pub(crate) fn id(&self) -> DestinationId {
        self.real_server.behind(self.service())
    }
}

#[derive(Args, Debug)]
pub(crate) struct DestinationSettings {
    #[command(flatten)]
    method: Method,
    /// Weight: the share of new connections; 0 sends it no new ones [new destinations: 1]
    #[arg(short, long, value_parser = weight, allow_negative_numbers = true)]
    pub(crate) weight: Option<u32>,
    /// Upper threshold: send no new connections once it has this many; none: no limit
    #[arg(
        short = 'x',
        long = "u-threshold",
        alias = "upper-threshold",
        value_name = "CONNECTIONS",
        allow_negative_numbers = true
    )]
    pub(crate) upper_threshold: Option<Threshold>,
    /// Lower threshold: send new connections again below this many; none: 3/4 of the upper threshold
    #[arg(
        short = 'y',
        long = "l-threshold",
        alias = "lower-threshold",
        value_name = "CONNECTIONS",
        allow_negative_numbers = true
    )]
    pub(crate) lower_threshold: Option<Threshold>,
}

#[derive(Args, Debug)]
#[group(multiple = false)]
struct Method {
    /// Direct routing: send packets unchanged to a real server that has the virtual IP too, on the
    /// same segment [new destinations: this]
    #[arg(short = 'g', long, alias = "gatewaying")]
    direct: bool,
    /// Masquerading (NAT): replies return through the director
    #[arg(short, long, alias = "masquerading")]
    masquerade: bool,
    /// IPIP tunnel, the same as --tunnel ipip
    #[arg(short, long)]
    ipip: bool,
    /// Tunnel: ipip, gue,port=N[,csum|remcsum] or gre[,csum]
    #[arg(long, value_name = "TUNNEL")]
    tunnel: Option<Encapsulation>,
}

impl DestinationSettings {
    /// Whether no setting was named.
    pub(crate) fn is_empty(&self) -> bool {
        self.forwarding().is_none()
            && self.weight.is_none()
            && self.upper_threshold.is_none()
            && self.lower_threshold.is_none()
    }

    pub(crate) fn forwarding(&self) -> Option<Forwarding> {
        match self.method {
            Method { direct: true, .. } => Some(Forwarding::Direct),
            Method {
                masquerade: true, ..
            } => Some(Forwarding::Masquerade),
            Method { ipip: true, .. } => Some(Forwarding::Tunnel(Encapsulation::Ipip)),
            Method {
                tunnel: Some(tunnel),
                ..
            } => Some(Forwarding::Tunnel(tunnel)),
            _ => None,
        }
    }
}

fn weight(text: &str) -> Result<u32, &'static str> {
    let weight = number(text).filter(|weight: &u32| *weight <= Destination::HIGHEST_WEIGHT);
    weight.ok_or("a weight is a number from 0 to 2147483647")
}

/// A threshold, or `none` to remove it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Threshold(pub(crate) Option<NonZeroU32>);

impl FromStr for Threshold {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        if text == "none" {
            return Ok(Self(None));
        }
        let connections =
            number(text).filter(|number: &u32| *number <= Destination::HIGHEST_THRESHOLD);
        connections
            .map(|connections| Self(NonZeroU32::new(connections)))
            .ok_or("a threshold is a number of connections from 1 to 2147483647, or none")
    }
}
