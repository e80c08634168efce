//! Rules as `ipvsadm -Sn` prints them and `ipvsadm -R` reads them.

mod lines;
mod read;
mod write;

pub(crate) use lines::{LineError, Lines, ReadError};
pub(crate) use read::read;
pub(crate) use write::write;
