use ::serde::{Serialize, Serializer};

use crate::{DestinationStatus, Ineffective, ServiceStatus, VirtualServerStatus};

/// The reason for programs, and the text for people.
#[derive(Serialize)]
struct Described {
    reason: &'static str,
    served: bool,
    message: String,
}

impl Serialize for Ineffective {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let reason = match self {
            Self::UnspecifiedAddress => "unspecified-address",
            Self::MulticastAddress => "multicast-address",
            Self::BroadcastAddress => "broadcast-address",
            Self::Ipv4MappedAddress(_) => "ipv4-mapped-address",
            Self::NoPort => "no-port",
            Self::EngineNeedsUdp(_) => "engine-needs-udp",
            Self::EngineNeedsPersistence(_) => "engine-needs-persistence",
        };
        let described = Described {
            reason,
            served: self.is_served(),
            message: self.to_string(),
        };
        described.serialize(serializer)
    }
}

/// A service as a list shows it.
#[derive(Serialize)]
struct Listed<'a> {
    #[serde(flatten)]
    service: &'a ServiceStatus,
    ineffective: Option<Ineffective>,
    destinations: &'a [DestinationStatus],
}

impl Serialize for VirtualServerStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let listed = Listed {
            service: &self.service,
            ineffective: self.service.service.ineffective(),
            destinations: &self.destinations,
        };
        listed.serialize(serializer)
    }
}
