//! The incumbent's rules, as `ipvsadm -Sn` prints them and `ipvsadm -R` reads them.

mod read;
mod write;

pub(crate) use read::read;
pub(crate) use write::write;
