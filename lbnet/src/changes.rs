//! What is changed and for whom: noted before it is made, and undone.

pub(crate) mod journal;
pub(crate) mod privilege;
pub(crate) mod report;
pub(crate) mod transaction;
pub(crate) mod wanted;
