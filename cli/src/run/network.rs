use std::io::Write;

use lbnet::{Director, Host, Netns, RealServer, Report};

use super::Outcome;
use crate::args::{
    Deferred, DirectorCommand, DirectorSetUp, Form, Global, RealServerCommand, RealServerSetUp,
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
    let director = Director::new(set_up.vip, set_up.device);
    match set_up.label {
        Some(label) => director.label(label),
        None => director,
    }
}

pub(crate) fn real_server(
    global: &Global,
    command: RealServerCommand,
    out: &mut dyn Write,
) -> Outcome {
    let configured = |set_up: RealServerSetUp| RealServer::new(set_up.vip, set_up.device);
    let report = on_host(global, async |host| match command {
        RealServerCommand::Up(Deferred(set_up)) => configured(set_up).up(host).await,
        RealServerCommand::Down(Deferred(set_up)) => configured(set_up).down(host).await,
    })?;
    print(&report, global.output, out)
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
