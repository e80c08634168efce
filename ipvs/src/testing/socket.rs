//! The socket to the fake kernel: datagrams in, datagrams out.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};

use ipvs_sys::constants::IPVS_GENL_NAME;
use ipvs_sys::{Deadline, Errno, Transport};
use netlink_packet_core::{
    NLM_F_ACK, NLM_F_REQUEST, NetlinkBuffer, NetlinkHeader, NlasIterator, Parseable,
};

use super::answer;
use super::dump::Dump;
use super::request::Outcome;
use super::state::{State, lock};

/// The id of the generic netlink controller. Lower ids are control messages, not requests.
const CONTROLLER: u16 = 16;
const CTRL_CMD_GETFAMILY: u8 = 3;
const CTRL_ATTR_FAMILY_NAME: u16 = 2;

/// A socket to a [`FakeKernel`](super::FakeKernel).
///
/// It answers during the send, so a client never has to wait. Receiving when there is no answer fails
/// at once with [`io::ErrorKind::TimedOut`].
#[derive(Debug)]
pub struct Socket {
    kernel: Arc<Mutex<State>>,
    answers: VecDeque<Vec<u8>>,
    dump: Option<Dump>,
    /// The largest receive buffer that the client has offered so far.
    offered: usize,
}

impl Socket {
    pub(super) fn new(kernel: Arc<Mutex<State>>) -> Self {
        Self {
            kernel,
            answers: VecDeque::new(),
            dump: None,
            offered: 0,
        }
    }

    /// Whether the rest of this send is answered.
    fn request(&mut self, header: &NetlinkHeader, payload: &[u8]) -> bool {
        let is_request = header.flags & NLM_F_REQUEST != 0 && header.message_type >= CONTROLLER;
        let outcome = if is_request {
            self.outcome(header, payload)
        } else {
            Ok(Outcome::Done)
        };
        let (is_asked, done) = (
            header.flags & NLM_F_ACK != 0,
            answer::outcome(header, Ok(())),
        );
        match outcome {
            Err(errno) => self.answers.push_back(answer::outcome(header, Err(errno))),
            Ok(Outcome::Silence) => return false,
            // A dump is not acknowledged.
            Ok(Outcome::Dump(_)) => self.go_on(),
            Ok(Outcome::Done) => self.answers.extend(is_asked.then_some(done)),
            Ok(Outcome::Answer(message)) => {
                let family = header.message_type;
                let message = answer::message(header, 0, family, message);
                self.answers.push_back(message);
                self.answers.extend(is_asked.then_some(done));
            }
        }
        true
    }

    fn outcome(&mut self, header: &NetlinkHeader, payload: &[u8]) -> Result<Outcome, Errno> {
        let mut state = lock(&self.kernel);
        if header.message_type == CONTROLLER {
            let is_found = is_question_for_family(payload)? && state.loaded;
            let found = is_found.then(|| answer::family(header, state.family));
            self.answers.push_back(found.ok_or(Errno::ENOENT)?);
            return Ok(Outcome::Done);
        }
        if !state.loaded || header.message_type != state.family {
            return Err(Errno::ENOENT);
        }
        let outcome = state.request(header.flags, payload)?;
        if let Outcome::Dump(what) = outcome {
            if self.dump.is_some() {
                return Err(Errno::EBUSY);
            }
            self.dump = Some(Dump::new(what, *header));
        }
        Ok(outcome)
    }

    /// Sends the next datagram of a dump in progress.
    fn go_on(&mut self) {
        let Some(dump) = &mut self.dump else {
            return;
        };
        if let Some(piece) = dump.next(&lock(&self.kernel), self.offered) {
            self.answers.push_back(piece);
        } else {
            self.answers.push_back(dump.end());
            self.dump = None;
        }
    }
}

impl Transport for Socket {
    fn send(&mut self, datagram: &[u8]) -> io::Result<()> {
        let mut rest = datagram;
        let mut heard = None;
        // The kernel stops silently at a truncated message.
        while let Ok(message) = NetlinkBuffer::new_checked(rest) {
            if let Ok(header) = NetlinkHeader::parse(&NetlinkBuffer::new(&rest)) {
                let is_answered = self.request(&header, message.payload());
                if !is_answered {
                    heard.get_or_insert(self.answers.len());
                }
            }
            let length = usize::try_from(message.length()).unwrap_or(usize::MAX);
            rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        }
        self.answers.truncate(heard.unwrap_or(usize::MAX));
        Ok(())
    }

    fn receive(&mut self, buffer: &mut [u8], _: &mut Deadline) -> io::Result<usize> {
        let answer = self.answers.pop_front().ok_or(io::ErrorKind::TimedOut)?;
        buffer
            .iter_mut()
            .zip(&answer)
            .for_each(|(to, from)| *to = *from);
        self.offered = self.offered.max(buffer.len());
        self.go_on();
        Ok(answer.len())
    }
}

/// Whether this is a lookup of the IPVS family. The fake controller supports nothing else.
fn is_question_for_family(payload: &[u8]) -> Result<bool, Errno> {
    let (header, attributes) = payload.split_first_chunk::<4>().ok_or(Errno::EINVAL)?;
    let [command, ..] = *header;
    if command != CTRL_CMD_GETFAMILY {
        return Err(Errno::EOPNOTSUPP);
    }
    let mut attributes = NlasIterator::new(attributes).map_while(Result::ok);
    let name = attributes.find(|attribute| attribute.kind() == CTRL_ATTR_FAMILY_NAME);
    let name = name.ok_or(Errno::EINVAL)?;
    Ok(name.value().strip_suffix(b"\0") == Some(IPVS_GENL_NAME.as_bytes()))
}
