//! The number by which this crate recognizes its own entries in the kernel's tables.

/// The protocol of each route (`rtm_protocol`) and the origin of each address (`IFA_PROTO`, stored
/// since Linux 5.18) that this crate adds. No known routing daemon uses this number.
pub(crate) const PROTOCOL: u8 = 176;
