//! The number that the kernel assigned to the family `fou` when it loaded the module.

use std::io;

use netlink_packet_generic::constants::{CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME};
use netlink_packet_generic::{GenlFamily, constants::GENL_ID_CTRL, ctrl::GenlCtrlCmd};
use rtnetlink::packet_core::DefaultNla;

use super::message::{Fou, Message};
use crate::host::netlink::Connection;

const CONTROLLER_VERSION: u8 = 2;

/// Looks up the number. Returns `None` if there is no such family.
pub(super) async fn find(connection: &Connection<Message>) -> io::Result<Option<u16>> {
    let mut name = Fou::family_name().as_bytes().to_vec();
    name.push(0);
    let name = [DefaultNla::new(CTRL_ATTR_FAMILY_NAME, name)];
    let request = Fou::new(
        GenlCtrlCmd::GetFamily.into(),
        CONTROLLER_VERSION,
        &name,
        GENL_ID_CTRL,
    );
    let answer = match connection.get(request).await {
        Err(source) if source.kind() == io::ErrorKind::NotFound => return Ok(None),
        answer => answer?,
    };
    let id = answer.and_then(|answer| answer.payload.value(CTRL_ATTR_FAMILY_ID));
    Ok(id
        .and_then(|bytes| bytes.try_into().ok())
        .map(u16::from_ne_bytes))
}
