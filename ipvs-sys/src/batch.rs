use std::ops::Range;

use netlink_packet_core::{NLA_F_NESTED, Nla, ParseableParametrized};
use netlink_packet_generic::GenlMessage;

use crate::connection::LONGEST_VALUE;
use crate::constants::{
    IPVS_CMD_ATTR_DAEMON, IPVS_CMD_ATTR_DEST, IPVS_CMD_ATTR_SERVICE, IPVS_GENL_VERSION,
};
use crate::frame::{HEADER, Header};
use crate::{Command, DaemonAttr, DestAttr, Error, IpvsMessage, SvcAttr};

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
        let start = self.bytes.len();
        self.bytes.resize(start + HEADER, 0);
        // Behind the netlink header, which is written when it is sent: the generic one.
        self.bytes.extend([command as u8, IPVS_GENL_VERSION, 0, 0]);
        let written = nests.iter().try_for_each(|nest| self.push_nest(*nest));
        if let Err(error) = written {
            self.bytes.truncate(start);
            return Err(error);
        }
        self.ends.push(self.bytes.len());
        Ok(())
    }

    fn push_nest(&mut self, nest: Nest<'_>) -> Result<(), Error> {
        let start = self.bytes.len();
        let (kind, written) = match nest {
            Nest::Service(attributes) => (IPVS_CMD_ATTR_SERVICE, self.push_nested(attributes)),
            Nest::Dest(attributes) => (IPVS_CMD_ATTR_DEST, self.push_nested(attributes)),
            Nest::Daemon(attributes) => (IPVS_CMD_ATTR_DAEMON, self.push_nested(attributes)),
        };
        written?;
        let length = self.bytes.len() - start - ATTRIBUTE_HEADER;
        self.write_attribute_header(start, length, kind | NLA_F_NESTED)
    }

    fn push_nested(&mut self, attributes: &[impl Nla]) -> Result<(), Error> {
        self.bytes.resize(self.bytes.len() + ATTRIBUTE_HEADER, 0);
        for attribute in attributes {
            let (start, length) = (self.bytes.len(), attribute.value_len());
            let padded = length.next_multiple_of(4);
            self.bytes.resize(start + ATTRIBUTE_HEADER + padded, 0);
            self.write_attribute_header(start, length, attribute.kind())?;
            let value = start + ATTRIBUTE_HEADER;
            if let Some(value) = self.bytes.get_mut(value..value + length) {
                attribute.emit_value(value);
            }
        }
        Ok(())
    }

    fn write_attribute_header(
        &mut self,
        start: usize,
        length: usize,
        kind: u16,
    ) -> Result<(), Error> {
        let whole = u16::try_from(length + ATTRIBUTE_HEADER)
            .ok()
            .filter(|_| length <= LONGEST_VALUE)
            .ok_or(Error::TooLong { length })?;
        let header = self.bytes.get_mut(start..start + ATTRIBUTE_HEADER);
        if let Some([l0, l1, k0, k1]) = header {
            [*l0, *l1] = whole.to_ne_bytes();
            [*k0, *k1] = kind.to_ne_bytes();
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
