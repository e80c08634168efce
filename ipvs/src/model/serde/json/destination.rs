use std::net::IpAddr;
use std::num::{NonZeroU16, NonZeroU32};

use ::serde::de::Error;
use ::serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Destination, Encapsulation, Endpoint, Forwarding, ParseError};

/// A destination in JSON: flat, with every field present, and `null` for a missing value.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct DestinationFields {
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
        Self {
            address: destination.id.address,
            port: destination.id.port,
            forward: destination.forwarding.method().into_owned(),
            weight: destination.weight,
            upper_threshold: destination.upper_threshold,
            lower_threshold: destination.lower_threshold,
            tunnel: destination.forwarding.encapsulation(),
        }
    }
}

impl TryFrom<DestinationFields> for Destination {
    type Error = ParseError;

    fn try_from(fields: DestinationFields) -> Result<Self, ParseError> {
        Ok(Self {
            id: Endpoint {
                address: fields.address,
                port: fields.port,
            },
            forwarding: Forwarding::from_parts(&fields.forward, fields.tunnel)?,
            weight: fields.weight,
            upper_threshold: fields.upper_threshold,
            lower_threshold: fields.lower_threshold,
        })
    }
}

impl Serialize for Destination {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        DestinationFields::from(*self).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Destination {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let fields = DestinationFields::deserialize(deserializer)?;
        Self::try_from(fields).map_err(D::Error::custom)
    }
}
