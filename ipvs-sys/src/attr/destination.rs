use super::codec::{Address, Codec, Native, Nested, Network};
use super::{Stats64Attr, StatsAttr, space};
use crate::constants::{
    IPVS_DEST_ATTR_ACTIVE_CONNS, IPVS_DEST_ATTR_ADDR, IPVS_DEST_ATTR_ADDR_FAMILY,
    IPVS_DEST_ATTR_FWD_METHOD, IPVS_DEST_ATTR_INACT_CONNS, IPVS_DEST_ATTR_L_THRESH,
    IPVS_DEST_ATTR_PERSIST_CONNS, IPVS_DEST_ATTR_PORT, IPVS_DEST_ATTR_STATS,
    IPVS_DEST_ATTR_STATS64, IPVS_DEST_ATTR_TUN_FLAGS, IPVS_DEST_ATTR_TUN_PORT,
    IPVS_DEST_ATTR_TUN_TYPE, IPVS_DEST_ATTR_U_THRESH, IPVS_DEST_ATTR_WEIGHT,
};

space! {
    /// The attributes of a destination: identity, configuration and counters.
    ///
    /// `Addr`, `Port` and `AddrFamily` identify a destination. To add or replace one, the kernel also
    /// requires `FwdMethod`, `Weight`, `UThresh` and `LThresh`.
    DestAttr {
        /// Address of the real server. An IPv4 address uses the first four bytes.
        #[doc(alias = "IPVS_DEST_ATTR_ADDR")]
        Addr([u8; 16]) = IPVS_DEST_ATTR_ADDR as Address,
        /// Port of the real server. 0 keeps the port that the client used.
        #[doc(alias = "IPVS_DEST_ATTR_PORT")]
        Port(u16) = IPVS_DEST_ATTR_PORT as Network,
        /// Forwarding method, `IP_VS_CONN_F_*`. The kernel uses only the lowest three bits.
        #[doc(alias = "IPVS_DEST_ATTR_FWD_METHOD")]
        FwdMethod(u32) = IPVS_DEST_ATTR_FWD_METHOD as Native,
        /// Weight. The kernel refuses a negative one with `ERANGE`.
        #[doc(alias = "IPVS_DEST_ATTR_WEIGHT")]
        Weight(i32) = IPVS_DEST_ATTR_WEIGHT as Native,
        /// Upper connection threshold. 0 means no threshold.
        #[doc(alias = "IPVS_DEST_ATTR_U_THRESH")]
        UThresh(u32) = IPVS_DEST_ATTR_U_THRESH as Native,
        /// Lower connection threshold. 0 means three quarters of the upper one.
        #[doc(alias = "IPVS_DEST_ATTR_L_THRESH")]
        LThresh(u32) = IPVS_DEST_ATTR_L_THRESH as Native,
        /// Active connections; only in answers.
        #[doc(alias = "IPVS_DEST_ATTR_ACTIVE_CONNS")]
        ActiveConns(u32) = IPVS_DEST_ATTR_ACTIVE_CONNS as Native,
        /// Inactive connections; only in answers.
        #[doc(alias = "IPVS_DEST_ATTR_INACT_CONNS")]
        InactConns(u32) = IPVS_DEST_ATTR_INACT_CONNS as Native,
        /// Persistence templates; only in answers.
        #[doc(alias = "IPVS_DEST_ATTR_PERSIST_CONNS")]
        PersistConns(u32) = IPVS_DEST_ATTR_PERSIST_CONNS as Native,
        /// Statistics as 32-bit counters; only in answers.
        #[doc(alias = "IPVS_DEST_ATTR_STATS")]
        Stats(Vec<StatsAttr>) = IPVS_DEST_ATTR_STATS as Nested,
        /// Address family, since 3.18. Without it, the kernel uses the family of the service.
        #[doc(alias = "IPVS_DEST_ATTR_ADDR_FAMILY")]
        AddrFamily(u16) = IPVS_DEST_ATTR_ADDR_FAMILY as Native,
        /// Statistics as 64-bit counters; only in answers, since 4.1.
        #[doc(alias = "IPVS_DEST_ATTR_STATS64")]
        Stats64(Vec<Stats64Attr>) = IPVS_DEST_ATTR_STATS64 as Nested,
        /// Tunnel type, `IP_VS_CONN_F_TUNNEL_TYPE_*`, since 5.2. Replacing a destination without this
        /// attribute sets the type to IPIP.
        #[doc(alias = "IPVS_DEST_ATTR_TUN_TYPE")]
        TunType(u8) = IPVS_DEST_ATTR_TUN_TYPE as Native,
        /// UDP port of a GUE tunnel, since 5.2.
        #[doc(alias = "IPVS_DEST_ATTR_TUN_PORT")]
        TunPort(u16) = IPVS_DEST_ATTR_TUN_PORT as Network,
        /// Checksum flags of the tunnel, `IP_VS_TUNNEL_ENCAP_FLAG_*`, since 5.3.
        #[doc(alias = "IPVS_DEST_ATTR_TUN_FLAGS")]
        TunFlags(u16) = IPVS_DEST_ATTR_TUN_FLAGS as Native,
    }
}
