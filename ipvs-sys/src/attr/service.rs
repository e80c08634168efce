use netlink_packet_core::DecodeError;

use super::codec::{Address, Bytes, Codec, Native, Nested, Network, Text, exactly};
use super::{Stats64Attr, StatsAttr, space};
use crate::constants::{
    IPVS_SVC_ATTR_ADDR, IPVS_SVC_ATTR_AF, IPVS_SVC_ATTR_FLAGS, IPVS_SVC_ATTR_FWMARK,
    IPVS_SVC_ATTR_NETMASK, IPVS_SVC_ATTR_PE_NAME, IPVS_SVC_ATTR_PORT, IPVS_SVC_ATTR_PROTOCOL,
    IPVS_SVC_ATTR_SCHED_NAME, IPVS_SVC_ATTR_STATS, IPVS_SVC_ATTR_STATS64, IPVS_SVC_ATTR_TIMEOUT,
};

space! {
    /// A service: what identifies it, how it is configured, what it counted.
    ///
    /// It is identified by `Af` with either `Fwmark`, or `Protocol`, `Addr` and `Port`. To add or
    /// replace one, the kernel also insists on `SchedName`, `Flags`, `Timeout` and `Netmask`.
    SvcAttr {
        /// Address family: `AF_INET` (2) or `AF_INET6` (10).
        #[doc(alias = "IPVS_SVC_ATTR_AF")]
        Af(u16) = IPVS_SVC_ATTR_AF as Native,
        /// IP protocol: TCP 6, UDP 17, SCTP 132. The kernel stores any number.
        #[doc(alias = "IPVS_SVC_ATTR_PROTOCOL")]
        Protocol(u16) = IPVS_SVC_ATTR_PROTOCOL as Native,
        /// Virtual address. IPv4 takes the first four bytes; the kernel ignores the rest.
        #[doc(alias = "IPVS_SVC_ATTR_ADDR")]
        Addr([u8; 16]) = IPVS_SVC_ATTR_ADDR as Address,
        /// Virtual port; 0 is every port.
        #[doc(alias = "IPVS_SVC_ATTR_PORT")]
        Port(u16) = IPVS_SVC_ATTR_PORT as Network,
        /// Firewall mark. The kernel takes 0 for "no mark" and makes a TCP service of it.
        #[doc(alias = "IPVS_SVC_ATTR_FWMARK")]
        Fwmark(u32) = IPVS_SVC_ATTR_FWMARK as Native,
        /// Scheduler, at most 15 bytes.
        #[doc(alias = "IPVS_SVC_ATTR_SCHED_NAME")]
        SchedName(String) = IPVS_SVC_ATTR_SCHED_NAME as Text,
        /// Flags, and which of them to change.
        #[doc(alias = "IPVS_SVC_ATTR_FLAGS")]
        Flags(ServiceFlags) = IPVS_SVC_ATTR_FLAGS as Flags,
        /// Persistence in seconds. The kernel multiplies it by its tick rate in 32 bits, unchecked.
        #[doc(alias = "IPVS_SVC_ATTR_TIMEOUT")]
        Timeout(u32) = IPVS_SVC_ATTR_TIMEOUT as Native,
        /// Persistence granularity. IPv4: the bytes of the mask. IPv6: the prefix length, 1 to 128,
        /// as a native `u32`.
        #[doc(alias = "IPVS_SVC_ATTR_NETMASK")]
        Netmask([u8; 4]) = IPVS_SVC_ATTR_NETMASK as Bytes,
        /// Statistics in 32 bits; only in answers.
        #[doc(alias = "IPVS_SVC_ATTR_STATS")]
        Stats(Vec<StatsAttr>) = IPVS_SVC_ATTR_STATS as Nested,
        /// Persistence engine, at most 16 bytes. Replacing a service without it removes the engine.
        #[doc(alias = "IPVS_SVC_ATTR_PE_NAME")]
        PeName(String) = IPVS_SVC_ATTR_PE_NAME as Text,
        /// Statistics in 64 bits; only in answers, since 4.1.
        #[doc(alias = "IPVS_SVC_ATTR_STATS64")]
        Stats64(Vec<Stats64Attr>) = IPVS_SVC_ATTR_STATS64 as Nested,
    }
}

/// `struct ip_vs_flags`: the flags of a service, and which of them a request changes.
///
/// The kernel stores `(old & !mask) | (flags & mask)`. A shorter attribute is zero-filled, so that
/// four bytes alone would change nothing at all.
#[doc(alias = "ip_vs_flags")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServiceFlags {
    /// `IP_VS_SVC_F_*`.
    pub flags: u32,
    /// The bits of `flags` that count.
    pub mask: u32,
}

struct Flags;

impl Codec<ServiceFlags> for Flags {
    fn len(_: &ServiceFlags) -> usize {
        8
    }
    fn emit(value: &ServiceFlags, buffer: &mut [u8]) {
        let (flags, mask) = buffer.split_at_mut(4);
        flags.copy_from_slice(&value.flags.to_ne_bytes());
        mask.copy_from_slice(&value.mask.to_ne_bytes());
    }
    fn parse(bytes: &[u8]) -> Result<ServiceFlags, DecodeError> {
        let bytes: [u8; 8] = exactly(bytes)?;
        let (flags, mask) = bytes.split_at(4);
        Ok(ServiceFlags {
            flags: exactly(flags).map(u32::from_ne_bytes)?,
            mask: exactly(mask).map(u32::from_ne_bytes)?,
        })
    }
}
