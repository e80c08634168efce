//! The command families. Each has, in this order, its arguments, the calls it makes, and its output.

pub(crate) mod completions;
pub(crate) mod connections;
pub(crate) mod destination;
pub(crate) mod doctor;
pub(crate) mod flush;
pub(crate) mod info;
pub(crate) mod list;
pub(crate) mod network;
pub(crate) mod rules;
pub(crate) mod service;
pub(crate) mod sync;
pub(crate) mod timeouts;
pub(crate) mod zero;
