//! Codecs: how the value of an attribute becomes bytes, one codec per shape.

use netlink_packet_core::{DecodeError, Emitable, NLA_F_NESTED};

use super::{AttributeSpace, Attributes};

/// Turns a value into the bytes of an attribute and back.
///
/// `emit` receives a buffer of exactly `len` bytes.
pub(crate) trait Codec<T> {
    /// Flag bits that this codec adds to the attribute's type.
    const KIND_FLAGS: u16 = 0;

    fn len(value: &T) -> usize;
    fn emit(value: &T, buffer: &mut [u8]);
    fn parse(bytes: &[u8]) -> Result<T, DecodeError>;
}

/// Converts `bytes` to an array of `N` bytes, or fails if the length differs.
#[inline]
pub(crate) fn exactly<const N: usize>(bytes: &[u8]) -> Result<[u8; N], DecodeError> {
    match bytes.try_into() {
        Ok(array) => Ok(array),
        Err(_) => Err(wrong_length(&N, bytes)),
    }
}

/// `#[cold]` keeps the formatting out of the hot path.
#[cold]
fn wrong_length(expected: &dyn std::fmt::Display, bytes: &[u8]) -> DecodeError {
    format!("expected {expected} bytes, received {}", bytes.len()).into()
}

/// A number in native byte order. IPVS uses it for nearly all numbers.
pub(crate) struct Native;

/// A number in network byte order: every port except the sync daemon's.
pub(crate) struct Network;

macro_rules! number {
    ($codec:ident, $type:ty, $to:ident, $from:ident) => {
        impl Codec<$type> for $codec {
            #[inline(always)]
            fn len(_: &$type) -> usize {
                size_of::<$type>()
            }
            #[inline(always)]
            fn emit(value: &$type, buffer: &mut [u8]) {
                buffer.copy_from_slice(&value.$to());
            }
            #[inline(always)]
            fn parse(bytes: &[u8]) -> Result<$type, DecodeError> {
                exactly(bytes).map(<$type>::$from)
            }
        }
    };
}

number!(Native, u8, to_ne_bytes, from_ne_bytes);
number!(Native, u16, to_ne_bytes, from_ne_bytes);
number!(Native, u32, to_ne_bytes, from_ne_bytes);
number!(Native, i32, to_ne_bytes, from_ne_bytes);
number!(Native, u64, to_ne_bytes, from_ne_bytes);
number!(Network, u16, to_be_bytes, from_be_bytes);

/// A fixed number of bytes, copied unchanged.
pub(crate) struct Bytes;

impl<const N: usize> Codec<[u8; N]> for Bytes {
    #[inline]
    fn len(_: &[u8; N]) -> usize {
        N
    }
    #[inline]
    fn emit(value: &[u8; N], buffer: &mut [u8]) {
        buffer.copy_from_slice(value);
    }
    #[inline]
    fn parse(bytes: &[u8]) -> Result<[u8; N], DecodeError> {
        exactly(bytes)
    }
}

/// An address of either family in 16 bytes. An IPv4 address uses the first four.
///
/// The kernel always sends 16 bytes but accepts fewer, so the decoder also accepts a bare IPv4
/// address of 4 bytes.
pub(crate) struct Address;

impl Codec<[u8; 16]> for Address {
    #[inline]
    fn len(_: &[u8; 16]) -> usize {
        16
    }
    #[inline]
    fn emit(value: &[u8; 16], buffer: &mut [u8]) {
        buffer.copy_from_slice(value);
    }
    #[inline]
    fn parse(bytes: &[u8]) -> Result<[u8; 16], DecodeError> {
        match *bytes {
            [a, b, c, d] => Ok([a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            _ => match bytes.try_into() {
                Ok(address) => Ok(address),
                Err(_) => Err(wrong_length(&"4 or 16", bytes)),
            },
        }
    }
}

/// Reads the text in the value of an attribute, which the kernel ends with a NUL.
///
/// # Errors
/// The value is not UTF-8 up to its first NUL.
#[inline]
pub fn text(value: &[u8]) -> Result<&str, std::str::Utf8Error> {
    let text = value.split(|byte| *byte == 0).next().unwrap_or_default();
    std::str::from_utf8(text)
}

/// NUL-terminated text. Decoding stops at the first NUL.
pub(crate) struct Text;

impl Codec<String> for Text {
    #[inline]
    fn len(value: &String) -> usize {
        value.len() + 1
    }
    #[inline]
    fn emit(value: &String, buffer: &mut [u8]) {
        let (text, nul) = buffer.split_at_mut(value.len());
        text.copy_from_slice(value.as_bytes());
        nul.fill(0);
    }
    #[inline]
    fn parse(bytes: &[u8]) -> Result<String, DecodeError> {
        match text(bytes) {
            Ok(text) => Ok(text.to_owned()),
            Err(error) => Err(error.to_string().into()),
        }
    }
}

/// A nested attribute list.
///
/// ipvsadm sets `NLA_F_NESTED` and the kernel does not, so the flag is sent but not required.
pub(crate) struct Nested;

impl<A: AttributeSpace> Codec<Vec<A>> for Nested {
    const KIND_FLAGS: u16 = NLA_F_NESTED;

    #[inline]
    fn len(value: &Vec<A>) -> usize {
        value.as_slice().buffer_len()
    }
    #[inline]
    fn emit(value: &Vec<A>, buffer: &mut [u8]) {
        value.as_slice().emit(buffer);
    }
    #[inline]
    fn parse(bytes: &[u8]) -> Result<Vec<A>, DecodeError> {
        attributes(bytes)
    }
}

/// Decodes a whole attribute list.
pub(crate) fn attributes<A: AttributeSpace>(bytes: &[u8]) -> Result<Vec<A>, DecodeError> {
    Attributes::of(bytes)
        .map(|attribute| A::read(attribute?))
        .collect()
}
