//! Printing.

mod columns;
mod connections;
mod doctor;
mod drain;
mod json;
mod line;
mod listing;
mod network;
mod rules;
mod services;
mod summary;
mod table;

pub(crate) use connections::{LastColumn, connections, connections_as_json};
pub(crate) use doctor::checked;
pub(crate) use drain::{DrainEnd, Draining, time_over};
pub(crate) use json::json;
pub(crate) use listing::{Listed, listing, note_what_is_missing};
pub(crate) use network::steps;
pub(crate) use rules::{Restored, restored};
pub(crate) use services::{ServiceList, Services, View};
pub(crate) use summary::{Summary, summary};
pub(crate) use table::{SyncDaemons, info, sync_daemons, timeouts};
