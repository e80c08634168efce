//! The incumbent's words.

mod options;
pub(crate) mod rules;
mod words;
