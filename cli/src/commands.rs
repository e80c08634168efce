//! Calls of the libraries: arguments in, answers to `output`.

pub(crate) mod connections;
pub(crate) mod destination;
pub(crate) mod doctor;
pub(crate) mod list;
pub(crate) mod network;
pub(crate) mod rules;
pub(crate) mod service;
pub(crate) mod sync;
pub(crate) mod timeouts;

use std::error::Error;
use std::io::Write;

use clap::CommandFactory;
use clap_complete::{Generator, Shell};
use ipvs::{Client, Namespace};

use crate::command::{Cli, Command, Completions, Deferred, Global};

pub(crate) use doctor::Checked;

pub(crate) type Outcome = Result<(), Box<dyn Error>>;

/// How a command ended that did not fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// There is nothing more to say.
    Done,
    /// Something is not as it should be.
    Found,
}

pub(crate) fn run(cli: Cli, out: &mut dyn Write) -> Result<Ended, Box<dyn Error>> {
    let Cli { global, command } = cli;
    let done = match command {
        Command::AddService(Deferred(arguments)) => service::add(&mut client(&global)?, &arguments),
        Command::EditService(Deferred(arguments)) => {
            service::edit(&mut client(&global)?, &arguments)
        }
        Command::DeleteService(Deferred(service)) => {
            Ok(client(&global)?.delete_service(service.id())?)
        }
        Command::AddDestination(Deferred(arguments)) => {
            destination::add(&mut client(&global)?, &arguments)
        }
        Command::EditDestination(Deferred(arguments)) => {
            destination::edit(&mut client(&global)?, &arguments)
        }
        Command::DrainDestination(Deferred(arguments)) => {
            destination::drain(&mut client(&global)?, &arguments, global.output, out)
        }
        Command::DeleteDestination(Deferred(arguments)) => {
            let destination = arguments.destination;
            Ok(client(&global)?.delete_destination(destination.service(), destination.id())?)
        }
        Command::List(Deferred(arguments)) => {
            list::list(&mut client(&global)?, &arguments, global.output, out)
        }
        Command::Connections(Deferred(arguments)) => {
            connections::connections(&client(&global)?, &arguments, global.output, out)
        }
        Command::Timeouts(Deferred(arguments)) => {
            list::timeouts(&mut client(&global)?, &arguments, global.output, out)
        }
        Command::StartSync(Deferred(arguments)) => {
            Ok(client(&global)?.start_sync_daemon(&arguments.daemon())?)
        }
        Command::StopSync(Deferred(arguments)) => {
            Ok(client(&global)?.stop_sync_daemon(arguments.role)?)
        }
        Command::SyncStatus => list::sync_status(&mut client(&global)?, global.output, out),
        Command::Zero(Deferred(service)) => list::zero(&mut client(&global)?, &service),
        Command::Flush(_) => Ok(client(&global)?.flush()?),
        Command::Info => list::info(&mut client(&global)?, global.output, out),
        Command::Save(Deferred(rules)) => rules::save(&mut client(&global)?, &rules, out),
        Command::Restore(Deferred(arguments)) => {
            rules::restore(|| client(&global), &arguments, global.output, out)
        }
        Command::Director(command) => network::director(&global, command, out),
        Command::RealServer(command) => network::real_server(&global, command, out),
        Command::Doctor(Deferred(arguments)) => return doctor::doctor(&global, &arguments, out),
        Command::Completions(Deferred(Completions { shell })) => completions(shell, out),
    };
    done.map(|()| Ended::Done)
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
