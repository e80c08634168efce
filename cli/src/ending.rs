//! How a run ends.

pub(crate) mod usage;
