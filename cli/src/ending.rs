//! How a run ends: what it says when it fails, and its exit status.

pub(crate) mod usage;

use std::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

/// Why a command failed.
pub(crate) type Failure = Box<dyn Error>;

/// What a command comes to that has nothing to find.
pub(crate) type Outcome = Result<(), Failure>;

/// How a command ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// There is nothing more to say.
    Done,
    /// Something is not as it should be.
    Found,
}

impl Ended {
    /// Of a command that has nothing to find.
    pub(crate) fn of(outcome: Outcome) -> Result<Self, Failure> {
        outcome.map(|()| Self::Done)
    }
}

/// Standard output could not be written to.
#[derive(Debug)]
pub(crate) struct OutputError(io::Error);

impl OutputError {
    /// Whether whoever read it has seen enough: `ipvs-rs connections | head`.
    pub(crate) fn is_reader_gone(&self) -> bool {
        self.0.kind() == io::ErrorKind::BrokenPipe
    }
}

impl From<io::Error> for OutputError {
    fn from(error: io::Error) -> Self {
        Self(error)
    }
}

impl fmt::Display for OutputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cannot write to standard output: {}", self.0)
    }
}

impl Error for OutputError {}

/// Ends the program: `ended` is what the command came to, `flushed` what became of the rest of its
/// output.
pub(crate) fn status(ended: Result<Ended, Failure>, flushed: io::Result<()>) -> ExitCode {
    let ended = ended.or_else(unless_reader_gone);
    let ended = ended.and_then(|ended| match flushed.map_err(OutputError) {
        Err(error) if !error.is_reader_gone() => Err(error.into()),
        _ => Ok(ended),
    });
    match ended {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::Found) => ExitCode::from(3),
        Err(error) => {
            say(format_args!("error: {}", sentence(&*error)));
            ExitCode::FAILURE
        }
    }
}

/// A list that was cut short by its reader is no failure.
fn unless_reader_gone(failure: Failure) -> Result<Ended, Failure> {
    match failure.downcast_ref::<OutputError>() {
        Some(error) if error.is_reader_gone() => Ok(Ended::Done),
        _ => Err(failure),
    }
}

/// The error with its causes, as one sentence on one line.
fn sentence(error: &dyn Error) -> String {
    let mut sentence = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        sentence.push_str(": ");
        sentence.push_str(&error.to_string());
        cause = error.source();
    }
    sentence
}

/// Prints a line to standard error. Where that cannot be written to, nobody can be told, and the
/// program goes on.
pub(crate) fn say(line: impl fmt::Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
