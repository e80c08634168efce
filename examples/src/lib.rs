//! The examples are the files beside this folder, one task per file. To run one in the lab:
//! `cargo lab run -- list_services`. To build them for your own host:
//! `cargo build -p ipvs-examples --examples`.
//!
//! The rest of this page is the project's README. It is included so that its code is compiled.
#![doc = include_str!("../../README.md")]

use std::error::Error;
use std::process::ExitCode;

/// Turns the result of an example into its exit status. Prints an error, which makes it 1.
pub fn report(outcome: Result<(), Box<dyn Error>>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&*error);
            ExitCode::FAILURE
        }
    }
}

/// Prints an error and its causes as one sentence.
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
