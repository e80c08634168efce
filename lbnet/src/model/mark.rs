//! The number by which this crate knows its own work in the kernel's tables.

/// Goes with each route as its protocol (`RTA`'s `rtm_protocol`) and with each address as its
/// origin (`IFA_PROTO`, kept since Linux 5.18). Not one of the numbers that routing daemons are
/// known by.
pub(crate) const PROTOCOL: u8 = 176;
