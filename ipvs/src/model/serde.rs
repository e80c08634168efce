//! The two serde forms of values. The names in both are stable.
//!
//! - **JSON, for programs**, with keys in snake_case: every field is present, and `null` if it has no
//!   value. This is the serde form of every type except [`Table`](crate::Table), and `ipvs-rs --output
//!   json` prints it. [`json::Table`] is a whole table in this form.
//! - **The file, for people**, with keys in kebab-case: an address and its port are one string, and
//!   fields with default values are omitted. This is the serde form of [`Table`](crate::Table). Its parts
//!   are in [`file`](crate::file).
//!
//! A value that is a single word has the same text in both forms: the text that `Display` writes.

mod checked;
pub mod file;
pub mod json;
mod text;

use checked::checked;
