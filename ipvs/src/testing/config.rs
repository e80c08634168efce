//! Requests that are not about one service: timeouts, version.

use ipvs_sys::{CmdAttr, Command, Errno, InfoAttr, IpvsMessage};

use super::state::{TICK_RATE, Table};

const VERSION: u32 = 0x0001_0201;
pub(super) const CONNECTION_TABLE_SIZE: u32 = 4096;

impl Table {
    /// A timeout of 0, like a missing one, leaves the value unchanged. If one is refused, none is set.
    pub(super) fn set_timeouts(&mut self, wanted: [Option<u32>; 3]) -> Result<(), Errno> {
        let longest = i32::MAX.unsigned_abs() / TICK_RATE;
        let wanted = wanted.map(|seconds| seconds.filter(|seconds| *seconds != 0));
        if wanted.iter().flatten().any(|seconds| *seconds > longest) {
            return Err(Errno::EINVAL);
        }
        for (timeout, wanted) in self.timeouts.iter_mut().zip(wanted) {
            *timeout = wanted.unwrap_or(*timeout);
        }
        Ok(())
    }

    pub(super) fn read_timeouts(&self) -> IpvsMessage {
        let [tcp, tcp_fin, udp] = self.timeouts;
        let attributes = vec![
            CmdAttr::TimeoutTcp(tcp),
            CmdAttr::TimeoutTcpFin(tcp_fin),
            CmdAttr::TimeoutUdp(udp),
        ];
        IpvsMessage::new(Command::SetConfig, attributes)
    }
}

pub(super) fn info() -> IpvsMessage {
    IpvsMessage::Info(vec![
        InfoAttr::Version(VERSION),
        InfoAttr::ConnTabSize(CONNECTION_TABLE_SIZE),
    ])
}
