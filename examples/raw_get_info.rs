//! Send a raw netlink request with `ipvs-sys`, without the library `ipvs` on top.
//!
//!     cargo lab run -- raw_get_info
//!
//! prints
//!
//!     Info([Version(66049), ConnTabSize(4096)])
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::process::ExitCode;

use ipvs_sys::{Command, Conversation, IpvsMessage};

fn main() -> ExitCode {
    ipvs_examples::report(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut kernel = Conversation::open()?;
    let answer = kernel.get(IpvsMessage::new(Command::GetInfo, vec![]))?;
    println!("{answer:?}");
    Ok(())
}
