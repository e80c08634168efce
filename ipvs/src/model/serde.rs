//! How values are written and read with serde. There are two forms; their names are stable.
//!
//! - **JSON, for programs**, snake_case: every field is there, `null` where it has no value. Every type
//!   has this form by itself, but for [`Table`](crate::Table). `ipvs-rs --output json` writes it. A
//!   whole table in this form is [`json::Table`].
//! - **The file, for people**, kebab-case: an address and its port are one word, and what has its
//!   default is left out. [`Table`](crate::Table) has this form by itself; the parts that it is made
//!   of are in [`file`](crate::file).
//!
//! What is a single word is the same text in both: what `Display` writes.

mod checked;
pub mod file;
pub mod json;
mod text;

use checked::checked;
