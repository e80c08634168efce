use super::codec::{Bytes, Codec, Native, Text};
use super::space;
use crate::constants::{
    IPVS_DAEMON_ATTR_MCAST_GROUP, IPVS_DAEMON_ATTR_MCAST_GROUP6, IPVS_DAEMON_ATTR_MCAST_IFN,
    IPVS_DAEMON_ATTR_MCAST_PORT, IPVS_DAEMON_ATTR_MCAST_TTL, IPVS_DAEMON_ATTR_STATE,
    IPVS_DAEMON_ATTR_SYNC_ID, IPVS_DAEMON_ATTR_SYNC_MAXLEN,
};

space! {
    /// The attributes of a connection-sync daemon.
    ///
    /// A start request needs `State`, `McastIfn` and `SyncId`. A stop request needs `State`.
    DaemonAttr {
        /// Role, `IP_VS_STATE_*`.
        #[doc(alias = "IPVS_DAEMON_ATTR_STATE")]
        State(u32) = IPVS_DAEMON_ATTR_STATE as Native,
        /// Interface, at most 15 bytes.
        #[doc(alias = "IPVS_DAEMON_ATTR_MCAST_IFN")]
        McastIfn(String) = IPVS_DAEMON_ATTR_MCAST_IFN as Text,
        /// Sync id. The kernel stores any number but sends only the lowest eight bits.
        #[doc(alias = "IPVS_DAEMON_ATTR_SYNC_ID")]
        SyncId(u32) = IPVS_DAEMON_ATTR_SYNC_ID as Native,
        /// Maximum length of a sync message, in bytes. The kernel clamps a value out of range.
        #[doc(alias = "IPVS_DAEMON_ATTR_SYNC_MAXLEN")]
        SyncMaxlen(u16) = IPVS_DAEMON_ATTR_SYNC_MAXLEN as Native,
        /// IPv4 multicast group.
        #[doc(alias = "IPVS_DAEMON_ATTR_MCAST_GROUP")]
        McastGroup([u8; 4]) = IPVS_DAEMON_ATTR_MCAST_GROUP as Bytes,
        /// IPv6 multicast group. The kernel ignores it if there is an IPv4 group.
        #[doc(alias = "IPVS_DAEMON_ATTR_MCAST_GROUP6")]
        McastGroup6([u8; 16]) = IPVS_DAEMON_ATTR_MCAST_GROUP6 as Bytes,
        /// UDP port, in host byte order, unlike every other port of this family.
        #[doc(alias = "IPVS_DAEMON_ATTR_MCAST_PORT")]
        McastPort(u16) = IPVS_DAEMON_ATTR_MCAST_PORT as Native,
        /// Time to live of the sync messages.
        #[doc(alias = "IPVS_DAEMON_ATTR_MCAST_TTL")]
        McastTtl(u8) = IPVS_DAEMON_ATTR_MCAST_TTL as Native,
    }
}
