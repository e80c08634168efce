//! Why a file was not read or not written.

use std::io;
use std::path::PathBuf;

use super::position::Position;

/// What is wrong with the text of a file, and where.
///
/// # Examples
/// ```
/// use lbnet::File;
///
/// let error = File::parse("[timeouts]\nudp = 30\n").unwrap_err();
/// assert_eq!((error.line(), error.column()), (2, 7));
/// assert_eq!(
///     error.to_string(),
///     "line 2, column 7: `udp` must be text in quotes, not 30"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {}, column {}: {reason}", position.line, position.column)]
pub struct ParseFileError {
    position: Position,
    reason: String,
}

impl ParseFileError {
    pub(super) fn new(text: &str, byte: usize, reason: impl Into<String>) -> Self {
        Self {
            position: Position::of(text, byte),
            reason: reason.into(),
        }
    }

    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.position.line
    }

    /// The column in characters, counted from 1.
    pub fn column(&self) -> usize {
        self.position.column
    }

    /// What is wrong there.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

/// Why [`File::read`](super::File::read) failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadFileError {
    /// The file could not be opened or read, or is not UTF-8 text.
    #[error("{}", path.display())]
    Unreadable {
        /// Its path.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file was read and is wrong.
    #[error("{}, {error}", path.display())]
    Wrong {
        /// Its path.
        path: PathBuf,
        /// What is wrong, and where.
        error: ParseFileError,
    },
}

/// Why [`File::to_toml`](super::File::to_toml) failed: the file has no word for something in it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot be written as a file: {0}")]
pub struct WriteFileError(pub(super) String);
