//! Splits a datagram into netlink messages, and writes their headers.

use netlink_packet_core::DecodeError;

/// The length of a netlink header.
pub(crate) const HEADER: usize = 16;

/// The longest value of an attribute. The length field has 16 bits and counts the header of four
/// bytes too.
pub(crate) const LONGEST_VALUE: usize = u16::MAX as usize - 4;

/// The fields of a netlink header that differ from request to request.
#[derive(Clone, Copy)]
pub(crate) struct Header {
    pub(crate) kind: u16,
    pub(crate) flags: u16,
    pub(crate) sequence: u32,
}

impl Header {
    /// Writes the header in front of a request of `length` bytes. Port id 0 stands for the socket's own.
    pub(crate) fn write(self, length: usize, request: &mut [u8]) {
        let length = u32::try_from(length).unwrap_or(u32::MAX);
        let fields = length
            .to_ne_bytes()
            .into_iter()
            .chain(self.kind.to_ne_bytes())
            .chain(self.flags.to_ne_bytes())
            .chain(self.sequence.to_ne_bytes())
            .chain([0; 4]);
        request
            .iter_mut()
            .zip(fields)
            .for_each(|(to, from)| *to = from);
    }
}

/// One netlink message: the fields of its header, and its payload.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame<'a> {
    pub(crate) kind: u16,
    pub(crate) flags: u16,
    pub(crate) sequence: u32,
    pub(crate) payload: &'a [u8],
}

impl<'a> Frame<'a> {
    /// Splits the first message and its padding off a datagram.
    fn split(datagram: &'a [u8]) -> Result<(Self, &'a [u8]), DecodeError> {
        let cut = || {
            DecodeError::from(format!(
                "netlink message cut short at {} bytes",
                datagram.len()
            ))
        };
        let (header, _) = datagram.split_first_chunk::<HEADER>().ok_or_else(cut)?;
        let [l0, l1, l2, l3, k0, k1, f0, f1, s0, s1, s2, s3, ..] = *header;
        let length = usize::try_from(u32::from_ne_bytes([l0, l1, l2, l3])).map_err(|_| cut())?;
        let payload = datagram.get(HEADER..length).ok_or_else(cut)?;
        let frame = Self {
            kind: u16::from_ne_bytes([k0, k1]),
            flags: u16::from_ne_bytes([f0, f1]),
            sequence: u32::from_ne_bytes([s0, s1, s2, s3]),
            payload,
        };
        Ok((
            frame,
            datagram
                .get(length.next_multiple_of(4)..)
                .unwrap_or_default(),
        ))
    }

    /// The error code at the beginning of `NLMSG_ERROR` and `NLMSG_DONE`, and what follows it.
    pub(crate) fn code(&self) -> Result<(i32, &'a [u8]), DecodeError> {
        let (code, rest) = self
            .payload
            .split_first_chunk::<4>()
            .ok_or("netlink error message without a code")?;
        Ok((i32::from_ne_bytes(*code), rest))
    }
}

/// Iterates over the messages of a datagram. It ends after the first malformed message.
pub(crate) fn frames(datagram: &[u8]) -> impl Iterator<Item = Result<Frame<'_>, DecodeError>> {
    let mut rest = datagram;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        Some(match Frame::split(rest) {
            Ok((frame, after)) => {
                rest = after;
                Ok(frame)
            }
            Err(error) => {
                rest = &[];
                Err(error)
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(length: u32, payload: &[u8]) -> Vec<u8> {
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend(28u16.to_ne_bytes());
        bytes.extend(2u16.to_ne_bytes());
        bytes.extend(7u32.to_ne_bytes());
        bytes.extend(0u32.to_ne_bytes());
        bytes.extend(payload);
        bytes
    }

    #[test]
    fn messages_in_one_datagram_are_told_apart_by_length_and_padding() {
        let datagram = [message(17, &[9, 0, 0, 0]), message(16, &[])].concat();
        let found: Vec<_> = frames(&datagram).map(Result::unwrap).collect();
        assert_eq!(found.len(), 2);
        assert_eq!(
            found[0],
            Frame {
                kind: 28,
                flags: 2,
                sequence: 7,
                payload: &[9]
            }
        );
        assert_eq!(found[1].payload, &[] as &[u8]);
    }

    #[test]
    fn a_length_that_lies_is_an_error_and_the_end() {
        for length in [0, 15, 21, u32::MAX] {
            let outcomes: Vec<_> = frames(&message(length, &[0; 4]))
                .map(|f| f.is_ok())
                .collect();
            assert_eq!(outcomes, [false], "length {length}");
        }
    }
}
