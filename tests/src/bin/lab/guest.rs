//! What runs inside: the guest's first process, and the agent that does what the host asks for.

mod agent;
mod files;
mod init;
mod namespace;
mod program;
mod sender;
mod tied;

use anyhow::Result;

use crate::cli::Inside;

/// Does what the hidden subcommands are for.
pub fn main(part: Inside) -> Result<u8> {
    match part {
        Inside::Init => init::main(),
        Inside::Namespace { tools } => namespace::main(&tools),
        Inside::Tied { on_cpu, command } => {
            if let Some(cpu) = on_cpu {
                tied::stay_on(cpu)?;
            }
            tied::main(&command)
        }
        Inside::Demo { color } => ipvs_lab::demo::run(&mut std::io::stdout(), color)
            .map(u8::from)
            .map_err(Into::into),
    }
}
