//! Netlink as it is on the wire: datagrams of any bytes, and answers as they come.

#![allow(dead_code, reason = "each test program takes what it needs")]

use std::io;

use ipvs_sys::Errno;
use ipvs_sys::constants::IPVS_GENL_NAME;
use netlink_sys::protocols::NETLINK_GENERIC;
use netlink_sys::{Socket, SocketAddr};
use nix::sys::socket::MsgFlags;

use crate::attributes::{attribute, split, value};

pub(crate) const REQUEST: u16 = 1;
pub(crate) const MULTI: u16 = 2;
pub(crate) const ACK: u16 = 4;
pub(crate) const DUMP_INTERRUPTED: u16 = 0x10;
pub(crate) const DUMP: u16 = 0x300;
pub(crate) const CAPPED: u16 = 0x100;
pub(crate) const ACK_TLVS: u16 = 0x200;

/// The types of messages that end an answer.
pub(crate) const NLMSG_ERROR: u16 = 2;
pub(crate) const NLMSG_DONE: u16 = 3;

/// The type of the messages that ask for families.
pub(crate) const GENL_ID_CTRL: u16 = 16;
pub(crate) const CTRL_CMD_GETFAMILY: u8 = 3;
pub(crate) const CTRL_ATTR_FAMILY_ID: u16 = 1;
pub(crate) const CTRL_ATTR_FAMILY_NAME: u16 = 2;

const HEADER: usize = 16;

/// One message to the kernel.
#[derive(Clone)]
pub(crate) struct Request {
    /// The family; `None` is IPVS.
    pub(crate) kind: Option<u16>,
    pub(crate) flags: u16,
    /// Command, version, and two reserved bytes.
    pub(crate) header: [u8; 4],
    pub(crate) attributes: Vec<u8>,
}

impl Request {
    /// To be carried out and acknowledged.
    pub(crate) fn new(command: u8, attributes: &[Vec<u8>]) -> Self {
        Self {
            kind: None,
            flags: REQUEST | ACK,
            header: [command, 1, 0, 0],
            attributes: attributes.concat(),
        }
    }

    /// For everything of a kind.
    pub(crate) fn dump(command: u8, attributes: &[Vec<u8>]) -> Self {
        Self::new(command, attributes).flags(REQUEST | DUMP)
    }

    pub(crate) fn flags(self, flags: u16) -> Self {
        Self { flags, ..self }
    }

    /// Without an acknowledgement.
    pub(crate) fn silent(self) -> Self {
        self.flags(REQUEST)
    }

    fn bytes(&self, family: u16, sequence: u32) -> Vec<u8> {
        let length = HEADER + self.header.len() + self.attributes.len();
        let mut bytes = u32::try_from(length).unwrap().to_ne_bytes().to_vec();
        bytes.extend(self.kind.unwrap_or(family).to_ne_bytes());
        bytes.extend(self.flags.to_ne_bytes());
        bytes.extend(sequence.to_ne_bytes());
        bytes.extend([0; 4]);
        bytes.extend(self.header);
        bytes.extend(&self.attributes);
        bytes
    }
}

/// One message from the kernel.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) kind: u16,
    pub(crate) flags: u16,
    pub(crate) sequence: u32,
    pub(crate) port: u32,
    /// What follows the header of 16 bytes.
    pub(crate) payload: Vec<u8>,
}

impl Answer {
    /// The length that the message says it has.
    pub(crate) fn length(&self) -> usize {
        HEADER + self.payload.len()
    }

    /// The outcome that an error, an acknowledgement or the end of a dump holds; `None`: success.
    #[track_caller]
    pub(crate) fn outcome(&self) -> Option<Errno> {
        assert!(
            [NLMSG_ERROR, NLMSG_DONE].contains(&self.kind),
            "no outcome: {self:?}"
        );
        let code = i32::from_ne_bytes(self.payload[..4].try_into().unwrap());
        (code != 0).then(|| Errno::from_raw(-code))
    }

    /// The attributes of a message of a family.
    pub(crate) fn attributes(&self) -> Vec<(u16, Vec<u8>)> {
        split(&self.payload[4..])
    }

    /// Those in the one attribute of the message.
    pub(crate) fn nested(&self) -> Vec<(u16, Vec<u8>)> {
        let attributes = self.attributes();
        let [(_, nested)] = attributes.as_slice() else {
            panic!("not one attribute: {attributes:?}");
        };
        split(nested)
    }
}

