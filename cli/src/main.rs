//! `ipvs-rs`: a command line for the libraries `ipvs` and `lbnet`.
//!
//! Each command family has its own place in `commands`. Decisions about IPVS and the network are made in
//! the libraries, not here.

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
    // Without this buffer, standard output would be written line by line.
    let mut out = BufWriter::with_capacity(16 * 1024, io::stdout().lock());
    let ended = typed.run(&mut out);
    ending::status(ended, out.flush())
}
