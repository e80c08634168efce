use std::marker::PhantomData;
use std::ops::Range;

use netlink_packet_core::{NLA_F_NESTED, ParseableParametrized};
use netlink_packet_generic::GenlMessage;

use crate::constants::{
    IPVS_CMD_ATTR_DAEMON, IPVS_CMD_ATTR_DEST, IPVS_CMD_ATTR_SERVICE, IPVS_GENL_VERSION,
};
use crate::frame::LONGEST_VALUE;
use crate::frame::{HEADER, Header};
use crate::{AttributeSpace, Command, DaemonAttr, DestAttr, Error, IpvsMessage, SvcAttr};

const ATTRIBUTE_HEADER: usize = 4;

/// Length of a typical request, in bytes: it adds a destination to a service with an address.
const USUAL_LENGTH: usize = 164;

/// Encoded requests in one buffer, to be sent by [`Conversation::commit`](crate::Conversation::commit).
/// [`clear`](Self::clear) keeps the buffer's memory.
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
    /// The end of each request in `bytes`.
    ends: Vec<usize>,
}

/// A top-level attribute that borrows its nested attributes.
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
    /// Creates an empty batch.
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates an empty batch with memory for `requests` requests of typical length.
    pub fn with_capacity(requests: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(requests.saturating_mul(USUAL_LENGTH)),
            ends: Vec::with_capacity(requests),
        }
    }

    /// Appends a request with attributes that exist already. [`push_with`](Self::push_with) encodes
    /// attributes without storing them first.
    ///
    /// # Errors
    /// [`Error::TooLong`]: an attribute is too long. The batch is unchanged.
    pub fn push(&mut self, command: Command, nests: &[Nest<'_>]) -> Result<(), Error> {
        self.push_with(command, |request| {
            for nest in nests {
                match nest {
                    Nest::Service(inside) => request.service(|nest| nest.put_all(inside)),
                    Nest::Dest(inside) => request.dest(|nest| nest.put_all(inside)),
                    Nest::Daemon(inside) => request.daemon(|nest| nest.put_all(inside)),
                }
            }
        })
    }

    /// Appends a request that `write` encodes attribute by attribute, straight into the batch's buffer.
    ///
    /// # Errors
    /// [`Error::TooLong`]: an attribute is too long. The batch is unchanged.
    ///
    /// # Examples
    /// ```
    /// use ipvs_sys::{Batch, Command, SvcAttr};
    ///
    /// let mut batch = Batch::new();
    /// batch.push_with(Command::DelService, |request| {
    ///     request.service(|nest| {
    ///         nest.put(SvcAttr::Af(2));
    ///         nest.put(SvcAttr::Fwmark(7));
    ///     });
    /// })?;
    /// # Ok::<(), ipvs_sys::Error>(())
    /// ```
    #[inline]
    pub fn push_with(
        &mut self,
        command: Command,
        write: impl FnOnce(&mut RequestWriter<'_>),
    ) -> Result<(), Error> {
        let start = self.bytes.len();
        // The netlink header is filled in before sending.
        self.bytes.extend_from_slice(&[0; HEADER]);
        self.bytes
            .extend_from_slice(&[command as u8, IPVS_GENL_VERSION, 0, 0]);
        let mut request = RequestWriter {
            bytes: &mut self.bytes,
            outcome: Ok(()),
        };
        write(&mut request);
        let outcome = request.outcome;
        if outcome.is_ok() {
            self.ends.push(self.bytes.len());
        } else {
            self.bytes.truncate(start);
        }
        outcome
    }

    /// Returns the number of requests.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Returns whether the batch has no requests.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Removes all requests.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Decodes the request at `index`. Returns `None` if there is none.
    pub fn message(&self, index: usize) -> Option<IpvsMessage> {
        let message = GenlMessage::parse_with_param(self.payload(index)?, 0).ok()?;
        Some(message.payload)
    }

    /// Returns the command and the encoded attributes of the request at `index`, or `None` if there is
    /// none.
    pub fn request(&self, index: usize) -> Option<(Command, &[u8])> {
        let (header, attributes) = self.payload(index)?.split_first_chunk::<4>()?;
        let [command, ..] = *header;
        Some((Command::try_from(command).ok()?, attributes))
    }

    fn payload(&self, index: usize) -> Option<&[u8]> {
        self.bytes
            .get(self.range(index..index.checked_add(1)?)?)?
            .get(HEADER..)
    }

    /// The number of requests from `first` on that fit into `room` bytes: at least one, if there is one.
    pub(crate) fn fitting(&self, first: usize, room: usize) -> usize {
        let start = self.start(first);
        let ends = self.ends.get(first..).unwrap_or_default();
        let fitting = ends.partition_point(|end| end - start <= room);
        fitting.max(1).min(ends.len())
    }

    /// The bytes of `requests` as they are sent, each with the header that `header` returns.
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

/// Writes one request of a batch; see [`Batch::push_with`].
#[derive(Debug)]
pub struct RequestWriter<'a> {
    bytes: &'a mut Vec<u8>,
    outcome: Result<(), Error>,
}

impl RequestWriter<'_> {
    /// Writes `IPVS_CMD_ATTR_SERVICE`.
    #[inline]
    pub fn service(&mut self, write: impl FnOnce(&mut NestWriter<'_, SvcAttr>)) {
        self.nest(IPVS_CMD_ATTR_SERVICE, write);
    }

    /// Writes `IPVS_CMD_ATTR_DEST`.
    #[inline]
    pub fn dest(&mut self, write: impl FnOnce(&mut NestWriter<'_, DestAttr>)) {
        self.nest(IPVS_CMD_ATTR_DEST, write);
    }

    /// Writes `IPVS_CMD_ATTR_DAEMON`.
    #[inline]
    pub fn daemon(&mut self, write: impl FnOnce(&mut NestWriter<'_, DaemonAttr>)) {
        self.nest(IPVS_CMD_ATTR_DAEMON, write);
    }

    /// Writes the header last, when the length is known.
    #[inline]
    fn nest<A: AttributeSpace>(&mut self, kind: u16, write: impl FnOnce(&mut NestWriter<'_, A>)) {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(&[0; ATTRIBUTE_HEADER]);
        let mut nest = NestWriter {
            bytes: &mut *self.bytes,
            outcome: Ok(()),
            space: PhantomData,
        };
        write(&mut nest);
        let written = nest.outcome;
        let length = self.bytes.len() - start - ATTRIBUTE_HEADER;
        match written.and_then(|()| attribute_header(kind | NLA_F_NESTED, length)) {
            Ok(header) => {
                let place = self.bytes.get_mut(start..);
                if let Some(place) = place.and_then(<[u8]>::first_chunk_mut) {
                    *place = header;
                }
            }
            Err(error) => self.outcome = Err(error),
        }
    }
}

/// Writes the attributes of one nest.
#[derive(Debug)]
pub struct NestWriter<'a, A> {
    bytes: &'a mut Vec<u8>,
    outcome: Result<(), Error>,
    space: PhantomData<A>,
}

impl<A: AttributeSpace> NestWriter<'_, A> {
    /// Writes an attribute. Where the compiler knows the variant, only the copying of bytes remains.
    #[expect(
        clippy::inline_always,
        reason = "a third of the instructions: the kind decides how an attribute is written"
    )]
    #[inline(always)]
    pub fn put(&mut self, attribute: A) {
        self.write(&attribute);
        attribute.discard();
    }

    #[expect(clippy::inline_always, reason = "as above")]
    #[inline(always)]
    fn write(&mut self, attribute: &A) {
        let length = attribute.value_len();
        match attribute_header(attribute.kind(), length) {
            Ok(header) => self.bytes.extend_from_slice(&header),
            Err(error) => {
                self.outcome = Err(error);
                return;
            }
        }
        let start = self.bytes.len();
        self.bytes.resize(start + length.next_multiple_of(4), 0);
        if let Some(value) = self.bytes.get_mut(start..start + length) {
            attribute.emit_value(value);
        }
    }

    fn put_all(&mut self, attributes: &[A]) {
        for attribute in attributes {
            self.write(attribute);
        }
    }
}

/// The header of an attribute. Its length field has 16 bits.
#[inline]
fn attribute_header(kind: u16, length: usize) -> Result<[u8; ATTRIBUTE_HEADER], Error> {
    if length > LONGEST_VALUE {
        return Err(Error::TooLong { length });
    }
    let whole = u16::try_from(length + ATTRIBUTE_HEADER).unwrap_or(u16::MAX);
    let ([l0, l1], [k0, k1]) = (whole.to_ne_bytes(), kind.to_ne_bytes());
    Ok([l0, l1, k0, k1])
}
