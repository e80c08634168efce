use netlink_packet_core::DecodeError;

use super::codec::{Codec, Native};
use super::space;
use crate::constants::{
    IPVS_STATS_ATTR_CONNS, IPVS_STATS_ATTR_CPS, IPVS_STATS_ATTR_INBPS, IPVS_STATS_ATTR_INBYTES,
    IPVS_STATS_ATTR_INPKTS, IPVS_STATS_ATTR_INPPS, IPVS_STATS_ATTR_OUTBPS,
    IPVS_STATS_ATTR_OUTBYTES, IPVS_STATS_ATTR_OUTPKTS, IPVS_STATS_ATTR_OUTPPS, IPVS_STATS_ATTR_PAD,
};

space! {
    /// Statistics in the form that kernels before 4.1 send: connections, packets and rates are
    /// truncated to 32 bits.
    StatsAttr {
        /// Connections scheduled.
        #[doc(alias = "IPVS_STATS_ATTR_CONNS")]
        Conns(u32) = IPVS_STATS_ATTR_CONNS as Native,
        /// Packets from clients.
        #[doc(alias = "IPVS_STATS_ATTR_INPKTS")]
        InPkts(u32) = IPVS_STATS_ATTR_INPKTS as Native,
        /// Packets to clients that pass the director: all of them with masquerading, few or none with
        /// other forwarding methods.
        #[doc(alias = "IPVS_STATS_ATTR_OUTPKTS")]
        OutPkts(u32) = IPVS_STATS_ATTR_OUTPKTS as Native,
        /// Bytes from clients.
        #[doc(alias = "IPVS_STATS_ATTR_INBYTES")]
        InBytes(u64) = IPVS_STATS_ATTR_INBYTES as Native,
        /// Bytes to clients.
        #[doc(alias = "IPVS_STATS_ATTR_OUTBYTES")]
        OutBytes(u64) = IPVS_STATS_ATTR_OUTBYTES as Native,
        /// Connections per second.
        #[doc(alias = "IPVS_STATS_ATTR_CPS")]
        Cps(u32) = IPVS_STATS_ATTR_CPS as Native,
        /// Packets per second from clients.
        #[doc(alias = "IPVS_STATS_ATTR_INPPS")]
        InPps(u32) = IPVS_STATS_ATTR_INPPS as Native,
        /// Packets per second to clients.
        #[doc(alias = "IPVS_STATS_ATTR_OUTPPS")]
        OutPps(u32) = IPVS_STATS_ATTR_OUTPPS as Native,
        /// Bytes per second from clients.
        #[doc(alias = "IPVS_STATS_ATTR_INBPS")]
        InBps(u32) = IPVS_STATS_ATTR_INBPS as Native,
        /// Bytes per second to clients.
        #[doc(alias = "IPVS_STATS_ATTR_OUTBPS")]
        OutBps(u32) = IPVS_STATS_ATTR_OUTBPS as Native,
        /// Padding that aligns the next 64-bit value on some architectures.
        #[doc(alias = "IPVS_STATS_ATTR_PAD")]
        Pad(()) = IPVS_STATS_ATTR_PAD as Nothing,
    }
}

space! {
    /// Statistics as 64-bit counters, since 4.1.
    Stats64Attr {
        /// Connections scheduled.
        #[doc(alias = "IPVS_STATS_ATTR_CONNS")]
        Conns(u64) = IPVS_STATS_ATTR_CONNS as Native,
        /// Packets from clients.
        #[doc(alias = "IPVS_STATS_ATTR_INPKTS")]
        InPkts(u64) = IPVS_STATS_ATTR_INPKTS as Native,
        /// Packets to clients that pass the director: all of them with masquerading, few or none with
        /// other forwarding methods.
        #[doc(alias = "IPVS_STATS_ATTR_OUTPKTS")]
        OutPkts(u64) = IPVS_STATS_ATTR_OUTPKTS as Native,
        /// Bytes from clients.
        #[doc(alias = "IPVS_STATS_ATTR_INBYTES")]
        InBytes(u64) = IPVS_STATS_ATTR_INBYTES as Native,
        /// Bytes to clients.
        #[doc(alias = "IPVS_STATS_ATTR_OUTBYTES")]
        OutBytes(u64) = IPVS_STATS_ATTR_OUTBYTES as Native,
        /// Connections per second.
        #[doc(alias = "IPVS_STATS_ATTR_CPS")]
        Cps(u64) = IPVS_STATS_ATTR_CPS as Native,
        /// Packets per second from clients.
        #[doc(alias = "IPVS_STATS_ATTR_INPPS")]
        InPps(u64) = IPVS_STATS_ATTR_INPPS as Native,
        /// Packets per second to clients.
        #[doc(alias = "IPVS_STATS_ATTR_OUTPPS")]
        OutPps(u64) = IPVS_STATS_ATTR_OUTPPS as Native,
        /// Bytes per second from clients.
        #[doc(alias = "IPVS_STATS_ATTR_INBPS")]
        InBps(u64) = IPVS_STATS_ATTR_INBPS as Native,
        /// Bytes per second to clients.
        #[doc(alias = "IPVS_STATS_ATTR_OUTBPS")]
        OutBps(u64) = IPVS_STATS_ATTR_OUTBPS as Native,
        /// Padding that aligns the next 64-bit value on some architectures.
        #[doc(alias = "IPVS_STATS_ATTR_PAD")]
        Pad(()) = IPVS_STATS_ATTR_PAD as Nothing,
    }
}

/// An attribute without a value.
struct Nothing;

impl Codec<()> for Nothing {
    fn len((): &()) -> usize {
        0
    }
    fn emit((): &(), _: &mut [u8]) {}
    fn parse(_: &[u8]) -> Result<(), DecodeError> {
        Ok(())
    }
}
