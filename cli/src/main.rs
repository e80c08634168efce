//! `ipvs-rs`: the command line on the libraries `ipvs` and `lbnet`.
//!
//! Each command family has its own file in `commands`. Nothing here knows anything about IPVS.

mod command;
mod commands;
mod ending;
mod ipvsadm;
mod session;
mod shown;
mod typed;

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

fn main() -> ExitCode {
    let typed = match command::typed(std::env::args_os()) {
        Ok(typed) => typed,
        Err(error) => return ending::usage::report(&error),
    };
    // Standard output alone would be written line by line, and JSON has many.
    let mut out = BufWriter::with_capacity(16 * 1024, io::stdout().lock());
    let ended = typed.run(&mut out);
    ending::status(ended, out.flush())
}
