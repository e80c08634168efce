mod commit;

pub use commit::Committed;

use std::io;
use std::time::Duration;

use netlink_packet_core::{
    DecodeError, NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NLMSG_DONE, NLMSG_ERROR,
    NLMSG_NOOP, NLMSG_OVERRUN, NetlinkMessage, NetlinkSerializable,
};
use netlink_packet_generic::GenlMessage;
use netlink_packet_generic::constants::GENL_HDRLEN;
use nix::errno::Errno;

use crate::frame::{Frame, LONGEST_VALUE, frames};
use crate::transport::{Deadline, KernelSocket, Transport};
use crate::{Error, ExtAck, IpvsMessage, family};

/// Size of the receive buffer, in bytes. The kernel sends a dump in pieces of at most 32 KiB, and
/// never larger than the largest buffer offered so far. One constant size above 32 KiB gives the fewest
/// pieces.
const RECEIVE_BUFFER: usize = 64 * 1024;

/// The default time that a request waits for its answer. The kernel does most of its work during the
/// send, which nothing can interrupt; the time starts after that.
const PATIENCE: Duration = Duration::from_secs(10);

/// A conversation with IPVS over one socket: one request at a time, each with a deadline.
///
/// It stays in the network namespace of the thread that opened it, whichever thread uses it.
///
/// # Examples
/// ```no_run
/// use ipvs_sys::{Command, Conversation, IpvsMessage};
///
/// let mut kernel = Conversation::open()?;
/// let info = kernel.get(IpvsMessage::new(Command::GetInfo, vec![]))?;
/// println!("{info:?}");
/// # Ok::<(), ipvs_sys::Error>(())
/// ```
pub struct Conversation {
    transport: Box<dyn Transport>,
    family: u16,
    sequence: u32,
    patience: Duration,
    request: Vec<u8>,
    answer: Box<[u8]>,
}

/// What the kernel sends in answer to a request.
#[derive(Clone, Copy)]
enum Kind {
    /// At most one message, then an acknowledgement.
    Do,
    /// Any number of messages, then `NLMSG_DONE` instead of an acknowledgement.
    Dump,
}

impl Conversation {
    /// Opens a socket and looks the family up. The kernel loads `ip_vs` for that if it can.
    ///
    /// Opening needs no privilege; the kernel checks it for each request.
    ///
    /// # Errors
    /// - [`Error::FamilyNotFound`]: the kernel has no `ip_vs` and cannot load it.
    /// - [`Error::Socket`]: the socket cannot be opened.
    pub fn open() -> Result<Self, Error> {
        Self::over(Box::new(KernelSocket::open()?))
    }

    /// Opens a conversation over another transport, such as a fake kernel in tests.
    pub fn over(transport: Box<dyn Transport>) -> Result<Self, Error> {
        let mut conversation = Self {
            transport,
            family: 0,
            sequence: 0,
            patience: PATIENCE,
            request: Vec::new(),
            answer: vec![0; RECEIVE_BUFFER].into_boxed_slice(),
        };
        conversation.family = conversation.resolve_family()?;
        Ok(conversation)
    }

    /// Sets how long each later request waits for its answer. The time starts when there is first
    /// nothing to read. [`Duration::MAX`] waits without limit.
    pub fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// Returns how long each request waits for its answer.
    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// Sends a write request and waits for its acknowledgement.
    pub fn execute(&mut self, message: IpvsMessage) -> Result<(), Error> {
        self.converse(Kind::Do, message, |_| Ok(()))
    }

    /// Sends a read request and returns the one message that answers it.
    pub fn get(&mut self, message: IpvsMessage) -> Result<IpvsMessage, Error> {
        let mut answer = None;
        self.converse(Kind::Do, message, |message| {
            answer = Some(message);
            Ok(())
        })?;
        answer.ok_or(Error::NoAnswer)
    }

    /// Sends a dump request and passes each message of the answer to `each`.
    ///
    /// If `each` fails, the rest of the dump is still read before the error is returned: the kernel
    /// refuses another dump on a socket with an unfinished one (`EBUSY`). If a dump ended early all the
    /// same, by a timeout or a malformed answer, the next dump reads its rest and is sent again.
    pub fn dump(
        &mut self,
        message: IpvsMessage,
        each: impl FnMut(IpvsMessage) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.converse(Kind::Dump, message, each)
    }

