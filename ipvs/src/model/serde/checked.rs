use std::fmt;
use std::marker::PhantomData;

use ::serde::de::value::MapAccessDeserializer;
use ::serde::de::{Error, MapAccess, Visitor};
use ::serde::{Deserialize, Deserializer};

/// Deserializes the keys and converts them while the parser is still at them, so that an error has their
/// line. With `#[serde(try_from)]` the parser has already left them, and an error would name the first
/// line of the enclosing value.
pub(super) fn checked<'de, Keys, T, D>(deserializer: D) -> Result<T, D::Error>
where
    Keys: Deserialize<'de>,
    T: TryFrom<Keys, Error: fmt::Display>,
    D: Deserializer<'de>,
{
    deserializer.deserialize_map(Checked(PhantomData))
}

struct Checked<Keys, T>(PhantomData<(Keys, T)>);

impl<'de, Keys, T> Visitor<'de> for Checked<Keys, T>
where
    Keys: Deserialize<'de>,
    T: TryFrom<Keys, Error: fmt::Display>,
{
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of keys")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
        let keys = Keys::deserialize(MapAccessDeserializer::new(map))?;
        T::try_from(keys).map_err(A::Error::custom)
    }
}
