use std::net::IpAddr;
use std::num::{NonZeroU16, NonZeroU32};

use ::serde::{Deserialize, Serialize};

use crate::{Destination, Encapsulation, Endpoint, Forwarding, Invalid};

/// A destination in JSON: flat, every field present, `null` for what it has not.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DestinationFields {
    address: IpAddr,
    port: Option<NonZeroU16>,
    forward: String,
    weight: u32,
    upper_threshold: Option<NonZeroU32>,
    lower_threshold: Option<NonZeroU32>,
    tunnel: Option<Encapsulation>,
}

impl From<Destination> for DestinationFields {
    fn from(destination: Destination) -> Self {
        let (forward, tunnel) = forwarding_to_words(destination.forwarding);
        Self {
            address: destination.id.address,
            port: destination.id.port,
            forward,
            weight: destination.weight,
            upper_threshold: destination.upper_threshold,
            lower_threshold: destination.lower_threshold,
            tunnel,
        }
    }
}

impl TryFrom<DestinationFields> for Destination {
    type Error = Invalid;

    fn try_from(fields: DestinationFields) -> Result<Self, Invalid> {
        Ok(Self {
            id: Endpoint {
                address: fields.address,
                port: fields.port,
            },
            forwarding: forwarding_from_words(&fields.forward, fields.tunnel)?,
            weight: fields.weight,
            upper_threshold: fields.upper_threshold,
            lower_threshold: fields.lower_threshold,
        })
    }
}

/// The method, and the tunnel beside it.
pub(crate) fn forwarding_to_words(forwarding: Forwarding) -> (String, Option<Encapsulation>) {
    let tunnel = match forwarding {
        Forwarding::Tunnel(tunnel) => Some(tunnel),
        _ => None,
    };
    (forwarding.to_string(), tunnel)
}

pub(crate) fn forwarding_from_words(
    forward: &str,
    tunnel: Option<Encapsulation>,
) -> Result<Forwarding, Invalid> {
    match (forward, tunnel) {
        ("tunnel", tunnel) => Ok(Forwarding::Tunnel(tunnel.unwrap_or_default())),
        (_, Some(_)) => Err(Invalid::TunnelNotUsed(forward.to_owned())),
        ("masquerade", None) => Ok(Forwarding::Masquerade),
        ("direct", None) => Ok(Forwarding::Direct),
        ("local", None) => Ok(Forwarding::Local),
        ("bypass", None) => Ok(Forwarding::Bypass),
        (other, None) => Err(Invalid::Forwarding(other.to_owned())),
    }
}
