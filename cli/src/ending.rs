//! How a run ends: its error message and its exit status.

pub(crate) mod usage;

use std::error::Error;
use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

/// Why a command failed.
pub(crate) type Failure = Box<dyn Error>;

/// The result of a command that has no findings.
pub(crate) type Outcome = Result<(), Failure>;

/// How a command ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The command did what it was asked to do.
    Done,
    /// `doctor` found something wrong.
    Found,
    /// Something is left, which has been reported.
    InPart,
}

impl Ended {
    /// The ending of a command that has no findings.
    pub(crate) fn of(outcome: Outcome) -> Result<Self, Failure> {
        outcome.map(|()| Self::Done)
    }
}

/// Writing to standard output failed.
#[derive(Debug)]
pub(crate) struct OutputError(io::Error);

impl OutputError {
    /// Whether the reader has closed the pipe, as `head` does in `ipvs-rs connections | head`.
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

/// Reports how the run ended, and returns the exit status.
///
/// `flushed` is the result of writing out the rest of the buffered output.
pub(crate) fn status(ended: Result<Ended, Failure>, flushed: io::Result<()>) -> ExitCode {
    let ended = ended.or_else(unless_reader_gone);
    let ended = ended.and_then(|ended| match flushed.map_err(OutputError) {
        Err(error) if !error.is_reader_gone() => Err(error.into()),
        _ => Ok(ended),
    });
    match ended {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::Found) => ExitCode::from(3),
        Ok(Ended::InPart) => ExitCode::from(5),
        Err(error) => {
            report(&*error);
            ExitCode::FAILURE
        }
    }
}

/// Reports what went wrong.
pub(crate) fn report(error: &dyn Error) {
    say(format_args!("error: {}", sentence(error)));
}

/// Output that its reader cut short is no failure.
fn unless_reader_gone(failure: Failure) -> Result<Ended, Failure> {
    match failure.downcast_ref::<OutputError>() {
        Some(error) if error.is_reader_gone() => Ok(Ended::Done),
        _ => Err(failure),
    }
}

/// The error and its causes on one line.
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

/// Prints a line to standard error.
///
/// Nothing can be reported if this fails, so the failure is ignored. `eprintln!` would panic instead, for
/// example with `2>/dev/full`.
pub(crate) fn say(line: impl fmt::Display) {
    let _ = writeln!(io::stderr(), "{line}");
}
