pub(crate) mod args;
pub(crate) mod hosts;
pub(crate) mod print;
pub(crate) mod undone;

use std::error::Error;
use std::io::Write;

use lbnet::{Director, Host, Netns, RealServer, Report, Role, SetUp, Tunnel};

use super::Outcome;
use crate::command::{
    Deferred, DirectorCommand, DirectorSetUp, Directors, Form, Forward, Global, Method, Place,
    RealServerCommand, RealServerSetUp, RealServers, Undone,
};
use crate::commands::network::hosts::HostsFile;
use crate::session::uninterrupted::Uninterrupted;
use crate::shown as output;

pub(crate) fn director(global: &Global, command: DirectorCommand, out: &mut dyn Write) -> Outcome {
    match command {
        DirectorCommand::Up(Deferred(which)) => {
            let all = directors(which)?;
            on_host(global, out, &all, async |host, director| {
                director.up(host).await
            })
        }
        DirectorCommand::Down(Deferred(Undone::All)) => undo_all(global, out, Role::Director),
        DirectorCommand::Down(Deferred(Undone::Named(which))) => {
            let mut all = directors(which)?;
            all.reverse();
            on_host(global, out, &all, async |host, director| {
                director.down(host).await
            })
        }
    }
}

/// Undoes all that was set up in a role, the last first.
fn undo_all(global: &Global, out: &mut dyn Write, role: Role) -> Outcome {
    let ids: Result<_, lbnet::Error> = lbnet::block_on(async { host(global)?.set_up_ids() })?;
    let mut ids = ids?;
    ids.retain(|id| id.role == role);
    ids.reverse();
    on_host(global, out, &ids, async |host, id| host.undo(id).await)
}

fn directors(which: Directors) -> Result<Vec<Director>, Box<dyn Error>> {
    let set_ups = match (which.typed, which.file) {
        (Some(typed), _) => vec![typed],
        (None, Some(file)) => HostsFile::read(&file)?.directors(&file)?,
        (None, None) => Vec::new(),
    };
    Ok(set_ups.into_iter().map(configured_director).collect())
}

fn configured_director(set_up: DirectorSetUp) -> Director {
    let Place(placement) = set_up.place;
    let mut director = Director::new(set_up.vip, set_up.device).placement(placement);
    if let Some(label) = set_up.label {
        director = director.label(label);
    }
    if set_up.forward.contains(&Method::Masquerade) {
        director = director.masquerade();
    }
    if let Some(device) = set_up.gateway {
        director = director.gateway_on(device);
    }
    if set_up.conntrack {
        director = director.track_connections();
    }
    if set_up.unannounced {
        director = director.unannounced();
    }
    director
}

pub(crate) fn real_server(
    global: &Global,
    command: RealServerCommand,
    out: &mut dyn Write,
) -> Outcome {
    match command {
        RealServerCommand::Up(Deferred(which)) => {
            let all = real_servers(which)?;
            on_host(global, out, &all, async |host, server| {
                server.up(host).await
            })
        }
        RealServerCommand::Down(Deferred(Undone::All)) => undo_all(global, out, Role::RealServer),
        RealServerCommand::Down(Deferred(Undone::Named(which))) => {
            let mut all = real_servers(which)?;
            all.reverse();
            on_host(global, out, &all, async |host, server| {
                server.down(host).await
            })
        }
    }
}

fn real_servers(which: RealServers) -> Result<Vec<RealServer>, Box<dyn Error>> {
    let set_ups = match (which.typed, which.file) {
        (Some(typed), _) => vec![typed],
        (None, Some(file)) => HostsFile::read(&file)?.real_servers(&file)?,
        (None, None) => Vec::new(),
    };
    set_ups.iter().map(configured_server).collect()
}

fn configured_server(set_up: &RealServerSetUp) -> Result<RealServer, Box<dyn Error>> {
    let server = RealServer::new(set_up.vip, set_up.device.clone());
    match (set_up.forward, set_up.local) {
        (Forward::Tunnel(encapsulation), None) => Ok(server.tunnel(Tunnel::new(encapsulation))),
        (Forward::Tunnel(encapsulation), Some(local)) => {
            Ok(server.tunnel(Tunnel::new(encapsulation).local(local)))
        }
        (_, None) => Ok(server),
        (_, Some(_)) => {
            Err("only a tunnel leads to an address of its own: leave out the local one".into())
        }
    }
}

/// Works on a host's network, one set-up after the other, on a runtime made for it. What was done is
/// printed, also if the next could not be.
fn on_host<T>(
    global: &Global,
    out: &mut dyn Write,
    set_ups: &[T],
    mut work: impl AsyncFnMut(&Host, &T) -> Result<Report, lbnet::Error>,
) -> Outcome {
    let mut done = Report::default();
    let _uninterrupted = Uninterrupted::begin()?;
    let worked: Result<(), lbnet::Error> = lbnet::block_on(async {
        let host = host(global)?;
        for set_up in set_ups {
            done.extend(work(&host, set_up).await?);
        }
        Ok(())
    })?;
    if worked.is_ok() || !done.steps().is_empty() {
        print(&done, global.output, out)?;
        // A signal that had to wait ends the program as soon as it may.
        out.flush()?;
    }
    Ok(worked?)
}

/// The network that is meant.
pub(crate) fn host(global: &Global) -> Result<Host, lbnet::Error> {
    Host::open(match &global.netns {
        Some(name) => Netns::named(name)?,
        None => Netns::current()?,
    })
}

/// What this host was set up as by `director up` and `real-server up`, in the order of that.
#[derive(Default)]
pub(crate) struct SetUps {
    pub(crate) directors: Vec<Director>,
    pub(crate) servers: Vec<RealServer>,
}

impl SetUps {
    pub(crate) fn of(host: &Host) -> Result<Self, lbnet::Error> {
        let mut all = Self::default();
        for set_up in host.set_ups()? {
            match set_up {
                SetUp::Director(director) => all.directors.push(director),
                SetUp::RealServer(server) => all.servers.push(server),
                _ => {}
            }
        }
        Ok(all)
    }
}

fn print(report: &Report, form: Form, out: &mut dyn Write) -> Outcome {
    match form {
        Form::Table => output::steps(report, out),
        Form::Json => output::json(report, out),
    }
}
