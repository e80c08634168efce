//! Values that serialize as one word.

use ::serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

use crate::{Endpoint, Forwarding, Netmask, PersistenceEngine, Protocol, Scheduler, ServiceId};

macro_rules! read_from_text {
    ($($type:ty),+) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
            }
        }
    )+};
}

macro_rules! written_as_displayed {
    ($($type:ty),+) => {$(
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }
    )+};
}

read_from_text!(
    Endpoint,
    Forwarding,
    Netmask,
    PersistenceEngine,
    Protocol,
    Scheduler,
    ServiceId
);
written_as_displayed!(Forwarding, Netmask, PersistenceEngine, Scheduler, ServiceId);

/// Without a port, the address alone.
impl Serialize for Endpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.port {
            Some(_) => serializer.collect_str(self),
            None => serializer.collect_str(&self.address),
        }
    }
}

/// Writes lower case, as in the file. Reading accepts any case.
impl Serialize for Protocol {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.to_string().to_ascii_lowercase())
    }
}
