use std::fmt;
use std::io::{self, BufRead};

/// A line of standard input that cannot be what it should be.
#[derive(Debug)]
pub(crate) struct LineError {
    /// Counted from 1.
    line: usize,
    what: String,
}

impl LineError {
    pub(crate) fn new(line: usize, what: impl fmt::Display) -> Self {
        Self {
            line,
            what: what.to_string(),
        }
    }
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "standard input, line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for LineError {}

/// Standard input, line by line: there is never more of it in memory than what is read into.
pub(crate) struct Lines<R> {
    input: R,
    line: String,
    number: usize,
}

impl<R: BufRead> Lines<R> {
    pub(crate) fn new(input: R) -> Self {
        Self {
            input,
            line: String::new(),
            number: 0,
        }
    }

    /// The next line with what ends it, and its number, counted from 1.
    pub(crate) fn next(&mut self) -> io::Result<Option<(usize, &str)>> {
        self.line.clear();
        if self.input.read_line(&mut self.line)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        let mark = if self.number == 1 { "\u{feff}" } else { "" };
        let line = self.line.strip_prefix(mark).unwrap_or(&self.line);
        Ok(Some((self.number, line)))
    }
}

/// Why rules could not be read.
#[derive(Debug)]
pub(crate) enum ReadError {
    Input(io::Error),
    /// Nobody saves nothing at all: a `save` in front of the pipe has failed.
    Nothing,
    Line(LineError),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(error) => write!(f, "standard input: {error}"),
            Self::Nothing => f.write_str("standard input is empty: there is nothing to restore"),
            Self::Line(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ReadError {}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Input(error)
    }
}

impl From<LineError> for ReadError {
    fn from(error: LineError) -> Self {
        Self::Line(error)
    }
}
