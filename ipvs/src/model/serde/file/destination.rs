use std::num::NonZeroU32;

use ::serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::serde::checked;
use crate::{Encapsulation, Endpoint, Forwarding, Invalid, model::validate};

/// A destination under `[[service.destination]]`, validated as far as possible without its service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Destination(pub crate::Destination);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Keys {
    address: Endpoint,
    #[serde(default = "direct")]
    forward: String,
    #[serde(default = "one")]
    weight: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    upper_threshold: Option<NonZeroU32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lower_threshold: Option<NonZeroU32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tunnel: Option<Encapsulation>,
}

fn direct() -> String {
    "direct".to_owned()
}

fn one() -> u32 {
    1
}

impl Serialize for Destination {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let destination = self.0;
        let tunnel = destination.forwarding.encapsulation();
        let keys = Keys {
            address: destination.id,
            forward: destination.forwarding.method().into_owned(),
            weight: destination.weight,
            upper_threshold: destination.upper_threshold,
            lower_threshold: destination.lower_threshold,
            tunnel: tunnel.filter(|tunnel| *tunnel != Encapsulation::Ipip),
        };
        keys.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Destination {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        checked::<Keys, _, _>(deserializer)
    }
}

impl TryFrom<Keys> for Destination {
    type Error = Invalid;

    fn try_from(keys: Keys) -> Result<Self, Invalid> {
        let destination = crate::Destination {
            id: keys.address,
            forwarding: Forwarding::from_parts(&keys.forward, keys.tunnel)?,
            weight: keys.weight,
            upper_threshold: keys.upper_threshold,
            lower_threshold: keys.lower_threshold,
        };
        validate::numbers(&destination)?;
        Ok(Self(destination))
    }
}
