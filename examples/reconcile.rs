//! Make the kernel's table match a file, in the format that `ipvs-rs save` writes.
//!
//!     cargo lab run -- reconcile table.toml
//!
//! prints the changes that it makes, for example
//!
//!     update destination 198.51.100.7:80 of service tcp:192.0.2.10:80: weight 1 → 5
//!
//! or `nothing to do`. Services that are not in the file are left unchanged.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::process::ExitCode;

use ipvs::{Client, Plan, Table};

fn main() -> ExitCode {
    ipvs_examples::report(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let path = std::env::args().nth(1).ok_or("usage: reconcile FILE")?;
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let wanted: Table = toml::from_str(&text)?;

    let mut ipvs = Client::open()?;
    let plan = Plan::between(&ipvs.table()?, &wanted);
    if plan.is_empty() {
        println!("nothing to do");
    }
    for change in plan.changes() {
        println!("{change}");
    }
    // All or nothing: if the kernel refuses a change, `apply` rolls back the changes before it.
    Ok(ipvs.apply(&plan)?)
}
