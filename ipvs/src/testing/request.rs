//! Dispatches requests to the code that answers them.

use ipvs_sys::{Command, Errno, IpvsMessage};
use netlink_packet_core::NLM_F_DUMP;

use super::attributes::Attributes;
use super::config;
use super::dump::Dumped;
use super::state::{Fault, State};

/// The answer to a request that is not refused.
pub(super) enum Outcome {
    Done,
    Answer(IpvsMessage),
    Dump(Dumped),
    Silence,
}

impl State {
    /// Carries out the request in the payload of a message of the IPVS family, with the checks in the
    /// kernel's order.
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
                // The kernel answers any malformed dump request with an empty dump.
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
