//! The incumbent's rules, as `ipvsadm -Sn` prints them and `ipvsadm -R` reads them.

pub(crate) mod rules;

pub(crate) use rules::read::read;
pub(crate) use rules::write::write;
