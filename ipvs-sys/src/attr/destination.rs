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
    /// A destination of a service: what identifies it, how it is configured, what it counted.
    ///
    /// It is identified by `Addr`, `Port` and `AddrFamily`. To add or replace one, the kernel also
    /// insists on `FwdMethod`, `Weight`, `UThresh` and `LThresh`.
    DestAttr {
        /// Address of the real server. IPv4 takes the first four bytes.
        #[doc(alias = "IPVS_DEST_ATTR_ADDR")]
        Addr([u8; 16]) = IPVS_DEST_ATTR_ADDR as Address,
        /// Its port; 0 is the port that the packet came for.
        #[doc(alias = "IPVS_DEST_ATTR_PORT")]
        Port(u16) = IPVS_DEST_ATTR_PORT as Network,
        /// Forwarding method, `IP_VS_CONN_F_*`. The kernel keeps the lowest three bits.
        #[doc(alias = "IPVS_DEST_ATTR_FWD_METHOD")]
        FwdMethod(u32) = IPVS_DEST_ATTR_FWD_METHOD as Native,
        /// Weight; negative ones are refused with `ERANGE`.
        #[doc(alias = "IPVS_DEST_ATTR_WEIGHT")]
        Weight(i32) = IPVS_DEST_ATTR_WEIGHT as Native,
        /// Upper threshold of connections; 0 is none.
        #[doc(alias = "IPVS_DEST_ATTR_U_THRESH")]
        UThresh(u32) = IPVS_DEST_ATTR_U_THRESH as Native,
        /// Lower threshold of connections; 0 is three quarters of the upper one.
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
        /// Statistics in 32 bits; only in answers.
        #[doc(alias = "IPVS_DEST_ATTR_STATS")]
        Stats(Vec<StatsAttr>) = IPVS_DEST_ATTR_STATS as Nested,
        /// Address family, since 3.18. Without it the kernel takes the service's.
        #[doc(alias = "IPVS_DEST_ATTR_ADDR_FAMILY")]
        AddrFamily(u16) = IPVS_DEST_ATTR_ADDR_FAMILY as Native,
        /// Statistics in 64 bits; only in answers, since 4.1.
        #[doc(alias = "IPVS_DEST_ATTR_STATS64")]
        Stats64(Vec<Stats64Attr>) = IPVS_DEST_ATTR_STATS64 as Nested,
        /// Encapsulation, `IP_VS_CONN_F_TUNNEL_TYPE_*`, since 5.2. Replacing a destination without
        /// it makes it IPIP.
        #[doc(alias = "IPVS_DEST_ATTR_TUN_TYPE")]
        TunType(u8) = IPVS_DEST_ATTR_TUN_TYPE as Native,
        /// UDP port of the encapsulation, since 5.2.
        #[doc(alias = "IPVS_DEST_ATTR_TUN_PORT")]
        TunPort(u16) = IPVS_DEST_ATTR_TUN_PORT as Network,
        /// Checksums of the encapsulation, `IP_VS_TUNNEL_ENCAP_FLAG_*`, since 5.3.
        #[doc(alias = "IPVS_DEST_ATTR_TUN_FLAGS")]
        TunFlags(u16) = IPVS_DEST_ATTR_TUN_FLAGS as Native,
    }
}
