//! Calls of the libraries: arguments in, answers to `output`.

mod connections;
mod destination;
mod listing;
mod network;
mod rules;
mod service;
mod table;

use std::error::Error;
use std::io::Write;

use clap::CommandFactory;
use clap_complete::{Generator, Shell};
use ipvs::{Client, Namespace};

use crate::args::{Cli, Command, Global};

pub(crate) type Outcome = Result<(), Box<dyn Error>>;

pub(crate) fn run(cli: Cli, out: &mut dyn Write) -> Outcome {
    let Cli { global, command } = cli;
    match command {
        Command::AddService(arguments) => service::add(&mut client(&global)?, &arguments),
        Command::EditService(arguments) => service::edit(&mut client(&global)?, &arguments),
        Command::DeleteService(service) => Ok(client(&global)?.delete_service(service.id())?),
        Command::AddDestination(arguments) => destination::add(&mut client(&global)?, &arguments),
        Command::EditDestination(arguments) => destination::edit(&mut client(&global)?, &arguments),
        Command::DrainDestination(arguments) => {
            destination::drain(&mut client(&global)?, &arguments, global.output, out)
        }
        Command::DeleteDestination(arguments) => {
            let destination = arguments.destination;
            Ok(client(&global)?.delete_destination(destination.service(), destination.id())?)
        }
        Command::List(arguments) => {
            table::list(&mut client(&global)?, &arguments, global.output, out)
        }
        Command::Connections(arguments) => {
            connections::connections(&client(&global)?, &arguments, global.output, out)
        }
        Command::Timeouts(arguments) => {
            table::timeouts(&mut client(&global)?, &arguments, global.output, out)
        }
        Command::StartSync(arguments) => {
            Ok(client(&global)?.start_sync_daemon(&arguments.daemon())?)
        }
        Command::StopSync(arguments) => Ok(client(&global)?.stop_sync_daemon(arguments.role)?),
        Command::SyncStatus => table::sync_status(&mut client(&global)?, global.output, out),
        Command::Zero(service) => table::zero(&mut client(&global)?, &service),
        Command::Flush(_) => Ok(client(&global)?.flush()?),
        Command::Info => table::info(&mut client(&global)?, global.output, out),
        Command::Save(rules) => rules::save(&mut client(&global)?, &rules, out),
        Command::Restore(arguments) => {
            rules::restore(|| client(&global), &arguments, global.output, out)
        }
        Command::Director(command) => network::director(&global, command, out),
        Command::RealServer(command) => network::real_server(&global, command, out),
        Command::Completions { shell } => completions(shell, out),
    }
}

/// `clap_complete::generate` would panic where the reader has gone.
fn completions(shell: Shell, out: &mut dyn Write) -> Outcome {
    let mut command = Cli::command();
    command.set_bin_name("ipvs-rs");
    command.build();
    Ok(shell.try_generate(&command, out)?)
}

fn client(global: &Global) -> Result<Client, ipvs::Error> {
    match &global.netns {
        Some(name) => Client::open_in(Namespace::named(name)?),
        None => Client::open(),
    }
}
