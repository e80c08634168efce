//! `ipvs-rs`: the command line on the libraries `ipvs` and `lbnet`.
//!
//! Three kinds of file that never mix: `args` says what can be typed, `run` calls the libraries,
//! `output` prints. Nothing here knows anything about IPVS.

mod command;
mod commands;
mod ending;
mod ipvsadm;
mod session;
mod shown;
mod typed;

use std::error::Error;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use commands::Ended;

fn main() -> ExitCode {
    let cli = match command::typed() {
        Ok(cli) => cli,
        Err(error) => return ending::usage::report(&error),
    };
    // Standard output alone would be written line by line, and JSON has many.
    let mut out = BufWriter::with_capacity(16 * 1024, io::stdout().lock());
    let ended = commands::run(cli, &mut out).and_then(|ended| {
        out.flush()?;
        Ok(ended)
    });
    match ended {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::Found) => ExitCode::from(3),
        // `ipvs-rs list | head` has seen enough: nothing to complain about.
        Err(error) if is_broken_pipe(&*error) => ExitCode::SUCCESS,
        Err(error) => {
            report(&*error);
            ExitCode::FAILURE
        }
    }
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    error
        .downcast_ref::<io::Error>()
        .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// The error with its causes, as one sentence on one line.
#[expect(
    clippy::print_stderr,
    reason = "this is where a program says what went wrong"
)]
fn report(error: &dyn Error) {
    let mut sentence = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        sentence.push_str(": ");
        sentence.push_str(&error.to_string());
        cause = error.source();
    }
    eprintln!("error: {sentence}");
}