/// The messages in a datagram.
pub(crate) fn messages(mut datagram: &[u8]) -> Vec<Answer> {
    let u16_at =
        |bytes: &[u8], at: usize| u16::from_ne_bytes(bytes[at..at + 2].try_into().unwrap());
    let u32_at =
        |bytes: &[u8], at: usize| u32::from_ne_bytes(bytes[at..at + 4].try_into().unwrap());
    let mut found = Vec::new();
    while !datagram.is_empty() {
        let length = usize::try_from(u32_at(datagram, 0)).unwrap();
        found.push(Answer {
            kind: u16_at(datagram, 4),
            flags: u16_at(datagram, 6),
            sequence: u32_at(datagram, 8),
            port: u32_at(datagram, 12),
            payload: datagram[HEADER..length].to_vec(),
        });
        datagram = datagram
            .get(length.next_multiple_of(4)..)
            .unwrap_or_default();
    }
    found
}

/// A socket on which the kernel's answers lie as soon as a request is sent. Its requests are
/// numbered from 1.
pub(crate) struct Wire {
    pub(crate) socket: Socket,
    pub(crate) port: u32,
    pub(crate) family: u16,
    sequence: u32,
}

impl Wire {
    /// A socket on which nothing was ever received.
    pub(crate) fn open() -> Self {
        Self::of(family())
    }

    /// The same, for another family than IPVS.
    pub(crate) fn of(family: u16) -> Self {
        let mut socket = Socket::new(NETLINK_GENERIC).unwrap();
        let port = socket.bind_auto().unwrap().port_number();
        Self {
            socket,
            port,
            family,
            sequence: 0,
        }
    }

    /// Sends requests in one datagram.
    pub(crate) fn send(&mut self, requests: &[Request]) -> io::Result<usize> {
        let datagram = self.datagram(requests);
        self.send_bytes(&datagram)
    }

    pub(crate) fn send_bytes(&self, datagram: &[u8]) -> io::Result<usize> {
        self.socket.send_to(datagram, &SocketAddr::new(0, 0), 0)
    }

    /// What [`Self::send`] sends.
    pub(crate) fn datagram(&mut self, requests: &[Request]) -> Vec<u8> {
        let mut datagram = Vec::new();
        for request in requests {
            self.sequence += 1;
            datagram.extend(request.bytes(self.family, self.sequence));
        }
        datagram
    }

    /// The next datagram, which must be there already: into a buffer of this length, with the
    /// length that it would have needed.
    pub(crate) fn receive(&self, room: usize) -> io::Result<(Vec<u8>, usize)> {
        let mut buffer = vec![0; room];
        let flags = (MsgFlags::MSG_DONTWAIT | MsgFlags::MSG_TRUNC).bits();
        let length = self.socket.recv(&mut buffer.as_mut_slice(), flags)?;
        buffer.truncate(length);
        Ok((buffer, length))
    }

    /// The messages of the next datagram.
    pub(crate) fn next(&self) -> io::Result<Vec<Answer>> {
        let (datagram, _) = self.receive(64 * 1024)?;
        Ok(messages(&datagram))
    }

    /// The datagrams that are there.
    #[track_caller]
    pub(crate) fn pieces(&self) -> Vec<Vec<Answer>> {
        let mut pieces = Vec::new();
        loop {
            match self.next() {
                Ok(messages) => pieces.push(messages),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return pieces,
                Err(error) => panic!("{error} after {} datagrams", pieces.len()),
            }
        }
    }

    /// All answers that are there.
    #[track_caller]
    pub(crate) fn answers(&self) -> Vec<Answer> {
        self.pieces().concat()
    }

    /// All answers to these requests, sent in one datagram.
    #[track_caller]
    pub(crate) fn converse(&mut self, requests: &[Request]) -> Vec<Answer> {
        self.send(requests).unwrap();
        self.answers()
    }

    /// What the kernel says to a request; `None`: it carries it out.
    #[track_caller]
    pub(crate) fn ask(&mut self, request: Request) -> Option<Errno> {
        let answers = self.converse(&[request]);
        answers.last().unwrap().outcome()
    }

    /// The one message that answers a question.
    #[track_caller]
    pub(crate) fn get(&mut self, request: Request) -> Answer {
        let answers = self.converse(&[request.silent()]);
        let [answer] = answers.as_slice() else {
            panic!("not one answer: {answers:?}");
        };
        answer.clone()
    }
}

/// Asks for a family by name.
pub(crate) fn lookup(name: &str) -> Request {
    let name = attribute(CTRL_ATTR_FAMILY_NAME, format!("{name}\0").as_bytes());
    Request {
        kind: Some(GENL_ID_CTRL),
        ..Request::new(CTRL_CMD_GETFAMILY, &[name])
    }
}

/// The number of the family.
pub(crate) fn family() -> u16 {
    let answer = Wire::of(GENL_ID_CTRL).get(lookup(IPVS_GENL_NAME));
    let number = value(&answer.attributes(), CTRL_ATTR_FAMILY_ID).try_into();
    u16::from_ne_bytes(number.unwrap())
}
