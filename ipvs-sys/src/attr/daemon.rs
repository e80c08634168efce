use super::codec::{Bytes, Codec, Native, Text};
use super::space;
use crate::constants::{
    IPVS_DAEMON_ATTR_MCAST_GROUP, IPVS_DAEMON_ATTR_MCAST_GROUP6, IPVS_DAEMON_ATTR_MCAST_IFN,
    IPVS_DAEMON_ATTR_MCAST_PORT, IPVS_DAEMON_ATTR_MCAST_TTL, IPVS_DAEMON_ATTR_STATE,
    IPVS_DAEMON_ATTR_SYNC_ID, IPVS_DAEMON_ATTR_SYNC_MAXLEN,
};

space! {
    /// A sync daemon.
    ///
    /// Starting one needs `State`, `McastIfn` and `SyncId`; stopping one needs `State`.
    DaemonAttr {
        /// Role, `IP_VS_STATE_*`.
        #[doc(alias = "IPVS_DAEMON_ATTR_STATE")]
        State(u32) = IPVS_DAEMON_ATTR_STATE as Native,
        /// Interface, at most 15 bytes.
        #[doc(alias = "IPVS_DAEMON_ATTR_MCAST_IFN")]
        McastIfn(String) = IPVS_DAEMON_ATTR_MCAST_IFN as Text,
        /// Sync id. The kernel stores any number, and sends the lowest eight bits.
        #[doc(alias = "IPVS_DAEMON_ATTR_SYNC_ID")]
        SyncId(u32) = IPVS_DAEMON_ATTR_SYNC_ID as Native,
        /// Longest sync message in bytes. Out of range, it is clamped, not refused.
        #[doc(alias = "IPVS_DAEMON_ATTR_SYNC_MAXLEN")]
        SyncMaxlen(u16) = IPVS_DAEMON_ATTR_SYNC_MAXLEN as Native,
        /// IPv4 multicast group.
        #[doc(alias = "IPVS_DAEMON_ATTR_MCAST_GROUP")]
        McastGroup([u8; 4]) = IPVS_DAEMON_ATTR_MCAST_GROUP as Bytes,
        /// IPv6 multicast group; ignored beside an IPv4 one.
        #[doc(alias = "IPVS_DAEMON_ATTR_MCAST_GROUP6")]
        McastGroup6([u8; 16]) = IPVS_DAEMON_ATTR_MCAST_GROUP6 as Bytes,
        /// UDP port. Unlike every other port of this family, in host order.
        #[doc(alias = "IPVS_DAEMON_ATTR_MCAST_PORT")]
        McastPort(u16) = IPVS_DAEMON_ATTR_MCAST_PORT as Native,
        /// Time to live of the sync messages.
        #[doc(alias = "IPVS_DAEMON_ATTR_MCAST_TTL")]
        McastTtl(u8) = IPVS_DAEMON_ATTR_MCAST_TTL as Native,
    }
}
