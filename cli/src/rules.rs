//! Rules as text.

pub(crate) mod ipvsadm;
pub(crate) mod toml;

use std::fmt;

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
