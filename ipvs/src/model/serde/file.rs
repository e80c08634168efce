//! The serde form of files, for people: fields with default values are omitted, and an unknown key is an
//! error. `docs/file.md` in the repository describes it.
//!
//! [`Table`](crate::Table) has this form. This module has its parts, for programs whose own files contain
//! some of them.
//!
//! # Examples
//! ```
//! use ipvs::file;
//!
//! #[derive(serde::Deserialize)]
//! struct Mine {
//!     name: String,
//!     service: Vec<file::Service>,
//! }
//!
//! let text = r#"
//!     name = "shop"
//!     [[service]]
//!     tcp = "192.0.2.10:80"
//!     [[service.destination]]
//!     address = "198.51.100.7:80"
//! "#;
//! let mine: Mine = toml::from_str(text)?;
//! let [file::Service(server)] = &mine.service[..] else { panic!("one service") };
//! assert_eq!((mine.name.as_str(), server.service.id.to_string().as_str()), ("shop", "tcp:192.0.2.10:80"));
//! # Ok::<(), toml::de::Error>(())
//! ```

mod destination;
mod service;
mod sync;
mod timeouts;

pub use destination::Destination;
pub use service::Service;
pub use sync::SyncDaemon;
pub use timeouts::Timeouts;

use ::serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::checked;

use crate::{Invalid, Table};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    #[serde(default, skip_serializing_if = "Timeouts::is_empty")]
    timeouts: Timeouts,
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "service::each_once"
    )]
    service: Vec<Service>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sync: Vec<SyncDaemon>,
}

impl From<Table> for Keys {
    fn from(table: Table) -> Self {
        let (servers, daemons) = (table.virtual_servers, table.sync_daemons);
        Self {
            timeouts: Timeouts(table.timeouts),
            service: servers.into_iter().map(Service).collect(),
            sync: daemons.into_iter().map(SyncDaemon).collect(),
        }
    }
}

impl TryFrom<Keys> for Table {
    type Error = Invalid;

    fn try_from(file: Keys) -> Result<Self, Invalid> {
        let servers = file.service.into_iter().map(|Service(server)| server);
        let daemons = file.sync.into_iter().map(|SyncDaemon(daemon)| daemon);
        let table = Self::new(file.timeouts.0, servers).sync_daemons(daemons);
        table.validate()?;
        Ok(table)
    }
}

impl Serialize for Table {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Keys::from(self.clone()).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Table {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        checked::<Keys, _, _>(deserializer)
    }
}
