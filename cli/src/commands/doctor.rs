//! `doctor`.

mod args;
mod balancing;
mod print;

use std::net::IpAddr;

use clap::Subcommand;
use lbnet::{
    Balancing, Director, ExpectedServer, Findings, Host, Module, RealServer, SetUp, Tunnel,
};

use self::args::{Arrival, Doctor, Role, Server};
use self::print::Checked;
use crate::ending::{Ended, Failure};
use crate::session::Session;
use crate::typed::Deferred;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Look whether this host is set up well; say what is not, what clients see of it, and what mends
    /// it
    #[command(after_help = "Examples:\n  \
        ipvs-rs doctor\n  \
        ipvs-rs doctor --real-server --vip 10.10.10.100 --device eth0 --port 80\n  \
        ipvs-rs doctor --vip 10.10.10.100 --forward gue,port=6080 --local 10.10.20.12\n  \
        ipvs-rs doctor --forward masquerade --gateway 10.10.20.11 --port 53/udp\n\n\
        Nothing is changed. Without --director and --real-server it is looked at as whatever it is: \
        a director if IPVS has services, a real server if it has virtual addresses.\n\n\
        Exit status: 0 healthy, whatever notes there are; 3 problems or warnings.")]
    Doctor(Deferred<Doctor>),
}

impl Command {
    pub(crate) fn run(self, session: &mut Session<'_>) -> Result<Ended, Failure> {
        let Self::Doctor(Deferred(arguments)) = self;
        doctor(&arguments, session)
    }
}

fn doctor(arguments: &Doctor, session: &mut Session<'_>) -> Result<Ended, Failure> {
    let balancing = match arguments.role {
        Some(Role::RealServer) => None,
        role => balanced(session, role)?,
    };
    let checked: Result<Checked, lbnet::Error> =
        lbnet::block_on(async { check(&session.host()?, balancing.as_ref(), arguments).await })?;
    let mut checked = checked?;
    if let Some(netns) = session.netns() {
        checked.findings = inside(netns, checked.findings);
    }
    if checked.roles.is_empty() {
        return Err(nothing_to_check(arguments).into());
    }
    session.show(&checked, Checked::print)?;
    Ok(if checked.findings.is_healthy() {
        Ended::Done
    } else {
        Ended::Found
    })
}

/// Commands are typed outside of the namespace that was looked at; those for other hosts stay.
fn inside(netns: &str, findings: Findings) -> Findings {
    let within = |remedy: String| {
        if remedy.contains(ELSEWHERE) {
            remedy
        } else {
            format!("ip netns exec {netns} {remedy}")
        }
    };
    let findings = findings.into_iter().map(|mut finding| {
        finding.remedies = finding.remedies.into_iter().map(within).collect();
        finding
    });
    findings.collect()
}

/// How a command for another host says so.
const ELSEWHERE: &str = "  # on ";

/// What IPVS balances; none if this host is no director.
fn balanced(session: &Session<'_>, role: Option<Role>) -> Result<Option<Balancing>, ipvs::Error> {
    let asked_for = role == Some(Role::Director);
    // To ask for IPVS would load it.
    if !Module::IpVs.is_there() {
        return Ok(asked_for.then(Balancing::new));
    }
    let mut ipvs = session.ipvs()?;
    let balancing = match balancing::read(&mut ipvs) {
        // Whoever may not read it may see that there is nothing.
        Err(ipvs::Error::PermissionDenied) if !asked_for && ipvs.listing()?.services.is_empty() => {
            return Ok(None);
        }
        read => read?,
    };
    Ok((asked_for || balancing != Balancing::new()).then_some(balancing))
}

