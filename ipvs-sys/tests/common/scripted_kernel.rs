//! A kernel whose part is written down beforehand.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Instant;

use ipvs_sys::{Conversation, Deadline, Errno, IpvsMessage, Limits, Transport};
use netlink_packet_core::{NLM_F_MULTIPART, NLMSG_DONE, NLMSG_ERROR};

use super::{FAMILY, attribute, payload};

/// The family that knows the others' numbers, `GENL_ID_CTRL`.
pub(crate) const CONTROLLER: u16 = 16;
const CTRL_CMD_NEWFAMILY: u8 = 1;
const CTRL_ATTR_FAMILY_ID: u16 = 1;

/// What one look at the socket brings. Where the script has nothing more, there is silence.
pub(crate) enum Delivery {
    Datagram(Vec<u8>),
    /// A datagram of that many bytes, whatever the room for it.
    Oversized(usize),
    Failure(Errno),
}

/// Several messages in one datagram.
pub(crate) fn datagram(messages: impl AsRef<[Vec<u8>]>) -> Delivery {
    Delivery::Datagram(messages.as_ref().concat())
}

/// A request as it arrived, which knows how to be answered.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) kind: u16,
    pub(crate) flags: u16,
    pub(crate) sequence: u32,
    pub(crate) bytes: Vec<u8>,
    /// Until when each look for its answer would have waited.
    pub(crate) deadlines: Vec<Instant>,
}

impl Request {
    fn read(bytes: &[u8]) -> Self {
        let u16_at = |at| u16::from_ne_bytes(bytes[at..at + 2].try_into().unwrap());
        let u32_at = |at| u32::from_ne_bytes(bytes[at..at + 4].try_into().unwrap());
        Self {
            kind: u16_at(4),
            flags: u16_at(6),
            sequence: u32_at(8),
            bytes: bytes.to_vec(),
            deadlines: Vec::new(),
        }
    }

    /// All that are in a datagram.
    fn read_all(datagram: &[u8]) -> Vec<Self> {
        let mut rest = datagram;
        let mut requests = Vec::new();
        while !rest.is_empty() {
            let length = u32::from_ne_bytes(rest[..4].try_into().unwrap()) as usize;
            assert_eq!(length % 4, 0, "the next request would not be aligned");
            let (first, behind) = rest.split_at(length);
            requests.push(Self::read(first));
            rest = behind;
        }
        requests
    }

    /// From the generic netlink header on.
    pub(crate) fn payload(&self) -> &[u8] {
        &self.bytes[16..]
    }

    /// Any message under the request's sequence number.
    pub(crate) fn message(&self, kind: u16, flags: u16, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(16 + payload.len()).unwrap();
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(flags.to_ne_bytes());
        bytes.extend(self.sequence.to_ne_bytes());
        bytes.extend(4711u32.to_ne_bytes());
        bytes.extend(payload);
        bytes.resize(bytes.len().next_multiple_of(4), 0);
        bytes
    }

    /// The only answer to a `get`.
    pub(crate) fn answer(&self, message: &IpvsMessage) -> Vec<u8> {
        self.message(self.kind, 0, &payload(message))
    }

    /// One of the messages of a dump.
    pub(crate) fn entry(&self, message: &IpvsMessage) -> Vec<u8> {
        self.message(self.kind, NLM_F_MULTIPART, &payload(message))
    }

    /// `NLMSG_DONE`.
    pub(crate) fn done(&self) -> Vec<u8> {
        self.message(NLMSG_DONE, NLM_F_MULTIPART, &[0; 4])
    }

    /// `NLMSG_ERROR` without an error.
    pub(crate) fn ack(&self) -> Vec<u8> {
        self.message(NLMSG_ERROR, 0, &[&[0; 4], &self.bytes[..16]].concat())
    }

    /// `NLMSG_ERROR` with the request behind it.
    pub(crate) fn refusal(&self, errno: Errno) -> Vec<u8> {
        let code = (-(errno as i32)).to_ne_bytes();
        self.message(NLMSG_ERROR, 0, &[&code, &self.bytes[..]].concat())
    }

    /// What the controller says of the family's number.
    pub(crate) fn family(&self, number: u16) -> Vec<u8> {
        let mut payload = vec![CTRL_CMD_NEWFAMILY, 2, 0, 0];
        payload.extend(attribute(CTRL_ATTR_FAMILY_ID, &number.to_ne_bytes()));
        self.message(self.kind, 0, &payload)
    }
}

