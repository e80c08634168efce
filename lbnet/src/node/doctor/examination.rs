//! Examining a host as whatever it is: what `ipvs-rs doctor` does.

use std::net::IpAddr;

use ipvs::Client;

use super::{
    asked::{Arrival, Examination},
    balancing::Balancing,
    certain::Certain,
    director,
    examined::ExaminedRole,
    expected::ExpectedServer,
    findings::Findings,
    passages, possible, real_server,
    remedy::Remedy,
    unchecked::Unchecked,
    view::{Entrance, HostView, Question},
};
use crate::{ConfTarget, Director, Error, Host, Ipv4Conf, Module, RealServer, Role, SetUp, Sysctl};

/// What came of an examination.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Diagnosis {
    /// What the host was examined as. Empty: it is neither a director nor a real server, as far as is
    /// known.
    pub roles: Vec<ExaminedRole>,
    /// What was found.
    pub findings: Findings,
    /// What was not looked at, although clients depend on it.
    pub not_checked: Vec<Unchecked>,
    /// Addresses that the host has as a real server has its VIPs, and of which nobody said that they
    /// are: neither the journal nor IPVS nor the caller.
    pub possible_vips: Vec<IpAddr>,
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
/// server if it was set up as one, or if the caller names a VIP. It can be both. IPVS is read in the
/// network namespace of `host`; its module is not loaded.
///
/// An address becomes a VIP by the journal, by IPVS or by the caller. An address that only looks like
/// one leads to a note at most, and is never deleted or set up by a remedy.
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
/// for part in &diagnosis.not_checked {
///     println!("not checked: {part}");
/// }
/// # Ok(())
/// # }
/// ```
pub async fn examine(host: &Host, examination: &Examination) -> Result<Diagnosis, ExamineError> {
    let read = match examination.role {
        // What it balances only keeps a real server's remedies away from a director's VIPs.
        Some(Role::RealServer) => balancing(host, None).unwrap_or_default(),
        role => balancing(host, role)?,
    };
    let mut examination = examination.clone();
    for device in &mut examination.devices {
        // It may be an alternative name.
        *device = host.link(device).await?.name;
    }
    let examination = &examination;
    let mut view = HostView::read(host).await?;
    let subject = Subject::of(&view, examination, read);
    view.find_paths(host, subject.addresses()).await;
    view.passages = passages::follow(&view, host, subject.entrances(&view)).await;
    view.ask(host, subject.questions(&view)).await?;
    let examined = subject.examined(&view);
    Ok(Diagnosis {
        findings: examined.findings.made_possible_on(host),
        ..examined
    })
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

/// What is examined on a host.
struct Subject {
    /// The directors that the host was set up as.
    directors: Vec<Director>,
    /// What it balances; none if it is no director.
    balancing: Option<Balancing>,
    servers: Vec<ExpectedServer>,
    certain: Certain,
    /// The VIPs that the host has as their director.
    active: Vec<IpAddr>,
}

impl Subject {
    fn of(view: &HostView, examination: &Examination, balancing: Option<Balancing>) -> Self {
        let (mut directors, mut servers) = (Vec::new(), Vec::new());
        for set_up in &view.set_ups {
            match set_up {
                SetUp::Director(director) => directors.push(director.clone()),
                SetUp::RealServer(server) => servers.push(server.clone()),
            }
        }
        let certain = Certain::of(&view.set_ups, balancing.as_ref(), examination);
        let as_director = examination.role != Some(Role::RealServer);
        let as_server = examination.role != Some(Role::Director);
        let mut balanced = balancing.as_ref().map(Balancing::vips).unwrap_or_default();
        balanced.extend(directors.iter().map(|it| it.vip().address()));
        let is_server = |vip: &IpAddr| servers.iter().any(|it| it.vip() == *vip);
        let active = balanced.iter().copied();
        let active = active.filter(|vip| !is_server(vip) && !view.is_hidden(*vip));
        let active = active.collect();
        directors.retain(|_| as_director);
        servers.retain(|_| as_server);
        let balancing = balancing.filter(|_| as_director);
        // A director that was set up is one, even if IPVS does nothing.
        let nothing = || (!directors.is_empty()).then(Balancing::default);
        let balancing = balancing.or_else(nothing);
        if !as_director {
            // The operator says that it is a real server.
            balanced.clear();
        }
        let servers = if as_server {
            expected(view, examination, &servers, &balanced)
        } else {
            Vec::new()
        };
        Self {
            directors,
            balancing,
            servers,
            certain,
            active,
        }
    }

    fn addresses(&self) -> Vec<IpAddr> {
        let recorded = self.directors.iter().map(|it| it.vip().address());
        let balanced = self.balancing.iter().flat_map(director::addresses);
        let served = self.servers.iter().filter_map(ExpectedServer::vip);
        recorded.chain(balanced).chain(served).collect()
    }

    /// What the network is asked.
    fn questions(&self, view: &HostView) -> Vec<Question> {
        let balanced = self.balancing.iter();
        let balanced = balanced.flat_map(|it| director::questions(view, it));
        let served = self.servers.iter();
        let served = served.flat_map(|it| real_server::questions(view, it));
        balanced.chain(served).collect()
    }

    /// Where clients' packets should arrive.
    fn entrances(&self, view: &HostView) -> Vec<Entrance> {
        let balanced = self.balancing.iter();
        let balanced = balanced.flat_map(|it| director::entrances(view, &it.vips()));
        let served = self.servers.iter();
        let served = served.flat_map(|it| real_server::entrances(view, it));
        balanced.chain(served).collect()
    }

    fn examined(self, view: &HostView) -> Diagnosis {
        let mut diagnosis = Diagnosis::default();
        let findings = &mut diagnosis.findings;
        let daemons = self.balancing.as_ref().map(|it| it.sync_daemons.as_slice());
        let daemons = daemons.unwrap_or_default();
        for director in &self.directors {
            findings.extend(director::findings_of_set_up(view, director, daemons));
        }
        if let Some(balancing) = &self.balancing {
            findings.extend(director::findings(view, balancing));
            let vips = balancing.vips();
            diagnosis.roles.push(ExaminedRole::Director { vips });
        }
        for server in &self.servers {
            let mut found = real_server::findings(view, server);
            if server.vip().is_some_and(|vip| self.active.contains(&vip)) {
                // They would take the VIP from its clients.
                found.withhold(|_| false);
            }
            findings.extend(found);
        }
        findings.withhold(|remedy| self.certain.permits(remedy));
        findings.withhold_all(|remedies| !take_others_along(view, remedies));
        diagnosis.possible_vips = possible::vips(view);
        diagnosis
            .possible_vips
            .retain(|it| !self.certain.is_vip(*it));
        let possible = diagnosis.possible_vips.iter();
        findings.extend(possible.map(|it| possible::finding(view, *it)));
        let servers = self.servers.into_iter().map(ExaminedRole::RealServer);
        diagnosis.roles.extend(servers);
        diagnosis.not_checked = Unchecked::of(view, &diagnosis.roles);
        diagnosis
    }
}

/// Whether the kernel would delete other addresses of this host, too.
fn take_others_along(view: &HostView, remedies: &[Remedy]) -> bool {
    let deleted = remedies.iter().filter_map(|remedy| match remedy {
        Remedy::DeleteAddress(address) => Some(address),
        _ => None,
    });
    let mut entries = deleted.filter_map(|address| {
        let mut entries = view.addresses.iter();
        entries.find(|it| it.address.is_same_entry(address))
    });
    entries.any(|entry| {
        let device = &entry.address.device;
        let key = Sysctl::ipv4_conf(
            ConfTarget::Device(device.clone()),
            Ipv4Conf::PromoteSecondaries,
        );
        let stay = view.promotes_secondaries(device) || remedies.contains(&Remedy::set(key, 1));
        !stay && entry.has_followers(&view.addresses)
    })
}

/// One for each VIP.
fn expected(
    view: &HostView,
    examination: &Examination,
    recorded: &[RealServer],
    balanced: &[IpAddr],
) -> Vec<ExpectedServer> {
    let is_recorded = |vip: &IpAddr| recorded.iter().any(|it| it.vip() == *vip);
    let vips = |named: &[IpAddr]| {
        let mut vips: Vec<_> = match named {
            [] => recorded.iter().map(RealServer::vip).collect(),
            // The active director has the VIP in its own way. A second one may be a real server of the
            // first.
            named => {
                let is_served = |vip: &IpAddr| {
                    !balanced.contains(vip) || is_recorded(vip) || view.is_hidden(*vip)
                };
                named.iter().copied().filter(is_served).collect()
            }
        };
        vips.sort_unstable();
        vips.dedup();
        vips
    };
    let as_recorded = |vip| match recorded.iter().find(|server| server.vip() == vip) {
        Some(server) => server.into(),
        None => real_server::server(view, vip),
    };
    let servers: Vec<_> = match &examination.arrival {
        Arrival::Recorded { vips: named } => vips(named).into_iter().map(as_recorded).collect(),
        Arrival::Tunnel {
            vips: named,
            tunnel,
        } => {
            let by_tunnel = |vip| ExpectedServer::tunnel(vip, *tunnel);
            vips(named).into_iter().map(by_tunnel).collect()
        }
        Arrival::Masqueraded { replies } => vec![ExpectedServer::masquerade(*replies)],
    };
    let servers = servers.into_iter().map(|expected| {
        let devices = examination.devices.iter().cloned();
        let expected = devices.fold(expected, ExpectedServer::device);
        let ports = examination.ports.iter();
        ports.fold(expected, |it, (protocol, port)| it.port(*protocol, *port))
    });
    servers.collect()
}
