use std::ops::Range;

use netlink_packet_core::{NLA_F_NESTED, Nla, ParseableParametrized};
use netlink_packet_generic::GenlMessage;

use crate::connection::LONGEST_VALUE;
use crate::constants::{
    IPVS_CMD_ATTR_DAEMON, IPVS_CMD_ATTR_DEST, IPVS_CMD_ATTR_SERVICE, IPVS_GENL_VERSION,
};
use crate::frame::{HEADER, Header};
use crate::{Command, DaemonAttr, DestAttr, Error, IpvsMessage, SvcAttr};

/// The generic netlink header: command, version, two bytes that mean nothing.
const GENERIC_HEADER: usize = 4;
const ATTRIBUTE_HEADER: usize = 4;

/// Requests behind each other in one buffer, ready to be sent by
/// [`Connection::commit`](crate::Connection::commit). Cleared, it keeps the buffer.
///
/// # Examples
/// ```
/// use ipvs_sys::{Batch, Command, SvcAttr, Nest};
///
/// let web = [SvcAttr::Af(2), SvcAttr::Fwmark(7)];
/// let mut batch = Batch::new();
/// batch.push(Command::Zero, &[Nest::Service(&web)])?;
/// batch.push(Command::DelService, &[Nest::Service(&web)])?;
/// assert_eq!(batch.len(), 2);
/// # Ok::<(), ipvs_sys::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Batch {
    bytes: Vec<u8>,
    /// Where each request ends.
    ends: Vec<usize>,
}

/// A top-level attribute of borrowed ones: what most requests are made of.
#[derive(Clone, Copy, Debug)]
pub enum Nest<'a> {
    /// `IPVS_CMD_ATTR_SERVICE`
    #[doc(alias = "IPVS_CMD_ATTR_SERVICE")]
    Service(&'a [SvcAttr]),
    /// `IPVS_CMD_ATTR_DEST`
    #[doc(alias = "IPVS_CMD_ATTR_DEST")]
    Dest(&'a [DestAttr]),
    /// `IPVS_CMD_ATTR_DAEMON`
    #[doc(alias = "IPVS_CMD_ATTR_DAEMON")]
    Daemon(&'a [DaemonAttr]),
}

impl Batch {
    /// Without requests.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a request at the end.
    ///
    /// # Errors
    /// [`Error::TooLong`]; then nothing was added.
    pub fn push(&mut self, command: Command, nests: &[Nest<'_>]) -> Result<(), Error> {
        let mut length = HEADER + GENERIC_HEADER;
        for nest in nests {
            let inside = nest.length();
            if inside > LONGEST_VALUE {
                return Err(Error::TooLong { length: inside });
            }
            length += ATTRIBUTE_HEADER + inside;
        }
        let start = self.bytes.len();
        self.bytes.resize(start + length, 0);
        self.ends.push(start + length);

        // The netlink header is written when it is sent.
        let room = self.bytes.get_mut(start + HEADER..);
        let mut room = Room(room.unwrap_or_default());
        room.put([command as u8, IPVS_GENL_VERSION, 0, 0]);
        for nest in nests {
            nest.write(&mut room);
        }
        Ok(())
    }

    /// How many requests there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Forgets all requests.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// A request, read back; `None` where there are not so many.
    pub fn message(&self, index: usize) -> Option<IpvsMessage> {
        let bytes = self.bytes.get(self.range(index..index + 1)?)?;
        let message = GenlMessage::parse_with_param(bytes.get(HEADER..)?, 0).ok()?;
        Some(message.payload)
    }

    /// How many requests from `first` on fit into so many bytes; one at least, if there is one.
    pub(crate) fn fitting(&self, first: usize, room: usize) -> usize {
        let start = self.start(first);
        let ends = self.ends.get(first..).unwrap_or_default();
        let fitting = ends.partition_point(|end| end - start <= room);
        fitting.max(1).min(ends.len())
    }

    /// Requests as they are sent, under numbers that follow each other, each with these flags.
    pub(crate) fn datagram(
        &mut self,
        requests: Range<usize>,
        mut header: impl FnMut(usize) -> Header,
    ) -> &[u8] {
        for index in requests.clone() {
            let Some(range) = self.range(index..index + 1) else {
                break;
            };
            let length = range.len();
            if let Some(request) = self.bytes.get_mut(range) {
                header(index).write(length, request);
            }
        }
        let range = self.range(requests).unwrap_or_default();
        self.bytes.get(range).unwrap_or_default()
    }

    fn start(&self, index: usize) -> usize {
        let before = index.checked_sub(1);
        before
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or_default()
    }

    fn range(&self, requests: Range<usize>) -> Option<Range<usize>> {
        let last = requests.end.checked_sub(1)?;
        Some(self.start(requests.start)..*self.ends.get(last)?)
    }
}

impl Nest<'_> {
    /// Without its own header.
    fn length(&self) -> usize {
        fn length(attributes: &[impl Nla]) -> usize {
            let lengths = attributes
                .iter()
                .map(|attribute| ATTRIBUTE_HEADER + attribute.value_len().next_multiple_of(4));
            lengths.sum()
        }
        match self {
            Self::Service(attributes) => length(attributes),
            Self::Dest(attributes) => length(attributes),
            Self::Daemon(attributes) => length(attributes),
        }
    }

    fn write(&self, room: &mut Room<'_>) {
        let length = self.length();
        match self {
            Self::Service(attributes) => room.put_nest(IPVS_CMD_ATTR_SERVICE, length, attributes),
            Self::Dest(attributes) => room.put_nest(IPVS_CMD_ATTR_DEST, length, attributes),
            Self::Daemon(attributes) => room.put_nest(IPVS_CMD_ATTR_DAEMON, length, attributes),
        }
    }
}

/// Where a request is written: as many bytes as were measured before.
struct Room<'a>(&'a mut [u8]);

impl<'a> Room<'a> {
    fn put_nest(&mut self, kind: u16, length: usize, attributes: &[impl Nla]) {
        self.put_header(kind | NLA_F_NESTED, length);
        for attribute in attributes {
            let length = attribute.value_len();
            self.put_header(attribute.kind(), length);
            let value = self.take(length.next_multiple_of(4));
            attribute.emit_value(value.get_mut(..length).unwrap_or_default());
        }
    }

    fn put_header(&mut self, kind: u16, length: usize) {
        let whole = u16::try_from(length + ATTRIBUTE_HEADER).unwrap_or(u16::MAX);
        let ([l0, l1], [k0, k1]) = (whole.to_ne_bytes(), kind.to_ne_bytes());
        self.put([l0, l1, k0, k1]);
    }

    fn put(&mut self, bytes: [u8; 4]) {
        if let Some(place) = self.take(4).first_chunk_mut() {
            *place = bytes;
        }
    }

    fn take(&mut self, length: usize) -> &'a mut [u8] {
        let room = std::mem::take(&mut self.0);
        let (taken, rest) = room.split_at_mut_checked(length).unwrap_or_default();
        self.0 = rest;
        taken
    }
}
