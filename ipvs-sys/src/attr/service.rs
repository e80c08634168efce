use netlink_packet_core::DecodeError;

use super::codec::{Address, Bytes, Codec, Native, Nested, Network, Text, exactly};
use super::{Stats64Attr, StatsAttr, space};
use crate::constants::{
    IPVS_SVC_ATTR_ADDR, IPVS_SVC_ATTR_AF, IPVS_SVC_ATTR_FLAGS, IPVS_SVC_ATTR_FWMARK,
    IPVS_SVC_ATTR_NETMASK, IPVS_SVC_ATTR_PE_NAME, IPVS_SVC_ATTR_PORT, IPVS_SVC_ATTR_PROTOCOL,
    IPVS_SVC_ATTR_SCHED_NAME, IPVS_SVC_ATTR_STATS, IPVS_SVC_ATTR_STATS64, IPVS_SVC_ATTR_TIMEOUT,
};

space! {
    /// The attributes of a service: identity, configuration and counters.
    ///
    /// `Af` with either `Fwmark`, or `Protocol`, `Addr` and `Port`, identifies a service. To add or
    /// replace one, the kernel also requires `SchedName`, `Flags`, `Timeout` and `Netmask`.
    SvcAttr {
        /// Address family: `AF_INET` (2) or `AF_INET6` (10).
        #[doc(alias = "IPVS_SVC_ATTR_AF")]
        Af(u16) = IPVS_SVC_ATTR_AF as Native,
        /// IP protocol: TCP 6, UDP 17, SCTP 132. The kernel stores any number.
        #[doc(alias = "IPVS_SVC_ATTR_PROTOCOL")]
        Protocol(u16) = IPVS_SVC_ATTR_PROTOCOL as Native,
        /// Virtual IP. An IPv4 address uses the first four bytes; the kernel ignores the rest.
        #[doc(alias = "IPVS_SVC_ATTR_ADDR")]
        Addr([u8; 16]) = IPVS_SVC_ATTR_ADDR as Address,
        /// Virtual port. 0 means every port.
        #[doc(alias = "IPVS_SVC_ATTR_PORT")]
        Port(u16) = IPVS_SVC_ATTR_PORT as Network,
        /// Firewall mark. The kernel reads 0 as "no mark" and creates a TCP service instead.
        #[doc(alias = "IPVS_SVC_ATTR_FWMARK")]
        Fwmark(u32) = IPVS_SVC_ATTR_FWMARK as Native,
        /// Scheduler name, at most 15 bytes.
        #[doc(alias = "IPVS_SVC_ATTR_SCHED_NAME")]
        SchedName(String) = IPVS_SVC_ATTR_SCHED_NAME as Text,
        /// Flags, with a mask of those to change.
        #[doc(alias = "IPVS_SVC_ATTR_FLAGS")]
        Flags(ServiceFlags) = IPVS_SVC_ATTR_FLAGS as Flags,
        /// Persistence timeout, in seconds. The kernel multiplies it by its tick rate in 32 bits and does
        /// not check for overflow.
        #[doc(alias = "IPVS_SVC_ATTR_TIMEOUT")]
        Timeout(u32) = IPVS_SVC_ATTR_TIMEOUT as Native,
        /// Persistence granularity. For IPv4, the four bytes of the netmask. For IPv6, the prefix
        /// length, 1 to 128, as a native `u32`.
        #[doc(alias = "IPVS_SVC_ATTR_NETMASK")]
        Netmask([u8; 4]) = IPVS_SVC_ATTR_NETMASK as Bytes,
        /// Statistics as 32-bit counters; only in answers.
        #[doc(alias = "IPVS_SVC_ATTR_STATS")]
        Stats(Vec<StatsAttr>) = IPVS_SVC_ATTR_STATS as Nested,
        /// Persistence engine, at most 16 bytes. Replacing a service without this attribute removes the
        /// engine.
        #[doc(alias = "IPVS_SVC_ATTR_PE_NAME")]
        PeName(String) = IPVS_SVC_ATTR_PE_NAME as Text,
        /// Statistics as 64-bit counters; only in answers, since 4.1.
        #[doc(alias = "IPVS_SVC_ATTR_STATS64")]
        Stats64(Vec<Stats64Attr>) = IPVS_SVC_ATTR_STATS64 as Nested,
    }
}

/// `struct ip_vs_flags`: the flags of a service, and the mask of those that a request changes.
///
/// The kernel stores `(old & !mask) | (flags & mask)`. It fills a shorter attribute with zeros, so
/// four bytes alone would change nothing.
#[doc(alias = "ip_vs_flags")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ServiceFlags {
    /// `IP_VS_SVC_F_*`.
    pub flags: u32,
    /// The bits of `flags` that take effect.
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
