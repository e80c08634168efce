//! Numbers that are signed in the kernel: half of what 32 bits hold is out of range.

use std::fmt;
use std::num::NonZeroU32;

use ::serde::Deserializer;
use ::serde::de::{Error, Unexpected, Visitor};

pub(super) fn weight<'de, D: Deserializer<'de>>(number: D) -> Result<u32, D::Error> {
    number.deserialize_u32(From(0))
}

pub(super) fn threshold<'de, D: Deserializer<'de>>(
    number: D,
) -> Result<Option<NonZeroU32>, D::Error> {
    number.deserialize_u32(From(1)).map(NonZeroU32::new)
}

/// A number from this one on.
struct From(u32);

impl Visitor<'_> for From {
    type Value = u32;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a number from {} to {}", self.0, i32::MAX)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<u32, E> {
        let fitting = i32::try_from(number)
            .ok()
            .and_then(|number| number.try_into().ok());
        let fitting = fitting.filter(|number: &u32| *number >= self.0);
        fitting.ok_or_else(|| E::invalid_value(Unexpected::Unsigned(number), &self))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<u32, E> {
        match number.try_into() {
            Ok(number) => self.visit_u64(number),
            Err(_) => Err(E::invalid_value(Unexpected::Signed(number), &self)),
        }
    }
}
