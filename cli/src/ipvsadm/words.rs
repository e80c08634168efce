use std::str::{FromStr, SplitAsciiWhitespace};

/// The words of a line, separated by blanks.
pub(super) struct Words<'a>(SplitAsciiWhitespace<'a>);

impl<'a> Words<'a> {
    pub(super) fn of(line: &'a str) -> Self {
        Self(line.split_ascii_whitespace())
    }

    pub(super) fn next(&mut self) -> Option<&'a str> {
        self.0.next()
    }

    pub(super) fn word(&mut self, option: &str) -> Result<&'a str, String> {
        self.0
            .next()
            .ok_or_else(|| format!("{option} needs a value"))
    }

    pub(super) fn value<T: FromStr<Err: ToString>>(&mut self, option: &str) -> Result<T, String> {
        let word = self.word(option)?;
        word.parse()
            .map_err(|error: T::Err| format!("{option} {word}: {}", error.to_string()))
    }

    pub(super) fn end(mut self) -> Result<(), String> {
        self.0
            .next()
            .map_or(Ok(()), |word| Err(format!("unexpected {word:?}")))
    }

    /// The next word, if it is a value and not an option.
    pub(super) fn optional(&mut self) -> Option<&'a str> {
        let mut ahead = self.0.clone();
        let word = ahead.next().filter(|word| !word.starts_with('-'))?;
        self.0 = ahead;
        Some(word)
    }
}
