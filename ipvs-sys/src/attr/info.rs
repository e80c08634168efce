use super::codec::{Codec, Native};
use super::space;
use crate::constants::{IPVS_INFO_ATTR_CONN_TAB_SIZE, IPVS_INFO_ATTR_VERSION};

space! {
    /// The top-level attributes of the answer to `IPVS_CMD_GET_INFO`.
    ///
    /// In every other message the same numbers mean [`CmdAttr`](super::CmdAttr).
    InfoAttr {
        /// Version as 0x00MMmmpp. It has been 1.2.1 since Linux 2.6.28, so it does not tell which
        /// features the kernel has.
        #[doc(alias = "IPVS_INFO_ATTR_VERSION")]
        Version(u32) = IPVS_INFO_ATTR_VERSION as Native,
        /// Size of the connection table, in buckets.
        #[doc(alias = "IPVS_INFO_ATTR_CONN_TAB_SIZE")]
        ConnTabSize(u32) = IPVS_INFO_ATTR_CONN_TAB_SIZE as Native,
    }
}
