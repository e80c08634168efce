//! Converts between API types and attributes, with both directions of a type side by side. Units end
//! here: a duration becomes seconds, an address becomes sixteen bytes.

pub(crate) mod destination;
pub(crate) mod family;
pub(crate) mod info;
pub(crate) mod service;
pub(crate) mod stats;
pub(crate) mod sync;
pub(crate) mod timeouts;

use ipvs_sys::{AttributeSpace, Attributes, NestWriter};
use netlink_packet_core::DecodeError;

/// Receives attributes one by one.
pub(crate) trait Put<A> {
    fn put(&mut self, attribute: A);
}

impl<A: AttributeSpace> Put<A> for NestWriter<'_, A> {
    #[expect(
        clippy::inline_always,
        reason = "what is known of an attribute where it is put decides how it is written"
    )]
    #[inline(always)]
    fn put(&mut self, attribute: A) {
        Self::put(self, attribute);
    }
}

impl<T> Put<T> for Vec<T> {
    fn put(&mut self, attribute: T) {
        self.push(attribute);
    }
}

/// Stores an attribute that may occur once.
#[inline]
fn once<T>(slot: &mut Option<T>, value: T, name: &str) -> Result<(), DecodeError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(wrong(name, "came twice")),
    }
}

#[inline]
fn required<T>(slot: Option<T>, name: &str) -> Result<T, DecodeError> {
    slot.ok_or_else(|| wrong(name, "is missing"))
}

/// `#[cold]` keeps the formatting out of the hot path.
#[cold]
fn wrong(name: &str, what: &str) -> DecodeError {
    format!("{name} {what}").into()
}

/// The contents of the only attribute of this kind.
pub(crate) fn nest<'a>(bytes: &'a [u8], kind: u16, name: &str) -> Result<&'a [u8], DecodeError> {
    let mut found = None;
    for attribute in Attributes::of(bytes) {
        let attribute = attribute?;
        if attribute.kind == kind {
            once(&mut found, attribute.value, name)?;
        }
    }
    required(found, name)
}

/// A NUL-terminated name.
fn name<'a>(bytes: &'a [u8], attribute: &str) -> Result<&'a str, DecodeError> {
    ipvs_sys::text(bytes).map_err(|error| format!("{attribute}: {error}").into())
}