async fn check(
    host: &Host,
    balancing: Option<&Balancing>,
    arguments: &Doctor,
) -> Result<Checked, lbnet::Error> {
    let mut checked = Checked {
        roles: Vec::new(),
        findings: Findings::default(),
    };
    let set_up = SetUps::of(host)?;
    let mut virtual_addresses = balancing.map(Balancing::vips).unwrap_or_default();
    if arguments.role != Some(Role::RealServer) {
        for director in &set_up.directors {
            checked.findings.extend(director.check(host).await?);
            virtual_addresses.push(director.vip().address());
        }
        // A director that balances nothing is one all the same.
        let nothing = (!set_up.directors.is_empty()).then(Balancing::new);
        if let Some(balancing) = balancing.or(nothing.as_ref()) {
            let findings = host.check_director(balancing).await?;
            checked.findings.extend(findings);
            checked.roles.push(director_for(&balancing.vips()));
        }
    }
    if arguments.role != Some(Role::Director) {
        let server = &arguments.server;
        for device in &server.devices {
            host.link(device).await?;
        }
        for server in expected(host, server, &set_up.servers, &virtual_addresses).await? {
            checked
                .findings
                .extend(host.check_real_server(&server).await?);
            checked.roles.push(format!("real server for {server}"));
        }
    }
    Ok(checked)
}

fn director_for(vips: &[IpAddr]) -> String {
    let names: Vec<_> = vips.iter().map(IpAddr::to_string).collect();
    if names.is_empty() {
        return "director".to_owned();
    }
    format!("director for {}", names.join(", "))
}

/// Every virtual address for itself; those that are here to be balanced are no real server's. How
/// packets come is what was said, or what the host was set up for.
async fn expected(
    host: &Host,
    server: &Server,
    set_up: &[RealServer],
    balanced: &[IpAddr],
) -> Result<Vec<ExpectedServer>, lbnet::Error> {
    let vips = async |named: &[IpAddr]| {
        if !named.is_empty() {
            return Ok(named.to_vec());
        }
        let mut vips = host.vips_of_real_server().await?;
        vips.extend(set_up.iter().map(RealServer::vip));
        vips.retain(|vip| !balanced.contains(vip));
        vips.sort_unstable();
        vips.dedup();
        Ok::<_, lbnet::Error>(vips)
    };
    let as_set_up = |vip| match set_up.iter().find(|server| server.vip() == vip) {
        Some(server) => server.into(),
        None => ExpectedServer::direct(vip),
    };
    let by_tunnel = |tunnel: Tunnel| move |vip| ExpectedServer::tunnel(vip, tunnel);
    let servers: Vec<_> = match &server.arrival {
        Arrival::Direct { vips: named } => {
            let vips = vips(named).await?;
            vips.into_iter().map(as_set_up).collect()
        }
        Arrival::Tunnel {
            vips: named,
            tunnel,
        } => {
            let vips = vips(named).await?;
            vips.into_iter().map(by_tunnel(*tunnel)).collect()
        }
        Arrival::Masquerade { director } => vec![ExpectedServer::masquerade(*director)],
    };
    let servers = servers.into_iter().map(|expected| {
        let devices = server.devices.iter().cloned();
        let expected = devices.fold(expected, ExpectedServer::device);
        let ports = server.ports.iter();
        ports.fold(expected, |it, port| it.port(port.transport, port.number))
    });
    Ok(servers.collect())
}

/// What this host was set up as by `director up` and `real-server up`, in the order of that.
#[derive(Default)]
struct SetUps {
    directors: Vec<Director>,
    servers: Vec<RealServer>,
}

impl SetUps {
    fn of(host: &Host) -> Result<Self, lbnet::Error> {
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

fn nothing_to_check(arguments: &Doctor) -> &'static str {
    match arguments.role {
        Some(_) => {
            "no virtual address is on lo, a dummy or a tunnel: say which this real server should \
             have with --vip ADDRESS"
        }
        None => {
            "this host is no director, as IPVS has no services, and no real server, as no virtual \
             address is on lo, a dummy or a tunnel: say what it should be with --director, or with \
             --real-server --vip ADDRESS"
        }
    }
}
