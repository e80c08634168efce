//! Make this host what `lb.toml` says: its services first, then the host around them.
//!
//!     cargo lab run -- set_up_from_file lb.toml
//!
//! prints what it changed on the host. It also takes down what an earlier version of the file set up. If
//! the file has a mistake, the error names its line and column, and nothing is changed.
#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::process::ExitCode;

use ipvs::{Client, NewServices};
use lbnet::{File, Host, Netns};

fn main() -> ExitCode {
    ipvs_examples::report(run())
}

fn run() -> Result<(), Box<dyn Error>> {
    let path = std::env::args()
        .nth(1)
        .ok_or("usage: set_up_from_file FILE")?;
    let file = File::read(path)?;

    // Clients come as soon as the virtual IP is there.
    Client::open()?.restore(&file.table, NewServices::ScheduledFirst)?;
    lbnet::block_on(async {
        let host = Host::open(Netns::current()?)?;
        let report = host.reconcile(&file.directors, &file.real_servers).await?;
        print!("{report}");
        Ok(())
    })?
}
