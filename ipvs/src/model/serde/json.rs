//! The form for programs: every field is there, and `null` where it has no value.
//!
//! Every type of this library has this form by itself, but for [`Table`](crate::Table), whose own
//! form is that of the [file](crate::file). Here is the table in the form for programs.

mod destination;
pub(crate) mod endpoint;
mod service;
mod table;

pub use table::Table;
