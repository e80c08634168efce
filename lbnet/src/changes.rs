//! What is changed and for whom: noted before it is made, and undone.

pub(crate) mod down;
pub(crate) mod journal;
pub(crate) mod locked;
mod privilege;
pub(crate) mod report;
mod transaction;
mod undo;
mod up;
pub(crate) mod wanted;
