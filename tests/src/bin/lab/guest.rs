//! What runs inside: the guest's first process, and the agent that does what the host asks for.

mod agent;
mod files;
mod init;
mod namespace;
mod program;
mod tied;

use std::fs::File;
use std::io::{IsTerminal, Write};

use anyhow::Result;
use nix::sys::termios::{SetArg, cfmakeraw, tcgetattr, tcsetattr};

use crate::cli::Inside;
use crate::session::{Message, ToHost};

/// Does what the hidden subcommands are for.
pub fn main(part: Inside) -> Result<u8> {
    match part {
        Inside::Init => init::main(),
        Inside::Namespace { tools } => namespace::main(&tools),
        Inside::Tied {
            on_one_cpu,
            command,
        } => {
            if on_one_cpu {
                tied::stay_on_this_cpu()?;
            }
            tied::main(&command)
        }
        Inside::Demo { color } => ipvs_lab::demo::run(&mut std::io::stdout(), color)
            .map(u8::from)
            .map_err(Into::into),
    }
}

/// The name of the running kernel, as `uname -r` has it.
fn kernel_release() -> Result<String> {
    Ok(std::fs::read_to_string("/proc/sys/kernel/osrelease")?
        .trim_end()
        .to_owned())
}

/// Runs the agent on a stream to the host; or tells the host why the guest is not ready.
fn serve(set_up: Result<()>, mut to_host: File) -> Result<()> {
    if to_host.is_terminal() {
        // The line must not change a byte of it.
        let mut settings = tcgetattr(&to_host)?;
        cfmakeraw(&mut settings);
        tcsetattr(&to_host, SetArg::TCSANOW, &settings)?;
    }
    match set_up {
        Ok(()) => agent::serve(to_host.try_clone()?, to_host),
        Err(error) => {
            ToHost::Failed(format!("{error:#}")).write(&mut to_host)?;
            to_host.flush()?;
            Err(error)
        }
    }
}
