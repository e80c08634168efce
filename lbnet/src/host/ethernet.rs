//! Whole Ethernet frames on one device.

pub(super) mod checksum;
pub(super) mod device;
pub(super) mod socket;

/// The Ethernet address of all hosts on a segment.
pub(super) const BROADCAST: [u8; 6] = [0xff; 6];
