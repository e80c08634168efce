//! The operator's words to the kernel's attributes and back, both directions of a thing side by
//! side. Units end here: a duration becomes seconds, an address sixteen bytes.

pub(crate) mod destination;
pub(crate) mod family;
pub(crate) mod info;
pub(crate) mod service;
pub(crate) mod stats;
pub(crate) mod sync;
pub(crate) mod timeouts;

use netlink_packet_core::{DecodeError, NLA_HEADER_SIZE, NlaBuffer, NlasIterator};

/// Keeps an attribute that may come once.
fn once<T>(slot: &mut Option<T>, value: T, name: &str) -> Result<(), DecodeError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(format!("{name} came twice").into()),
    }
}

fn required<T>(slot: Option<T>, name: &str) -> Result<T, DecodeError> {
    slot.ok_or_else(|| format!("{name} is missing").into())
}

/// What is inside the one attribute of this kind.
pub(crate) fn nest<'a>(bytes: &'a [u8], kind: u16, name: &str) -> Result<&'a [u8], DecodeError> {
    let mut found = None;
    for attribute in NlasIterator::new(bytes) {
        let attribute = attribute?;
        if attribute.kind() == kind {
            once(&mut found, value(attribute), name)?;
        }
    }
    required(found, name)
}

/// The value of an attribute, for as long as the bytes that it stands in.
fn value(attribute: NlaBuffer<&[u8]>) -> &[u8] {
    let length = attribute.value_length();
    let value = attribute.into_inner().get(NLA_HEADER_SIZE..);
    value
        .and_then(|value| value.get(..length))
        .unwrap_or_default()
}

/// A name that ends with a NUL.
fn name<'a>(bytes: &'a [u8], attribute: &str) -> Result<&'a str, DecodeError> {
    let name = bytes.split(|byte| *byte == 0).next().unwrap_or_default();
    std::str::from_utf8(name).map_err(|error| format!("{attribute}: {error}").into())
}