type Step = Box<dyn FnOnce(&[Request]) -> Vec<Delivery> + Send>;

/// The other end of a [`Conversation`]: one step of the script for each request.
///
/// When it goes, it insists that every step was taken and everything said was heard.
#[derive(Default)]
pub(crate) struct ScriptedKernel {
    script: VecDeque<Step>,
    pending: VecDeque<Delivery>,
    requests: Arc<Mutex<Vec<Request>>>,
    limits: Option<(usize, usize)>,
    /// A longer datagram is refused.
    pub(crate) longest_send: Option<usize>,
}

impl ScriptedKernel {
    /// One that has been asked for nothing yet, the number of the family included.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// What it says to the next request.
    pub(crate) fn then(
        self,
        step: impl FnOnce(&Request) -> Vec<Delivery> + Send + 'static,
    ) -> Self {
        self.then_to_batch(|requests| {
            assert_eq!(requests.len(), 1, "one request a datagram");
            step(&requests[0])
        })
    }

    /// What it says to the next datagram, of any number of requests.
    pub(crate) fn then_to_batch(
        mut self,
        step: impl FnOnce(&[Request]) -> Vec<Delivery> + Send + 'static,
    ) -> Self {
        self.script.push_back(Box::new(step));
        self
    }

    /// How much may be sent at once.
    pub(crate) fn with_limits(mut self, bytes: usize, answers: usize) -> Self {
        self.limits = Some((bytes, answers));
        self
    }

    /// The next request asks for the number of the family.
    pub(crate) fn then_looks_up(self, number: u16) -> Self {
        self.then(move |request| {
            assert_eq!(request.kind, CONTROLLER, "not a lookup: {request:?}");
            vec![
                datagram([request.family(number)]),
                datagram([request.ack()]),
            ]
        })
    }

    /// A connection to it under [`FAMILY`], and the requests that it sends from now on.
    pub(crate) fn connect(mut self) -> (Conversation, Arc<Mutex<Vec<Request>>>) {
        let lookup = Self::new()
            .then_looks_up(FAMILY)
            .script
            .pop_front()
            .unwrap();
        self.script.push_front(lookup);
        let requests = Arc::clone(&self.requests);
        let connection = Conversation::over(Box::new(self)).unwrap();
        requests.lock().unwrap().clear();
        (connection, requests)
    }
}

impl Transport for ScriptedKernel {
    fn send(&mut self, datagram: &[u8]) -> io::Result<()> {
        if self
            .longest_send
            .is_some_and(|longest| datagram.len() > longest)
        {
            return Err(Errno::EMSGSIZE.into());
        }
        let requests = Request::read_all(datagram);
        let step = self.script.pop_front();
        let step = step.unwrap_or_else(|| panic!("not in the script: {requests:?}"));
        self.pending.extend(step(&requests));
        self.requests.lock().unwrap().extend(requests);
        Ok(())
    }

    fn limits(&mut self) -> Limits {
        let mut limits = Limits::default();
        if let Some((bytes, answers)) = self.limits {
            (limits.bytes, limits.answers) = (bytes, answers);
        }
        limits
    }

    fn receive(&mut self, buffer: &mut [u8], deadline: &mut Deadline) -> io::Result<usize> {
        if let Some(request) = self.requests.lock().unwrap().last_mut() {
            request.deadlines.push(deadline.instant());
        }
        match self.pending.pop_front() {
            Some(Delivery::Datagram(bytes)) => {
                buffer[..bytes.len()].copy_from_slice(&bytes);
                Ok(bytes.len())
            }
            Some(Delivery::Oversized(length)) => Ok(length),
            Some(Delivery::Failure(errno)) => Err(io::Error::from(errno)),
            None => {
                thread::sleep(deadline.remaining());
                Err(io::ErrorKind::TimedOut.into())
            }
        }
    }
}

impl Drop for ScriptedKernel {
    fn drop(&mut self) {
        if !thread::panicking() {
            assert_eq!(self.script.len(), 0, "steps of the script not taken");
            assert_eq!(self.pending.len(), 0, "datagrams not read");
        }
    }
}
