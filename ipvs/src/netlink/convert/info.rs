use ipvs_sys::{InfoAttr, IpvsMessage};
use netlink_packet_core::DecodeError;

use super::{once, required};
use crate::{Info, Version};

pub(crate) fn from_message(message: IpvsMessage) -> Result<Info, DecodeError> {
    let IpvsMessage::Info(attributes) = message else {
        return Err("an answer that is not one to GET_INFO".into());
    };
    let (mut version, mut size) = (None, None);
    for attribute in attributes {
        match attribute {
            InfoAttr::Version(value) => once(&mut version, value, "IPVS_INFO_ATTR_VERSION"),
            InfoAttr::ConnTabSize(value) => once(&mut size, value, "IPVS_INFO_ATTR_CONN_TAB_SIZE"),
            _ => Ok(()),
        }?;
    }
    Ok(Info {
        version: Version::from(required(version, "IPVS_INFO_ATTR_VERSION")?),
        connection_table_size: required(size, "IPVS_INFO_ATTR_CONN_TAB_SIZE")?,
    })
}
