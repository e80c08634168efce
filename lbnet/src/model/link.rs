//! Network devices, as values.

pub(crate) mod tunnel;
