//! The file format of [`Table`]: what may be left out is left out, and a key that means nothing is
//! an error.

mod destination;
mod service;
mod sync;
mod timeouts;

use ::serde::{Deserialize, Serialize};

use crate::{Invalid, Table};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TableFile {
    #[serde(default, skip_serializing_if = "timeouts::TimeoutsFile::is_empty")]
    timeouts: timeouts::TimeoutsFile,
    #[serde(
        default,
        skip_serializing_if = "Vec::is_empty",
        deserialize_with = "service::each_once"
    )]
    service: Vec<service::ServiceFile>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sync: Vec<sync::SyncFile>,
}

impl From<Table> for TableFile {
    fn from(table: Table) -> Self {
        let (servers, daemons) = (table.virtual_servers, table.sync_daemons);
        Self {
            timeouts: timeouts::TimeoutsFile(table.timeouts),
            service: servers.into_iter().map(service::ServiceFile).collect(),
            sync: daemons.into_iter().map(sync::SyncFile).collect(),
        }
    }
}

impl TryFrom<TableFile> for Table {
    type Error = Invalid;

    fn try_from(file: TableFile) -> Result<Self, Invalid> {
        let servers = file
            .service
            .into_iter()
            .map(|service::ServiceFile(server)| server);
        let daemons = file.sync.into_iter().map(|sync::SyncFile(daemon)| daemon);
        let table = Self::new(file.timeouts.0, servers).sync_daemons(daemons);
        table.validate()?;
        Ok(table)
    }
}
