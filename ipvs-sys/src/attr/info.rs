use super::codec::{Codec, Native};
use super::space;
use crate::constants::{IPVS_INFO_ATTR_CONN_TAB_SIZE, IPVS_INFO_ATTR_VERSION};

space! {
    /// The top level of the answer to `IPVS_CMD_GET_INFO`.
    ///
    /// Its numbers mean something else in every other message ([`CmdAttr`](super::CmdAttr)).
    InfoAttr {
        /// Version as 0x00MMmmpp. It has been 1.2.1 since 2.6.28: no way to tell features.
        #[doc(alias = "IPVS_INFO_ATTR_VERSION")]
        Version(u32) = IPVS_INFO_ATTR_VERSION as Native,
        /// Buckets of the connection table.
        #[doc(alias = "IPVS_INFO_ATTR_CONN_TAB_SIZE")]
        ConnTabSize(u32) = IPVS_INFO_ATTR_CONN_TAB_SIZE as Native,
    }
}
