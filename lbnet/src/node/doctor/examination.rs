//! Examining a host as whatever it is: what `ipvs-rs doctor` does.

use std::{fmt, net::IpAddr, num::NonZeroU16};

use ipvs::{Client, Protocol};

use super::{
    balancing::Balancing, director, expected::ExpectedServer, findings::Findings, real_server,
};
use crate::{DeviceName, Director, Error, Host, Module, RealServer, Role, SetUp, Tunnel};

/// What a host is examined as. The default is whatever it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Examination {
    /// Examine the host only in this role.
    pub role: Option<Role>,
    /// How clients' packets arrive on a real server.
    pub arrival: Arrival,
    /// The devices on the clients' side of a real server; none: found out as
    /// [`ExpectedServer::device`] says.
    pub devices: Vec<DeviceName>,
    /// The ports that a real server should serve; none: any.
    pub ports: Vec<(Protocol, NonZeroU16)>,
}

/// How clients' packets arrive on a real server. Where no VIP is named, those are meant that the host
/// has as a real server: the recorded ones, and [`real_server_vips`](super::real_server_vips).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Arrival {
    /// As the host was set up. If nothing is recorded: through the tunnel whose device has the VIP,
    /// otherwise as in direct routing.
    Recorded {
        /// The VIPs.
        vips: Vec<IpAddr>,
    },
    /// Through a tunnel.
    Tunnel {
        /// The VIPs.
        vips: Vec<IpAddr>,
        /// The tunnel.
        tunnel: Tunnel,
    },
    /// Masqueraded.
    Masqueraded {
        /// The director, which replies have to go to.
        director: IpAddr,
    },
}

impl Default for Arrival {
    fn default() -> Self {
        Self::Recorded { vips: Vec::new() }
    }
}

/// What came of an examination.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Diagnosis {
    /// What the host was examined as. Empty: it is neither a director nor a real server.
    pub roles: Vec<ExaminedRole>,
    /// What was found.
    pub findings: Findings,
}

/// What a host was examined as.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExaminedRole {
    /// The director for these VIPs; for none if all packets are balanced by their firewall mark.
    Director {
        /// The VIPs.
        vips: Vec<IpAddr>,
    },
    /// A real server.
    RealServer(ExpectedServer),
}

