//! The examples stand beside this folder, one task a file: `cargo lab run -- list_services` in the
//! lab, `cargo build -p ipvs-examples --examples` for a host of your own.
//!
//! What follows is the project's README, so that its code is compiled.
#![doc = include_str!("../../README.md")]

use std::error::Error;
use std::process::ExitCode;

/// How an example ends: an error is printed, and makes the exit status 1.
pub fn report(outcome: Result<(), Box<dyn Error>>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&*error);
            ExitCode::FAILURE
        }
    }
}

/// Prints an error with its causes, as one sentence.
#[expect(
    clippy::print_stderr,
    reason = "this is where a program says what went wrong"
)]
pub fn complain(error: &dyn Error) {
    let mut sentence = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        sentence.push_str(": ");
        sentence.push_str(&error.to_string());
        cause = error.source();
    }
    eprintln!("error: {sentence}");
}
