//! Printing.

mod columns;
mod connections;
mod json;
mod network;
mod rules;
mod services;
mod table;

pub(crate) use connections::{connections, connections_as_json};
pub(crate) use json::json;
pub(crate) use network::steps;
pub(crate) use rules::{Restored, restored};
pub(crate) use services::{Services, View, services};
pub(crate) use table::{SyncDaemons, info, sync_daemons, timeouts};