    /// Like [`get`](Self::get), but passes the encoded attributes of the answer to `each`, for callers
    /// that decode without storing.
    pub fn get_bytes(
        &mut self,
        message: IpvsMessage,
        mut each: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut has_answer = false;
        self.converse_in_bytes(Kind::Do, message, |bytes| {
            has_answer = true;
            each(bytes)
        })?;
        if has_answer {
            Ok(())
        } else {
            Err(Error::NoAnswer)
        }
    }

    /// Like [`dump`](Self::dump), but passes the encoded attributes of each message to `each`, for
    /// callers that decode without storing.
    pub fn dump_bytes(
        &mut self,
        message: IpvsMessage,
        each: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.converse_in_bytes(Kind::Dump, message, each)
    }

    fn converse(
        &mut self,
        kind: Kind,
        message: IpvsMessage,
        mut each: impl FnMut(IpvsMessage) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.converse_in_payloads(kind, message, |payload| {
            use netlink_packet_core::ParseableParametrized as _;
            each(GenlMessage::<IpvsMessage>::parse_with_param(payload, 0)?.payload)
        })
    }

    fn converse_in_bytes(
        &mut self,
        kind: Kind,
        message: IpvsMessage,
        mut each: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.converse_in_payloads(kind, message, |payload| {
            let attributes = payload.get(GENL_HDRLEN..);
            each(attributes.ok_or_else(|| DecodeError::from("generic netlink header cut short"))?)
        })
    }

    /// Sends a request of the family. If the family has a new id since the last lookup, sends it again
    /// with that id.
    fn converse_in_payloads(
        &mut self,
        kind: Kind,
        message: IpvsMessage,
        mut each: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let length = message.longest_value();
        if length > LONGEST_VALUE {
            return Err(Error::TooLong { length });
        }
        let mut message = GenlMessage::from_payload(message);
        let mut has_finished_another = false;
        loop {
            message.set_resolved_family_id(self.family);
            match self.exchange(kind, message.clone(), &mut each) {
                // ENOENT also means an unknown scheduler; only a new lookup of the id can tell. The
                // kernel did not carry out a request with a stale id, so repeating it is safe.
                Err(error) if error.errno() == Some(Errno::ENOENT) => {
                    if !self.has_other_number()? {
                        return Err(error);
                    }
                }
                // An earlier dump is unfinished, and the kernel allows one at a time.
                Err(error)
                    if error.errno() == Some(Errno::EBUSY)
                        && matches!(kind, Kind::Dump)
                        && !has_finished_another =>
                {
                    self.finish_open_dump()?;
                    has_finished_another = true;
                }
                outcome => return outcome,
            }
        }
    }

    /// Looks the family up again, and returns whether its id has changed.
    fn has_other_number(&mut self) -> Result<bool, Error> {
        let before = self.family;
        self.family = self.resolve_family()?;
        Ok(self.family != before)
    }

    fn resolve_family(&mut self) -> Result<u16, Error> {
        let mut family = None;
        self.exchange(Kind::Do, family::request(), |payload| {
            family = Some(family::parse_answer(payload)?);
            Ok(())
        })
        .map_err(|error| match error.errno() {
            Some(Errno::ENOENT) => Error::FamilyNotFound,
            _ => error,
        })?;
        family.ok_or(Error::NoAnswer)
    }

    /// Sends one request and reads its answer to the end. `each` receives the payload of every message
    /// in the answer.
    fn exchange<M>(
        &mut self,
        kind: Kind,
        message: M,
        mut each: impl FnMut(&[u8]) -> Result<(), Error>,
    ) -> Result<(), Error>
    where
        NetlinkMessage<M>: From<M>,
        M: NetlinkSerializable,
    {
        let mut deadline = self.deadline();
        self.send(kind, message)?;
        let mut outcome = Ok(());
        let mut interrupted = Ok(());
        loop {
            let length = match self.receive(&mut deadline) {
                Err(Error::Overrun) => {
                    self.hear_out(|_, _| {})?;
                    return Err(Error::Overrun);
                }
                outcome => outcome?,
            };
            let mut is_about_this = false;
            for frame in frames(self.answer.get(..length).unwrap_or_default()) {
                let frame = frame?;
                // A late answer to an earlier request.
                if frame.sequence != self.sequence {
                    continue;
                }
                is_about_this = true;
                if frame.flags & NLM_F_DUMP_INTR != 0 {
                    interrupted = Err(Error::DumpInterrupted);
                }
                match frame.kind {
                    NLMSG_ERROR => return answered(&frame, ExtAck::after_error).and(outcome),
                    NLMSG_DONE => {
                        return answered(&frame, ExtAck::after_done)
                            .and(outcome)
                            .and(interrupted);
                    }
                    NLMSG_NOOP => {}
                    NLMSG_OVERRUN => return Err(Error::Overrun),
                    _ if outcome.is_ok() => outcome = each(frame.payload),
                    _ => {}
                }
            }
            // Unrelated messages must not extend the wait. Messages of the answer need no check: the
            // answer ends by itself, and reading the clock would cost as much as reading a message.
            if !is_about_this && deadline.is_over() {
                return Err(Error::TimedOut(self.patience));
            }
        }
    }

