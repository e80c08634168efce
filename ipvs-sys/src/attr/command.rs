use super::codec::{Codec, Native, Nested};
use super::{DaemonAttr, DestAttr, SvcAttr, space};
use crate::constants::{
    IPVS_CMD_ATTR_DAEMON, IPVS_CMD_ATTR_DEST, IPVS_CMD_ATTR_SERVICE, IPVS_CMD_ATTR_TIMEOUT_TCP,
    IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, IPVS_CMD_ATTR_TIMEOUT_UDP,
};

space! {
    /// The top-level attributes of every message except the answer to `IPVS_CMD_GET_INFO`, which uses
    /// [`InfoAttr`](super::InfoAttr).
    CmdAttr {
        /// The service that the request names or the answer describes.
        #[doc(alias = "IPVS_CMD_ATTR_SERVICE")]
        Service(Vec<SvcAttr>) = IPVS_CMD_ATTR_SERVICE as Nested,
        /// The destination that the request names or the answer describes.
        #[doc(alias = "IPVS_CMD_ATTR_DEST")]
        Dest(Vec<DestAttr>) = IPVS_CMD_ATTR_DEST as Nested,
        /// The sync daemon that the request names or the answer describes.
        #[doc(alias = "IPVS_CMD_ATTR_DAEMON")]
        Daemon(Vec<DaemonAttr>) = IPVS_CMD_ATTR_DAEMON as Nested,
        /// Timeout of idle TCP connections, in seconds. In a request, 0 leaves it unchanged.
        #[doc(alias = "IPVS_CMD_ATTR_TIMEOUT_TCP")]
        TimeoutTcp(u32) = IPVS_CMD_ATTR_TIMEOUT_TCP as Native,
        /// Timeout of TCP connections after a FIN, in seconds. In a request, 0 leaves it unchanged.
        #[doc(alias = "IPVS_CMD_ATTR_TIMEOUT_TCP_FIN")]
        TimeoutTcpFin(u32) = IPVS_CMD_ATTR_TIMEOUT_TCP_FIN as Native,
        /// Timeout of idle UDP flows, in seconds. In a request, 0 leaves it unchanged.
        #[doc(alias = "IPVS_CMD_ATTR_TIMEOUT_UDP")]
        TimeoutUdp(u32) = IPVS_CMD_ATTR_TIMEOUT_UDP as Native,
    }
}
