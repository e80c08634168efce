//! Printing.

pub(crate) mod columns;
pub(crate) mod json;
pub(crate) mod line;

pub(crate) use crate::commands::connections::lines::{
    LastColumn, connections, connections_as_json,
};
pub(crate) use crate::commands::connections::summary::{Summary, summary};
pub(crate) use crate::commands::destination::drain::{DrainEnd, Draining, time_over};
pub(crate) use crate::commands::doctor::print::checked;
pub(crate) use crate::commands::list::columns::{ServiceList, Services, View};
pub(crate) use crate::commands::list::unprivileged::{Listed, listing, note_what_is_missing};
pub(crate) use crate::commands::network::print::steps;
pub(crate) use crate::commands::rules::print::{Restored, restored};
pub(crate) use crate::commands::timeouts::{SyncDaemons, info, sync_daemons, timeouts};
pub(crate) use json::json;
