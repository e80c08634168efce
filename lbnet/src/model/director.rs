//! What a director is asked for.

pub(crate) mod placement;
