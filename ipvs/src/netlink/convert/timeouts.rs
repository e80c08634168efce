use std::time::Duration;

use ipvs_sys::{CmdAttr, IpvsMessage};
use netlink_packet_core::DecodeError;

use super::once;
use crate::Timeouts;

/// Writes the timeouts that are given. The kernel leaves a missing timeout, or one of 0, unchanged.
pub(crate) fn to_attributes(timeouts: &Timeouts) -> Vec<CmdAttr> {
    let seconds = |timeout: Duration| u32::try_from(timeout.as_secs()).unwrap_or(u32::MAX);
    [
        timeouts.tcp.map(seconds).map(CmdAttr::TimeoutTcp),
        timeouts.tcp_fin.map(seconds).map(CmdAttr::TimeoutTcpFin),
        timeouts.udp.map(seconds).map(CmdAttr::TimeoutUdp),
    ]
    .into_iter()
    .flatten()
    .collect()
}

pub(crate) fn from_message(message: IpvsMessage) -> Result<Timeouts, DecodeError> {
    let IpvsMessage::Config { attributes, .. } = message else {
        return Err("an answer to GET_INFO that was not asked for".into());
    };
    let mut timeouts = Timeouts::default();
    for attribute in attributes {
        let (slot, seconds, name) = match attribute {
            CmdAttr::TimeoutTcp(value) => (&mut timeouts.tcp, value, "IPVS_CMD_ATTR_TIMEOUT_TCP"),
            CmdAttr::TimeoutTcpFin(value) => (
                &mut timeouts.tcp_fin,
                value,
                "IPVS_CMD_ATTR_TIMEOUT_TCP_FIN",
            ),
            CmdAttr::TimeoutUdp(value) => (&mut timeouts.udp, value, "IPVS_CMD_ATTR_TIMEOUT_UDP"),
            _ => continue,
        };
        once(slot, Duration::from_secs(seconds.into()), name)?;
    }
    Ok(timeouts)
}
