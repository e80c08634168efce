//! Decodes the top-level attributes of a request.

use ipvs_sys::constants::{
    IPVS_CMD_ATTR_DAEMON, IPVS_CMD_ATTR_DEST, IPVS_CMD_ATTR_SERVICE, IPVS_CMD_ATTR_TIMEOUT_TCP,
    IPVS_CMD_ATTR_TIMEOUT_UDP, IPVS_GENL_VERSION,
};
use ipvs_sys::{CmdAttr, Command, DaemonAttr, DestAttr, Errno, IpvsMessage, SvcAttr};
use netlink_packet_core::{NlasIterator, ParseableParametrized};
use netlink_packet_generic::GenlHeader;

/// The top-level attributes of a request. If one is repeated, the last counts.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    pub(super) service: Option<Vec<SvcAttr>>,
    pub(super) destination: Option<Vec<DestAttr>>,
    pub(super) daemon: Option<Vec<DaemonAttr>>,
    /// The timeouts of TCP, TCP after a FIN, and UDP.
    pub(super) timeouts: [Option<u32>; 3],
}

impl Attributes {
    pub(super) fn parse(command: Command, bytes: &[u8]) -> Result<Self, Errno> {
        check_lengths(bytes)?;
        let header = GenlHeader {
            cmd: command as u8,
            version: IPVS_GENL_VERSION,
        };
        let message = IpvsMessage::parse_with_param(bytes, header).map_err(|_| Errno::EINVAL)?;
        let IpvsMessage::Config { attributes, .. } = message else {
            return Err(Errno::EINVAL);
        };
        let mut found = Self::default();
        let [tcp, tcp_fin, udp] = &mut found.timeouts;
        for attribute in attributes {
            match attribute {
                CmdAttr::Service(it) => found.service = Some(it),
                CmdAttr::Dest(it) => found.destination = Some(it),
                CmdAttr::Daemon(it) => found.daemon = Some(it),
                CmdAttr::TimeoutTcp(seconds) => *tcp = Some(seconds),
                CmdAttr::TimeoutTcpFin(seconds) => *tcp_fin = Some(seconds),
                CmdAttr::TimeoutUdp(seconds) => *udp = Some(seconds),
                _ => {}
            }
        }
        Ok(found)
    }
}

/// Only at the top level is an attribute that is too short refused with `ERANGE`.
fn check_lengths(bytes: &[u8]) -> Result<(), Errno> {
    for attribute in NlasIterator::new(bytes).map_while(Result::ok) {
        let length = attribute.value_length();
        let is_short = match attribute.kind() {
            IPVS_CMD_ATTR_SERVICE | IPVS_CMD_ATTR_DEST | IPVS_CMD_ATTR_DAEMON => {
                (1..4).contains(&length)
            }
            IPVS_CMD_ATTR_TIMEOUT_TCP..=IPVS_CMD_ATTR_TIMEOUT_UDP => length < 4,
            _ => false,
        };
        if is_short {
            return Err(Errno::ERANGE);
        }
    }
    Ok(())
}
