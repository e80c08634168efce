use super::codec::{Codec, Native, Nested};
use super::{DaemonAttr, DestAttr, SvcAttr, space};
use crate::constants::{
    IPVS_CMD_ATTR_DAEMON, IPVS_CMD_ATTR_DEST, IPVS_CMD_ATTR_SERVICE, IPVS_CMD_ATTR_TIMEOUT_TCP,
    IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, IPVS_CMD_ATTR_TIMEOUT_UDP,
};

space! {
    /// The top level of every message but the answer to `IPVS_CMD_GET_INFO` ([`InfoAttr`](super::InfoAttr)).
    CmdAttr {
        /// The service that the request is about, or that was read.
        #[doc(alias = "IPVS_CMD_ATTR_SERVICE")]
        Service(Vec<SvcAttr>) = IPVS_CMD_ATTR_SERVICE as Nested,
        /// The destination that the request is about, or that was read.
        #[doc(alias = "IPVS_CMD_ATTR_DEST")]
        Dest(Vec<DestAttr>) = IPVS_CMD_ATTR_DEST as Nested,
        /// The sync daemon that the request is about, or that was read.
        #[doc(alias = "IPVS_CMD_ATTR_DAEMON")]
        Daemon(Vec<DaemonAttr>) = IPVS_CMD_ATTR_DAEMON as Nested,
        /// Seconds that an idle TCP connection is kept. 0 in a request keeps what is set.
        #[doc(alias = "IPVS_CMD_ATTR_TIMEOUT_TCP")]
        TimeoutTcp(u32) = IPVS_CMD_ATTR_TIMEOUT_TCP as Native,
        /// Seconds that a TCP connection is kept after a FIN. 0 in a request keeps what is set.
        #[doc(alias = "IPVS_CMD_ATTR_TIMEOUT_TCP_FIN")]
        TimeoutTcpFin(u32) = IPVS_CMD_ATTR_TIMEOUT_TCP_FIN as Native,
        /// Seconds that an idle UDP flow is kept. 0 in a request keeps what is set.
        #[doc(alias = "IPVS_CMD_ATTR_TIMEOUT_UDP")]
        TimeoutUdp(u32) = IPVS_CMD_ATTR_TIMEOUT_UDP as Native,
    }
}
