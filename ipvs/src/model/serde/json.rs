//! The serde form for programs: every field is present, and `null` if it has no value.
//!
//! Every type of this library has this form, except [`Table`](crate::Table), which has that of the
//! [file](crate::file). This module has the table in the form for programs.

mod destination;
pub(crate) mod endpoint;
mod ineffective;
mod service;
mod table;

pub use table::Table;
