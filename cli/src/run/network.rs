use std::io::Write;

use lbnet::{Director, Host, Netns, RealServer, Report, Tunnel};

use super::Outcome;
use crate::args::{
    Deferred, DirectorCommand, DirectorSetUp, Form, Forward, Global, Method, Place,
    RealServerCommand, RealServerSetUp,
};
use crate::output;

pub(crate) fn director(global: &Global, command: DirectorCommand, out: &mut dyn Write) -> Outcome {
    let report = on_host(global, async |host| match command {
        DirectorCommand::Up(Deferred(set_up)) => configured_director(set_up).up(host).await,
        DirectorCommand::Down(Deferred(set_up)) => configured_director(set_up).down(host).await,
    })?;
    print(&report, global.output, out)
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
    let report = on_host(global, async |host| match command {
        RealServerCommand::Up(Deferred(set_up)) => configured_server(&set_up).up(host).await,
        RealServerCommand::Down(Deferred(set_up)) => configured_server(&set_up).down(host).await,
    })?;
    print(&report, global.output, out)
}

fn configured_server(set_up: &RealServerSetUp) -> RealServer {
    let server = RealServer::new(set_up.vip, set_up.device.clone());
    let Forward::Tunnel(encapsulation) = set_up.forward else {
        return server;
    };
    let tunnel = Tunnel::new(encapsulation);
    server.tunnel(match set_up.local {
        Some(local) => tunnel.local(local),
        None => tunnel,
    })
}

/// Works on a host's network, on a runtime made for it.
fn on_host(
    global: &Global,
    work: impl AsyncFnOnce(&Host) -> Result<Report, lbnet::Error>,
) -> Result<Report, Box<dyn std::error::Error>> {
    let worked: Result<Report, lbnet::Error> = lbnet::block_on(async {
        let netns = match &global.netns {
            Some(name) => Netns::named(name)?,
            None => Netns::current()?,
        };
        work(&Host::open(netns)?).await
    })?;
    Ok(worked?)
}

fn print(report: &Report, form: Form, out: &mut dyn Write) -> Outcome {
    match form {
        Form::Table => output::steps(report, out),
        Form::Json => output::json(report, out),
    }
}
