//! serde's names of Rust's types, in the words of the file.

use serde::de::{Expected, Unexpected};

pub(super) const LIST: &str = "a list";
pub(super) const TABLE: &str = "a table";

/// What a value must be.
pub(super) fn expected(expected: &dyn Expected) -> String {
    let name = expected.to_string();
    match name.as_str() {
        "u8" => "a number from 0 to 255",
        "u16" => "a number from 0 to 65535",
        "u32" => "a number from 0 to 4294967295",
        "a nonzero u8" => "a number from 1 to 255",
        "a nonzero u16" => "a number from 1 to 65535",
        "a nonzero u32" => "a number from 1 to 4294967295",
        "a string" => "text in quotes",
        "a boolean" => "true or false",
        "IP address" => "an IP address",
        "a sequence" => LIST,
        _ if name.contains("struct ") || name.contains("enum ") => TABLE,
        _ => return name,
    }
    .to_owned()
}

/// What is there instead.
pub(super) fn found(found: Unexpected) -> String {
    match found {
        Unexpected::Bool(value) => value.to_string(),
        Unexpected::Unsigned(number) => number.to_string(),
        Unexpected::Signed(number) => number.to_string(),
        Unexpected::Float(number) => number.to_string(),
        Unexpected::Str(text) => format!("{text:?}"),
        Unexpected::Map => TABLE.to_owned(),
        Unexpected::Seq => LIST.to_owned(),
        other => other.to_string(),
    }
}

/// One of several words.
pub(super) fn one_of(words: &[&str]) -> String {
    let quoted: Vec<_> = words.iter().map(|word| format!("{word:?}")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => "nothing".to_owned(),
    }
}

/// The known key that an unknown one is most like, if it is like one at all.
pub(super) fn nearest<'a>(key: &str, known: &[&'a str]) -> Option<&'a str> {
    /// Swapped or missing letters stay above it, other words below.
    const ALIKE: f64 = 0.8;

    let alike = |known: &&str| strsim::jaro(key, known);
    let nearest = known
        .iter()
        .max_by(|one, other| alike(one).total_cmp(&alike(other)));
    nearest.filter(|known| alike(known) > ALIKE).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_key_is_recognized_and_another_word_is_not() {
        let known = ["address", "forward", "weight", "upper-threshold"];
        assert_eq!(nearest("wieght", &known), Some("weight"));
        assert_eq!(nearest("upper_threshold", &known), Some("upper-threshold"));
        assert_eq!(nearest("adress", &known), Some("address"));
        assert_eq!(nearest("port", &known), None);
        assert_eq!(nearest("", &known), None);
    }
}
