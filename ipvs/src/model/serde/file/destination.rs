use std::num::NonZeroU32;

use ::serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::service::Text;
use crate::model::serde::checked;
use crate::model::serde::json::{forwarding_from_words, forwarding_to_words};
use crate::{Destination, Encapsulation, Endpoint, Invalid, model::validate};

/// A destination, checked as far as it can be without its service.
pub(super) struct DestinationFile(pub(super) Destination);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Keys {
    address: Text<Endpoint>,
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

impl Serialize for DestinationFile {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let destination = self.0;
        let (forward, tunnel) = forwarding_to_words(destination.forwarding);
        let keys = Keys {
            address: Text(destination.id),
            forward,
            weight: destination.weight,
            upper_threshold: destination.upper_threshold,
            lower_threshold: destination.lower_threshold,
            tunnel: tunnel.filter(|tunnel| *tunnel != Encapsulation::Ipip),
        };
        keys.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for DestinationFile {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        checked::<Keys, _, _>(deserializer)
    }
}

impl TryFrom<Keys> for DestinationFile {
    type Error = Invalid;

    fn try_from(keys: Keys) -> Result<Self, Invalid> {
        let Text(id) = keys.address;
        let destination = Destination {
            id,
            forwarding: forwarding_from_words(&keys.forward, keys.tunnel)?,
            weight: keys.weight,
            upper_threshold: keys.upper_threshold,
            lower_threshold: keys.lower_threshold,
        };
        validate::numbers(&destination)?;
        Ok(Self(destination))
    }
}
