//! What every command gets.

pub(crate) mod uninterrupted;
