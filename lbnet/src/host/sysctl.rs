//! Reads and writes kernel settings.

mod file;
mod side_effects;

pub(crate) use side_effects::implied;
