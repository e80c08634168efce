//! Makes and undoes changes. Each change is recorded, with the set-up that needs it, before it is
//! made.

pub(crate) mod announcing;
pub(crate) mod down;
pub(crate) mod journal;
pub(crate) mod locked;
pub(crate) mod privilege;
pub(crate) mod report;
mod transaction;
mod undo;
mod unrecorded;
mod up;
pub(crate) mod wanted;
