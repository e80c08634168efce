//! Rules as `ipvsadm -S` prints them and `ipvsadm -R` reads them.

mod lines;
mod read;
mod script;
mod write;

pub(crate) use lines::ReadError;
pub(crate) use read::read;
pub(crate) use script::{Live, Wanted};
pub(crate) use write::write;
