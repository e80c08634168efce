use std::fmt;
use std::io::{self, BufRead};

/// An error in a line of standard input.
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

/// Standard input, line by line, so that it never has to be in memory as a whole.
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

    /// The next line, including its line ending, and its number, counted from 1.
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
    /// There is no input at all. `save` always prints something, so most likely a `save` in the pipe
    /// failed.
    Nothing,
    Line(LineError),
    /// A rule is about a service that the kernel has, and the kernel's table could not be read.
    Kernel(ipvs::Error),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input(error) => write!(f, "standard input: {error}"),
            Self::Nothing => f.write_str("standard input is empty: there is nothing to restore"),
            Self::Line(error) => error.fmt(f),
            Self::Kernel(error) => error.fmt(f),
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
