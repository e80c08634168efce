//! What several commands let one type.

pub(crate) mod deferred;
pub(crate) mod real_server;
pub(crate) mod value;
