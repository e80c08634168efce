use netlink_packet_core::{DecodeError, NLA_HEADER_SIZE, NLA_TYPE_MASK};

/// Iterates over the attributes in a byte slice without copying them. It ends after the first
/// malformed attribute.
///
/// # Examples
/// ```
/// # #[cfg(target_endian = "little")] {
/// use ipvs_sys::{AttributeSpace, Attributes, SvcAttr};
///
/// let bytes = [6, 0, 1, 0, 2, 0, 0, 0];
/// let attribute = Attributes::of(&bytes).next().unwrap()?;
/// assert_eq!((attribute.kind, attribute.value), (1, &[2, 0][..]));
/// assert_eq!(SvcAttr::read(attribute)?, SvcAttr::Af(2));
/// # }
/// # Ok::<(), netlink_packet_core::DecodeError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Attributes<'a> {
    rest: &'a [u8],
}

/// One attribute whose value is not decoded yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attribute<'a> {
    /// The attribute number, without flags.
    pub kind: u16,
    /// The value, without header and padding.
    pub value: &'a [u8],
    /// The attribute number with the flags that were received.
    pub kind_with_flags: u16,
}

impl<'a> Attribute<'a> {
    /// Creates an attribute from a number, which may contain flags, and a value.
    pub fn new(kind: u16, value: &'a [u8]) -> Self {
        Self {
            kind: kind & NLA_TYPE_MASK,
            value,
            kind_with_flags: kind,
        }
    }

    /// Splits the first attribute off.
    #[inline]
    fn split(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (header, _) = bytes.split_first_chunk::<NLA_HEADER_SIZE>()?;
        let [l0, l1, k0, k1] = *header;
        let length = usize::from(u16::from_ne_bytes([l0, l1]));
        let value = bytes.get(NLA_HEADER_SIZE..length)?;
        let attribute = Self::new(u16::from_ne_bytes([k0, k1]), value);
        // Rounding up to a multiple of four cannot overflow: the length has 16 bits.
        let rest = bytes.get((length + 3) & !3..);
        Some((attribute, rest.unwrap_or_default()))
    }
}

impl<'a> Attributes<'a> {
    /// Iterates over the attributes in `bytes`.
    pub fn of(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }
}

impl<'a> Iterator for Attributes<'a> {
    type Item = Result<Attribute<'a>, DecodeError>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let bytes = self.rest;
        if let Some((attribute, rest)) = Attribute::split(bytes) {
            self.rest = rest;
            return Some(Ok(attribute));
        }
        self.rest = &[];
        Some(Err(cut_short(bytes)))
    }
}

/// `#[cold]` keeps the formatting out of the hot path.
#[cold]
fn cut_short(bytes: &[u8]) -> DecodeError {
    format!("attribute cut short at {} bytes", bytes.len()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds_and_lengths(bytes: &[u8]) -> Vec<Option<(u16, usize)>> {
        let read = Attributes::of(bytes).map(Result::ok);
        read.map(|it| it.map(|it| (it.kind, it.value.len())))
            .collect()
    }

    fn attribute(length: u16, kind: u16, value: &[u8]) -> Vec<u8> {
        [&length.to_ne_bytes(), &kind.to_ne_bytes(), value].concat()
    }

    #[test]
    fn attributes_are_told_apart_by_length_and_padding_and_lose_their_flags() {
        let bytes = [
            attribute(5, 7, &[1, 0, 0, 0]),
            attribute(6, 0x8009, &[1, 2]),
        ]
        .concat();
        assert_eq!(kinds_and_lengths(&bytes), [Some((7, 1)), Some((9, 2))]);
        assert_eq!(kinds_and_lengths(&[]), []);
    }

    #[test]
    fn a_length_that_lies_is_an_error_and_the_end() {
        for length in [0, 3, 9, u16::MAX] {
            assert_eq!(kinds_and_lengths(&attribute(length, 1, &[0; 4])), [None]);
        }
        assert_eq!(kinds_and_lengths(&[4, 0, 1]), [None]);
    }
}