    /// Empties the socket: after an overrun the kernel sends nothing more until the socket is empty.
    /// `each` receives every message, and the sequence number of the last request.
    fn hear_out(&mut self, mut each: impl FnMut(&Frame<'_>, u32)) -> Result<(), Error> {
        let mut deadline = self.deadline();
        while !deadline.is_over() {
            match self.receive(&mut Deadline::after(Duration::ZERO)) {
                Ok(length) => {
                    let datagram = self.answer.get(..length).unwrap_or_default();
                    for frame in frames(datagram).map_while(Result::ok) {
                        each(&frame, self.sequence);
                    }
                }
                Err(Error::TimedOut(_)) => return Ok(()),
                Err(Error::Overrun | Error::Truncated { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Reads the rest of an unfinished dump.
    fn finish_open_dump(&mut self) -> Result<(), Error> {
        let mut deadline = self.deadline();
        loop {
            match self.receive(&mut deadline) {
                Ok(length) => {
                    let datagram = self.answer.get(..length).unwrap_or_default();
                    let mut messages = frames(datagram).map_while(Result::ok);
                    if messages.any(|message| message.kind == NLMSG_DONE) {
                        return Ok(());
                    }
                }
                Err(Error::Overrun | Error::Truncated { .. }) => {}
                Err(error) => return Err(error),
            }
            if deadline.is_over() {
                return Err(Error::TimedOut(self.patience));
            }
        }
    }

    fn send<M>(&mut self, kind: Kind, message: M) -> Result<(), Error>
    where
        NetlinkMessage<M>: From<M>,
        M: NetlinkSerializable,
    {
        self.sequence = self.sequence.wrapping_add(1);
        let mut message = NetlinkMessage::from(message);
        message.header.sequence_number = self.sequence;
        message.header.flags = NLM_F_REQUEST
            | match kind {
                Kind::Do => NLM_F_ACK,
                Kind::Dump => NLM_F_DUMP,
            };
        message.finalize();
        self.request.clear();
        self.request.resize(message.buffer_len(), 0);
        message.serialize(&mut self.request);
        self.transport.send(&self.request).map_err(sending_failed)
    }

    fn deadline(&self) -> Deadline {
        Deadline::after(self.patience)
    }

    fn receive(&mut self, deadline: &mut Deadline) -> Result<usize, Error> {
        let room = self.answer.len();
        match self.transport.receive(&mut self.answer, deadline) {
            Ok(0) => Err(Error::Socket {
                call: "recv",
                source: io::ErrorKind::UnexpectedEof.into(),
            }),
            Ok(length) if length > room => Err(Error::Truncated { length, room }),
            Ok(length) => Ok(length),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                Err(Error::TimedOut(self.patience))
            }
            Err(error) if error.raw_os_error() == Some(Errno::ENOBUFS as i32) => {
                Err(Error::Overrun)
            }
            Err(source) => Err(Error::Socket {
                call: "recv",
                source,
            }),
        }
    }
}

fn sending_failed(source: io::Error) -> Error {
    Error::Socket {
        call: "send",
        source,
    }
}

/// The result in an `NLMSG_ERROR` or `NLMSG_DONE` message: both begin with 0 or a negative errno.
fn answered(
    frame: &Frame<'_>,
    ext_ack: impl FnOnce(u16, &[u8]) -> Option<ExtAck>,
) -> Result<(), Error> {
    let (code, rest) = frame.code()?;
    match code {
        0.. => Ok(()),
        _ => Err(Error::Kernel {
            errno: Errno::from_raw(code.saturating_neg()),
            ext_ack: ext_ack(frame.flags, rest),
        }),
    }
}
