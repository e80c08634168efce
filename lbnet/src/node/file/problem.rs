//! What is wrong with a part of the file, and which part that is.

use std::fmt;
use std::ops::Range;

use serde::de::{self, Expected, Unexpected};
use toml::Spanned;
use toml::de::DeValue;

use super::words;

/// One thing that is wrong, found while a document is deserialized.
///
/// serde tells an error what was expected and what was found. This one keeps both, so that the
/// message can be in the words of the file instead of those of Rust.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    what: What,
    /// The key whose value is wrong.
    key: Option<String>,
    place: Option<Place>,
}

/// Where a problem is, in bytes of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// This key or value.
    Exactly(Range<usize>),
    /// Something in this table or list.
    Within(Range<usize>),
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    UnknownKey {
        key: String,
        known: Vec<&'static str>,
    },
    MissingKey(&'static str),
    /// A value of the wrong type, out of range, or none of several words.
    Unfit {
        expected: String,
        found: String,
    },
    /// Why a value, or several together, make no sense.
    Senseless(String),
}

impl Problem {
    fn new(what: What) -> Self {
        Self {
            what,
            key: None,
            place: None,
        }
    }

    pub(super) fn unfit(expected: impl Into<String>, found: Unexpected) -> Self {
        Self::new(What::Unfit {
            expected: expected.into(),
            found: words::found(found),
        })
    }

    pub(super) fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    pub(super) fn first_byte(&self) -> usize {
        match &self.place {
            Some(Place::Exactly(span) | Place::Within(span)) => span.start,
            None => 0,
        }
    }

    pub(super) fn says_the_same(&self, other: &Self) -> bool {
        self.what == other.what
    }

    /// The same problem, at a place that is known better.
    pub(super) fn at(self, span: Range<usize>) -> Self {
        Self {
            place: Some(Place::Exactly(span)),
            ..self
        }
    }

    /// The same problem, of the value of a key that is known better.
    pub(super) fn about_key(self, key: &str) -> Self {
        Self {
            key: Some(key.to_owned()),
            ..self
        }
    }

    /// The same problem, of a key that is wrong itself.
    pub(super) fn of_key(self, span: Range<usize>) -> Self {
        Self {
            place: self.place.or(Some(Place::Exactly(span))),
            ..self
        }
    }

    /// The same problem, of a value in a table.
    pub(super) fn of_value(mut self, key: &str, value: &Spanned<DeValue>) -> Self {
        self.key.get_or_insert_with(|| key.to_owned());
        self.of_element(value)
    }

    /// The same problem, of a value in a list. The first value that a problem passes on its way up
    /// is the one that it is about.
    pub(super) fn of_element(mut self, value: &Spanned<DeValue>) -> Self {
        if self.place.is_none() {
            self.place = Some(self.place_in(value));
            if let DeValue::String(text) = value.get_ref() {
                self.name(text);
            }
        }
        self
    }

    fn place_in(&self, value: &Spanned<DeValue>) -> Place {
        match (&self.what, value.get_ref()) {
            // Where serde read the whole table first, the key has lost its place.
            (What::UnknownKey { key, .. }, DeValue::Table(table)) => {
                let unknown = table.keys().find(|known| known.get_ref() == key);
                Place::Exactly(unknown.map_or(value.span(), Spanned::span))
            }
            (What::MissingKey(_), _) => Place::Exactly(value.span()),
            (_, DeValue::Table(_) | DeValue::Array(_)) => Place::Within(value.span()),
            _ => Place::Exactly(value.span()),
        }
    }

    /// Names a text that its problem does not name.
    fn name(&mut self, text: &str) {
        match &mut self.what {
            What::Senseless(why) if !why.contains(text) => *why = format!("{text:?}: {why}"),
            _ => {}
        }
    }

    /// The same problem, in a document that has these sections as well.
    pub(super) fn with_sections(
        mut self,
        document: &Spanned<DeValue>,
        more: &[&'static str],
    ) -> Self {
        let is_section = match document.get_ref() {
            DeValue::Table(sections) => sections
                .keys()
                .any(|key| self.place == Some(Place::Exactly(key.span()))),
            _ => false,
        };
        if let (What::UnknownKey { known, .. }, true) = (&mut self.what, is_section) {
            known.extend(more);
        }
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.what {
            What::UnknownKey { key, known } => {
                write!(f, "unknown key `{key}`")?;
                if let Some(meant) = words::nearest(key, known) {
                    write!(f, ": did you mean `{meant}`?")?;
                }
                write!(f, " (known here: {})", known.join(", "))
            }
            What::MissingKey(key) => write!(f, "the key `{key}` is missing"),
            What::Unfit { expected, found } => {
                match &self.key {
                    Some(key) => write!(f, "`{key}` must be {expected}, not {found}")?,
                    None => write!(f, "{expected} is needed here, not {found}")?,
                }
                if (expected.as_str(), found.as_str()) == (words::LIST, words::TABLE) {
                    write!(f, ": write [[…]] above each table of a list")?;
                }
                Ok(())
            }
            What::Senseless(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Problem {}

impl de::Error for Problem {
    fn custom<T: fmt::Display>(why: T) -> Self {
        Self::new(What::Senseless(why.to_string()))
    }

    fn invalid_type(found: Unexpected, expected: &dyn Expected) -> Self {
        Self::unfit(words::expected(expected), found)
    }

    fn invalid_value(found: Unexpected, expected: &dyn Expected) -> Self {
        Self::unfit(words::expected(expected), found)
    }

    fn unknown_variant(found: &str, known: &'static [&'static str]) -> Self {
        Self::unfit(words::one_of(known), Unexpected::Str(found))
    }

    fn unknown_field(key: &str, known: &'static [&'static str]) -> Self {
        Self::new(What::UnknownKey {
            key: key.to_owned(),
            known: known.to_vec(),
        })
    }

    fn missing_field(key: &'static str) -> Self {
        Self::new(What::MissingKey(key))
    }
}
