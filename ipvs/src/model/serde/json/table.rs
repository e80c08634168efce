use std::borrow::Borrow;

use ::serde::de::Error;
use ::serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{SyncDaemon, Timeouts, VirtualServer};

/// A whole table in the form for programs: `timeouts`, `services` with their `destinations`, and
/// `sync_daemons`. Reading it is faster than reading the file, which matters for tens of thousands of
/// rules.
///
/// # Examples
/// ```
/// use ipvs::json;
///
/// let text = r#"{"timeouts": {}, "services": [], "sync_daemons": []}"#;
/// let json::Table(table) = serde_json::from_str(text)?;
/// let written = serde_json::to_string(&json::Table(&table))?;
/// let json::Table(again) = serde_json::from_str(&written)?;
/// assert_eq!(table, again);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Table<T = crate::Table>(pub T);

#[derive(Serialize)]
struct Written<'a> {
    timeouts: Timeouts,
    services: &'a [VirtualServer],
    sync_daemons: &'a [SyncDaemon],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    timeouts: Timeouts,
    services: Vec<VirtualServer>,
    sync_daemons: Vec<SyncDaemon>,
}

impl<T: Borrow<crate::Table>> Serialize for Table<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let table = self.0.borrow();
        let written = Written {
            timeouts: table.timeouts,
            services: &table.virtual_servers,
            sync_daemons: &table.sync_daemons,
        };
        written.serialize(serializer)
    }
}

/// Refuses a table that [`Table::validate`](crate::Table::validate) refuses.
impl<'de> Deserialize<'de> for Table {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = Read::deserialize(deserializer)?;
        let table = crate::Table::new(read.timeouts, read.services).sync_daemons(read.sync_daemons);
        table.validate().map_err(D::Error::custom)?;
        Ok(Self(table))
    }
}
