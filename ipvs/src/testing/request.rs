//! What is asked, and who answers it.

use ipvs_sys::constants::{
    IPVS_CMD_ATTR_DAEMON, IPVS_CMD_ATTR_DEST, IPVS_CMD_ATTR_SERVICE, IPVS_CMD_ATTR_TIMEOUT_TCP,
    IPVS_CMD_ATTR_TIMEOUT_UDP, IPVS_GENL_VERSION,
};
use ipvs_sys::{CmdAttr, Command, DaemonAttr, DestAttr, IpvsMessage, SvcAttr};
use netlink_packet_core::{NLM_F_DUMP, NlasIterator, ParseableParametrized};
use netlink_packet_generic::GenlHeader;

use super::config;
use super::dump::Dumped;
use super::state::{Fault, State};
use crate::Errno;

/// What comes of a request that was not refused.
pub(super) enum Outcome {
    Done,
    Answer(IpvsMessage),
    Dump(Dumped),
    Silence,
}

/// The top level of a request. Of what comes twice, the last counts.
#[derive(Debug, Default)]
pub(super) struct Attributes {
    pub(super) service: Option<Vec<SvcAttr>>,
    pub(super) destination: Option<Vec<DestAttr>>,
    pub(super) daemon: Option<Vec<DaemonAttr>>,
    /// TCP, TCP after a FIN, UDP.
    pub(super) timeouts: [Option<u32>; 3],
}

impl State {
    /// Carries out the request in the payload of a message of the family. The kernel checks in this
    /// order.
    pub(super) fn request(&mut self, flags: u16, payload: &[u8]) -> Result<Outcome, Errno> {
        let (header, attributes) = payload.split_first_chunk::<4>().ok_or(Errno::EINVAL)?;
        let [number, ..] = *header;
        let command = Command::try_from(number).map_err(|_| Errno::EOPNOTSUPP)?;
        let is_dump = flags & NLM_F_DUMP == NLM_F_DUMP;
        let is_known = match command {
            Command::SetInfo => false,
            Command::GetService => true,
            Command::GetDest | Command::GetDaemon => is_dump,
            _ => !is_dump,
        };
        if !is_known {
            return Err(Errno::EOPNOTSUPP);
        }
        self.requests.push(command);
        if !self.privileged {
            return Err(Errno::EPERM);
        }
        match self.take_fault(command) {
            Some(Fault::Refuse(errno)) => Err(errno),
            Some(Fault::Silence) => {
                let _ = self.carry_out(command, is_dump, attributes);
                Ok(Outcome::Silence)
            }
            None => self.carry_out(command, is_dump, attributes),
        }
    }

    fn carry_out(
        &mut self,
        command: Command,
        is_dump: bool,
        attributes: &[u8],
    ) -> Result<Outcome, Errno> {
        let attributes = Attributes::parse(command, attributes);
        if is_dump {
            return Ok(Outcome::Dump(match command {
                Command::GetDaemon => Dumped::Daemons,
                Command::GetService => Dumped::Services,
                // Whatever is wrong with the question, the answer is an empty dump.
                _ => Dumped::Destinations(
                    attributes
                        .and_then(|attributes| self.named(&attributes))
                        .ok(),
                ),
            }));
        }
        let attributes = attributes?;
        match command {
            Command::GetService => return self.read_service(&attributes).map(Outcome::Answer),
            Command::GetConfig => return Ok(Outcome::Answer(self.table.read_timeouts())),
            Command::GetInfo => return Ok(Outcome::Answer(config::info())),
            Command::NewService => self.add_service(&attributes),
            Command::SetService => self.update_service(&attributes),
            Command::DelService => self.delete_service(&attributes),
            Command::NewDest => self.add_destination(&attributes),
            Command::SetDest => self.update_destination(&attributes),
            Command::DelDest => self.delete_destination(&attributes),
            Command::NewDaemon => self.start_daemon(&attributes),
            Command::DelDaemon => self.stop_daemon(&attributes),
            Command::SetConfig => self.table.set_timeouts(attributes.timeouts),
            Command::Zero => self.zero(&attributes),
            Command::Flush => {
                self.table.flush();
                Ok(())
            }
            _ => Err(Errno::EOPNOTSUPP),
        }
        .map(|()| Outcome::Done)
    }
}

impl Attributes {
    fn parse(command: Command, bytes: &[u8]) -> Result<Self, Errno> {
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

/// At the top level alone, what is too short is out of range.
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
