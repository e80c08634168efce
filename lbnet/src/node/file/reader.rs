//! Deserializes a parsed document, and notes of every problem where it is.

use std::slice;
use std::vec;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess,
    Unexpected, Visitor,
};
use serde::forward_to_deserialize_any;
use toml::Spanned;
use toml::de::{DeInteger, DeString, DeTable, DeValue};

use super::problem::Problem;
use super::words;

/// Reads `document`, or says what in it is wrong.
pub(super) fn read<T: DeserializeOwned>(document: &Spanned<DeValue>) -> Result<T, Problem> {
    T::deserialize(Reader { value: document }).map_err(|problem| problem.of_element(document))
}

#[derive(Clone, Copy)]
struct Reader<'a> {
    value: &'a Spanned<DeValue<'a>>,
}

impl Reader<'_> {
    fn unexpected(&self) -> Unexpected<'_> {
        match self.value.get_ref() {
            DeValue::String(text) => Unexpected::Str(text),
            DeValue::Integer(number) => Unexpected::Other(number.as_str()),
            DeValue::Float(number) => Unexpected::Other(number.as_str()),
            DeValue::Boolean(value) => Unexpected::Bool(*value),
            DeValue::Datetime(_) => Unexpected::Other("a date or time"),
            DeValue::Array(_) => Unexpected::Seq,
            DeValue::Table(_) => Unexpected::Map,
        }
    }

    fn visit_integer<'de, V: Visitor<'de>>(
        self,
        number: &DeInteger,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        let (digits, radix) = (number.as_str(), number.radix());
        if let Ok(number) = i64::from_str_radix(digits, radix) {
            visitor.visit_i64(number)
        } else if let Ok(number) = u64::from_str_radix(digits, radix) {
            visitor.visit_u64(number)
        } else {
            Err(de::Error::invalid_value(self.unexpected(), &visitor))
        }
    }
}

impl<'de> Deserializer<'de> for Reader<'_> {
    type Error = Problem;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        match self.value.get_ref() {
            DeValue::String(text) => visitor.visit_str(text),
            DeValue::Integer(number) => self.visit_integer(number, visitor),
            DeValue::Boolean(value) => visitor.visit_bool(*value),
            DeValue::Array(items) => visitor.visit_seq(Items(items.iter())),
            DeValue::Table(table) => visitor.visit_map(Entries::of(table)),
            // Nothing in the file has a fraction or is a date.
            DeValue::Float(_) | DeValue::Datetime(_) => {
                Err(de::Error::invalid_type(self.unexpected(), &visitor))
            }
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Problem> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Problem> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        keys: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        if let DeValue::Table(_) = self.value.get_ref() {
            return self.deserialize_any(visitor);
        }
        let expected = format!("a table of {}", keys.join(", "));
        Err(Problem::unfit(expected, self.unexpected()))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Problem> {
        match self.value.get_ref() {
            DeValue::String(text) => {
                let text: StrDeserializer<Problem> = text.as_ref().into_deserializer();
                visitor.visit_enum(text)
            }
            _ => Err(Problem::unfit(words::one_of(variants), self.unexpected())),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

/// The elements of a list.
struct Items<'a>(slice::Iter<'a, Spanned<DeValue<'a>>>);

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Problem;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Problem> {
        let Some(value) = self.0.next() else {
            return Ok(None);
        };
        let element = seed.deserialize(Reader { value });
        element
            .map(Some)
            .map_err(|problem| problem.of_element(value))
    }
}

type Entry<'a> = (&'a Spanned<DeString<'a>>, &'a Spanned<DeValue<'a>>);

/// The keys and values of a table.
struct Entries<'a> {
    rest: vec::IntoIter<Entry<'a>>,
    current: Option<Entry<'a>>,
}

impl<'a> Entries<'a> {
    /// In the order of the text, so that the first problem there is the one that is told.
    fn of(table: &'a DeTable<'a>) -> Self {
        let mut entries: Vec<Entry<'a>> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        Self {
            rest: entries.into_iter(),
            current: None,
        }
    }
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = Problem;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Problem> {
        self.current = self.rest.next();
        let Some((key, _)) = self.current else {
            return Ok(None);
        };
        let text: StrDeserializer<Problem> = key.get_ref().as_ref().into_deserializer();
        let read = seed.deserialize(text);
        read.map(Some).map_err(|problem| problem.of_key(key.span()))
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Problem> {
        let Some((key, value)) = self.current else {
            return Err(de::Error::custom("a value was asked for before its key"));
        };
        let read = seed.deserialize(Reader { value });
        read.map_err(|problem| problem.of_value(key.get_ref(), value))
    }
}
