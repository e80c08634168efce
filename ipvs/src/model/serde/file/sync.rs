use std::net::IpAddr;
use std::num::{NonZeroU8, NonZeroU16};

use ::serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::serde::checked;
use crate::{Invalid, SyncRole, model::validate};

/// A sync daemon, as under `[[sync]]`. Reading validates it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyncDaemon(pub crate::SyncDaemon);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Keys {
    role: SyncRole,
    interface: String,
    #[serde(default)]
    sync_id: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    max_length: Option<NonZeroU16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<NonZeroU16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl: Option<NonZeroU8>,
}

impl Serialize for SyncDaemon {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let daemon = &self.0;
        let keys = Keys {
            role: daemon.role,
            interface: daemon.interface.clone(),
            sync_id: daemon.sync_id,
            max_length: daemon.max_length,
            group: daemon.group,
            port: daemon.port,
            ttl: daemon.ttl,
        };
        keys.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SyncDaemon {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        checked::<Keys, _, _>(deserializer)
    }
}

impl TryFrom<Keys> for SyncDaemon {
    type Error = Invalid;

    fn try_from(keys: Keys) -> Result<Self, Invalid> {
        let mut daemon = crate::SyncDaemon::new(keys.role, keys.interface).sync_id(keys.sync_id);
        daemon.max_length = keys.max_length;
        daemon.group = keys.group;
        daemon.port = keys.port;
        daemon.ttl = keys.ttl;
        validate::sync_daemon(&daemon)?;
        Ok(Self(daemon))
    }
}