/// Why a host could not be examined.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExamineError {
    /// The host could not be read.
    #[error(transparent)]
    Host(#[from] Error),
    /// IPVS could not be read.
    #[error(transparent)]
    Ipvs(#[from] ipvs::Error),
}

/// Examines a host, and changes nothing.
///
/// It is a director if IPVS has services or sync daemons, or if it was set up as one. It is a real
/// server if it has VIPs as a real server has them, or if it was set up as one. It can be both. IPVS
/// is read in the network namespace of `host`; its module is not loaded.
///
/// # Errors
/// - [`ExamineError::Ipvs`]: reading IPVS needs `CAP_NET_ADMIN`. A host without services can be
///   examined without.
/// - [`ExamineError::Host`]: devices, addresses, routes or the journal could not be read, or a device
///   of the examination does not exist.
///
/// # Examples
/// ```no_run
/// # async fn example(host: lbnet::Host) -> Result<(), Box<dyn std::error::Error>> {
/// use lbnet::doctor::{Examination, examine};
///
/// let diagnosis = examine(&host, &Examination::default()).await?;
/// for role in &diagnosis.roles {
///     println!("examined as {role}");
/// }
/// println!("{}", diagnosis.findings);
/// # Ok(())
/// # }
/// ```
pub async fn examine(host: &Host, examination: &Examination) -> Result<Diagnosis, ExamineError> {
    let balancing = match examination.role {
        Some(Role::RealServer) => None,
        role => balancing(host, role)?,
    };
    let set_ups = SetUps::of(host)?;
    let mut diagnosis = Diagnosis::default();
    let mut balanced = balancing.as_ref().map(Balancing::vips).unwrap_or_default();
    if examination.role != Some(Role::RealServer) {
        balanced.extend(set_ups.directors.iter().map(|it| it.vip().address()));
        as_director(host, balancing, &set_ups, &mut diagnosis).await?;
    }
    if examination.role != Some(Role::Director) {
        for device in &examination.devices {
            host.link(device).await?;
        }
        for server in expected(host, examination, &set_ups.servers, &balanced).await? {
            let findings = real_server::examine_real_server(host, &server).await?;
            diagnosis.findings.extend(findings);
            diagnosis.roles.push(ExaminedRole::RealServer(server));
        }
    }
    Ok(diagnosis)
}

/// What IPVS does; none if the host is no director by that.
fn balancing(host: &Host, role: Option<Role>) -> Result<Option<Balancing>, ExamineError> {
    let asked_for = role == Some(Role::Director);
    // Opening a client would load the module.
    if !Module::IpVs.is_available() {
        return Ok(asked_for.then(Balancing::default));
    }
    // A client belongs to the namespace that it is opened in.
    let mut ipvs = host.netns().run(Client::open)??;
    let balancing = match Balancing::read(&mut ipvs) {
        // Everybody may read the list of services, which is enough to see that there are none.
        Err(ipvs::Error::PermissionDenied) if !asked_for && ipvs.listing()?.services.is_empty() => {
            return Ok(None);
        }
        read => read?,
    };
    Ok((asked_for || !balancing.is_empty()).then_some(balancing))
}

async fn as_director(
    host: &Host,
    balancing: Option<Balancing>,
    set_ups: &SetUps,
    diagnosis: &mut Diagnosis,
) -> Result<(), Error> {
    for director in &set_ups.directors {
        let findings = director::examine_set_up(host, director).await?;
        diagnosis.findings.extend(findings);
    }
    // A director that was set up is one, even if IPVS does nothing.
    let nothing = || (!set_ups.directors.is_empty()).then(Balancing::default);
    if let Some(balancing) = balancing.or_else(nothing) {
        let findings = director::examine_director(host, &balancing).await?;
        diagnosis.findings.extend(findings);
        let vips = balancing.vips();
        diagnosis.roles.push(ExaminedRole::Director { vips });
    }
    Ok(())
}

/// One for each VIP. A VIP that IPVS balances here is not a real server's.
async fn expected(
    host: &Host,
    examination: &Examination,
    recorded: &[RealServer],
    balanced: &[IpAddr],
) -> Result<Vec<ExpectedServer>, Error> {
    let vips = async |named: &[IpAddr]| {
        if !named.is_empty() {
            return Ok(named.to_vec());
        }
        let mut vips = real_server::real_server_vips(host).await?;
        vips.extend(recorded.iter().map(RealServer::vip));
        vips.retain(|vip| !balanced.contains(vip));
        vips.sort_unstable();
        vips.dedup();
        Ok::<_, Error>(vips)
    };
    let devices = real_server::Devices::read(host).await?;
    let as_recorded = |vip| match recorded.iter().find(|server| server.vip() == vip) {
        Some(server) => server.into(),
        None => devices.server(vip),
    };
    let servers: Vec<_> = match &examination.arrival {
        Arrival::Recorded { vips: named } => {
            vips(named).await?.into_iter().map(as_recorded).collect()
        }
        Arrival::Tunnel {
            vips: named,
            tunnel,
        } => {
            let by_tunnel = |vip| ExpectedServer::tunnel(vip, *tunnel);
            vips(named).await?.into_iter().map(by_tunnel).collect()
        }
        Arrival::Masqueraded { director } => vec![ExpectedServer::masquerade(*director)],
    };
    let servers = servers.into_iter().map(|expected| {
        let devices = examination.devices.iter().cloned();
        let expected = devices.fold(expected, ExpectedServer::device);
        let ports = examination.ports.iter();
        ports.fold(expected, |it, (protocol, port)| it.port(*protocol, *port))
    });
    Ok(servers.collect())
}

/// What a host was set up as and is not undone, by the journal.
#[derive(Default)]
struct SetUps {
    directors: Vec<Director>,
    servers: Vec<RealServer>,
}

impl SetUps {
    fn of(host: &Host) -> Result<Self, Error> {
        let mut all = Self::default();
        for set_up in host.set_ups()? {
            match set_up {
                SetUp::Director(director) => all.directors.push(director),
                SetUp::RealServer(server) => all.servers.push(server),
            }
        }
        Ok(all)
    }
}

impl fmt::Display for ExaminedRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Director { vips } if vips.is_empty() => f.write_str("director"),
            Self::Director { vips } => {
                let vips: Vec<_> = vips.iter().map(IpAddr::to_string).collect();
                write!(f, "director for {}", vips.join(", "))
            }
            Self::RealServer(expected) => write!(f, "real server for {expected}"),
        }
    }
}
