//! What rules amount to: the table that is there when all of them are carried out.

use std::collections::{BTreeMap, HashMap, HashSet};

use ipvs::{
    Destination, DestinationId, Others, Service, ServiceId, SyncDaemon, SyncRole, Table, Timeouts,
    VirtualServer,
};

use super::lines::{LineError, ReadError};
use crate::ipvsadm::Hosts;
use crate::ipvsadm::command::Command;
use crate::ipvsadm::line::Line;
use crate::ipvsadm::names::Names;
use crate::ipvsadm::values::{self, Named};

/// The kernel's table. It is read when it is first asked for.
pub(crate) trait Live {
    fn table(&mut self) -> Result<&Table, ipvs::Error>;
}

/// What is wanted after all rules.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) table: Table,
    /// What becomes of the kernel's services and sync daemons that are not in the table.
    pub(crate) others: Others,
    /// Whether there was no rule at all.
    pub(crate) is_empty: bool,
    /// What the rules say and nobody does.
    pub(crate) warning: Option<String>,
}

/// Why a rule was not taken.
pub(super) enum Trouble {
    Wrong(String),
    Kernel(ipvs::Error),
}

impl From<String> for Trouble {
    fn from(what: String) -> Self {
        Self::Wrong(what)
    }
}

impl From<ipvs::Error> for Trouble {
    fn from(error: ipvs::Error) -> Self {
        Self::Kernel(error)
    }
}

/// The rules so far.
pub(super) struct Script<'a> {
    live: &'a mut dyn Live,
    names: Names,
    timeouts: Timeouts,
    servers: Vec<Server>,
    /// The index of each service; filled only if destinations do not follow their service.
    places: Option<HashMap<ServiceId, usize>>,
    daemons: BTreeMap<SyncRole, Daemon>,
    /// Whether `-C` came: of the kernel's services nothing is left.
    is_cleared: bool,
    /// Whether something that the kernel has may be gone.
    deletes: bool,
    unused_ports: UnusedPorts,
    /// The number of the line that is being read; 0 before the first rule.
    line: usize,
}

/// A service while rules are being read. Duplicates are found when all lines are read, so each entry
/// keeps its line number for the error.
struct Server {
    service: Service,
    line: usize,
    destinations: Vec<(Destination, usize)>,
    origin: Origin,
    is_deleted: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The rules define it, with all its destinations.
    Rules,
    /// The kernel has it, and the rules change it.
    Kernel,
}

/// What rules make of a sync daemon.
enum Daemon {
    Started(SyncDaemon),
    Stopped,
}

/// Ports that ipvsadm ignores.
#[derive(Default)]
struct UnusedPorts {
    first: Option<(usize, DestinationId, u16)>,
    count: usize,
}

impl<'a> Script<'a> {
    pub(super) fn new(hosts: Hosts, live: &'a mut dyn Live) -> Self {
        Self {
            live,
            names: Names::new(hosts),
            timeouts: Timeouts::default(),
            servers: Vec::new(),
            places: None,
            daemons: BTreeMap::new(),
            is_cleared: false,
            deletes: false,
            unused_ports: UnusedPorts::default(),
            line: 0,
        }
    }

    /// Carries out a rule.
    pub(super) fn take(&mut self, number: usize, text: &str) -> Result<(), Trouble> {
        self.line = number;
        if text.starts_with('[') {
            let said = "is not one of ipvsadm's rules (this looks like TOML: leave out --format)";
            return Err(format!("{text:?} {said}").into());
        }
        let line = Line::read(text).map_err(|misuse| misuse.to_string())?;
        match line.command {
            Command::AddService => self.add_service(&line),
            Command::EditService => self.edit_service(&line),
            Command::DeleteService => self.delete_service(&line),
            Command::Clear => {
                self.servers.clear();
                self.places = None;
                self.is_cleared = true;
                Ok(())
            }
            Command::AddServer => self.add_destination(&line),
            Command::EditServer => self.edit_destination(&line),
            Command::DeleteServer => self.delete_destination(&line),
            Command::Set => self.set_timeouts(&line),
            Command::StartDaemon => self.start_daemon(&line),
            Command::StopDaemon => self.stop_daemon(&line),
            other => Err(format!(
                "{other} changes no rules: restore reads -A, -E, -D, -a, -e, -d, -C, --set, \
                 --start-daemon and --stop-daemon"
            )
            .into()),
        }
    }

    fn add_service(&mut self, line: &Line<'_>) -> Result<(), Trouble> {
        let service = values::service(line, &mut self.names)?;
        if let Some(complete) = self.servers.last_mut() {
            complete.destinations.shrink_to_fit();
        }
        self.push(Server {
            service,
            line: self.line,
            destinations: Vec::new(),
            origin: Origin::Rules,
            is_deleted: false,
        });
        Ok(())
    }

    /// As in ipvsadm, settings that the line does not name return to their defaults.
    fn edit_service(&mut self, line: &Line<'_>) -> Result<(), Trouble> {
        let service = values::service(line, &mut self.names)?;
        let present = self.server(service.id)?;
        present.service = service;
        Ok(())
    }

    fn delete_service(&mut self, line: &Line<'_>) -> Result<(), Trouble> {
        let id = values::service_id(line, &mut self.names)?;
        self.server(id)?.is_deleted = true;
        self.deletes = true;
        Ok(())
    }

    fn add_destination(&mut self, line: &Line<'_>) -> Result<(), Trouble> {
        let (named, destination) = self.destination(line)?;
        let number = self.line;
        let server = self.server(named.service)?;
        let added = (destination, number);
        // A service of the kernel has its destinations already: the rule says what this one is to be.
        let present = match server.origin {
            Origin::Kernel => server.present(named.id),
            Origin::Rules => None,
        };
        match present {
            Some(present) => *present = added,
            None => server.destinations.push(added),
        }
        Ok(())
    }

    /// As in ipvsadm, settings that the line does not name return to their defaults.
    fn edit_destination(&mut self, line: &Line<'_>) -> Result<(), Trouble> {
        let (named, destination) = self.destination(line)?;
        let server = self.server(named.service)?;
        match server.present(named.id) {
            Some((present, _)) => *present = destination,
            None => return Err(missing(&named)),
        }
        Ok(())
    }

    fn delete_destination(&mut self, line: &Line<'_>) -> Result<(), Trouble> {
        let named = values::destination_id(line, &mut self.names)?;
        let destinations = &mut self.server(named.service)?.destinations;
        let before = destinations.len();
        destinations.retain(|(destination, _)| destination.id != named.id);
        if destinations.len() == before {
            return Err(missing(&named));
        }
        Ok(())
    }

    fn destination(&mut self, line: &Line<'_>) -> Result<(Named, Destination), Trouble> {
        let named = values::destination_id(line, &mut self.names)?;
        let destination = values::destination(line, &named)?;
        if let Some(port) = named.unused_port {
            self.unused_ports.note(self.line, named.id, port);
        }
        Ok((named, destination))
    }

    fn set_timeouts(&mut self, line: &Line<'_>) -> Result<(), Trouble> {
        let Timeouts {
            tcp, tcp_fin, udp, ..
        } = values::timeouts(line)?;
        let set = &mut self.timeouts;
        set.tcp = tcp.or(set.tcp);
        set.tcp_fin = tcp_fin.or(set.tcp_fin);
        set.udp = udp.or(set.udp);
        Ok(())
    }

    fn start_daemon(&mut self, line: &Line<'_>) -> Result<(), Trouble> {
        let daemon = values::sync_daemon(line)?;
        let table = Table::default().sync_daemons([daemon.clone()]);
        table.validate().map_err(|invalid| invalid.to_string())?;
        let role = daemon.role;
        match self.daemons.insert(role, Daemon::Started(daemon)) {
            Some(Daemon::Started(_)) => {
                Err(format!("a {role} sync daemon is started twice").into())
            }
            _ => Ok(()),
        }
    }

    fn stop_daemon(&mut self, line: &Line<'_>) -> Result<(), Trouble> {
        let role = values::role(line)?;
        let is_running = match self.daemons.get(&role) {
            Some(Daemon::Started(_)) => true,
            Some(Daemon::Stopped) => false,
            None => {
                let mut running = self.live.table()?.sync_daemons.iter();
                running.any(|daemon| daemon.role == role)
            }
        };
        if !is_running {
            return Err(format!("no {role} sync daemon is running").into());
        }
        self.daemons.insert(role, Daemon::Stopped);
        self.deletes = true;
        Ok(())
    }

    fn push(&mut self, server: Server) {
        let (id, place) = (server.service.id, self.servers.len());
        if let Some(places) = &mut self.places {
            let earlier = places.get(&id).and_then(|place| self.servers.get(*place));
            if earlier.is_none_or(|earlier| earlier.is_deleted) {
                places.insert(id, place);
            }
        }
        self.servers.push(server);
    }

    /// The service that a rule is about: one of the rules before it, or one of the kernel.
    fn server(&mut self, id: ServiceId) -> Result<&mut Server, Trouble> {
        let place = match self.place(id) {
            Some(place) => Some(place),
            None if self.is_cleared => None,
            None => self.import(id)?,
        };
        let server = place.and_then(|place| self.servers.get_mut(place));
        server.filter(|server| !server.is_deleted).ok_or_else(|| {
            let why = "no line before this one adds it, and the kernel does not have it";
            Trouble::Wrong(format!("service {id} does not exist: {why}"))
        })
    }

    /// The place of a service in the rules, which is nearly always the last one.
    fn place(&mut self, id: ServiceId) -> Option<usize> {
        let last = self.servers.len().checked_sub(1)?;
        if self.servers.get(last)?.service.id == id {
            return Some(last);
        }
        let servers = &self.servers;
        let places = self.places.get_or_insert_with(|| {
            let mut places = HashMap::new();
            for (place, server) in servers.iter().enumerate() {
                let known = places.entry(server.service.id).or_insert(place);
                if servers.get(*known).is_some_and(|known| known.is_deleted) {
                    *known = place;
                }
            }
            places
        });
        places.get(&id).copied()
    }

    /// Takes a service of the kernel among those of the rules, so that rules can change it.
    fn import(&mut self, id: ServiceId) -> Result<Option<usize>, Trouble> {
        let servers = &self.live.table()?.virtual_servers;
        let Some(server) = servers.iter().find(|server| server.service.id == id) else {
            return Ok(None);
        };
        let destinations = server.destinations.iter();
        let server = Server {
            service: server.service.clone(),
            line: self.line,
            destinations: destinations.map(|one| (*one, self.line)).collect(),
            origin: Origin::Kernel,
            is_deleted: false,
        };
        self.push(server);
        Ok(self.servers.len().checked_sub(1))
    }

    /// What all rules amount to.
    pub(super) fn wanted(mut self) -> Result<Wanted, ReadError> {
        let deletes = self.deletes || self.is_cleared;
        let mentioned: HashSet<_> = if deletes {
            self.servers.iter().map(|one| one.service.id).collect()
        } else {
            HashSet::new()
        };
        self.servers.retain(|server| !server.is_deleted);
        self.sort();
        if let Some((line, what)) = self.twice() {
            return Err(LineError::new(line, what).into());
        }
        let servers = self.servers.into_iter().map(|server| {
            let destinations = server.destinations.into_iter();
            let destinations = destinations.map(|(destination, _)| destination);
            VirtualServer::new(server.service, destinations)
        });
        let mut servers: Vec<_> = servers.collect();
        let mut daemons = Vec::new();
        if deletes {
            let live = self.live.table().map_err(ReadError::Kernel)?;
            if !self.is_cleared {
                let kept = live.virtual_servers.iter();
                let kept = kept.filter(|server| !mentioned.contains(&server.service.id));
                servers.extend(kept.cloned());
            }
            let kept = live.sync_daemons.iter();
            let kept = kept.filter(|daemon| !self.daemons.contains_key(&daemon.role));
            daemons.extend(kept.cloned());
        }
        daemons.extend(
            self.daemons
                .into_values()
                .filter_map(|daemon| match daemon {
                    Daemon::Started(daemon) => Some(daemon),
                    Daemon::Stopped => None,
                }),
        );
        Ok(Wanted {
            table: Table::new(self.timeouts, servers).sync_daemons(daemons),
            others: if deletes {
                Others::Delete
            } else {
                Others::Keep
            },
            is_empty: self.line == 0,
            warning: self.unused_ports.warning(),
        })
    }

    fn sort(&mut self) {
        self.servers
            .sort_by_key(|server| (server.service.id, server.line));
        for server in &mut self.servers {
            let by_id = |(destination, line): &(Destination, usize)| (destination.id, *line);
            server.destinations.sort_by_key(by_id);
        }
    }

    /// The first line that defines something a second time. The entries are sorted, so that duplicates
    /// are neighbours.
    fn twice(&self) -> Option<(usize, String)> {
        let services = self.servers.iter().zip(self.servers.iter().skip(1));
        let services = services.filter(|(one, next)| one.service.id == next.service.id);
        let services = services.map(|(_, next)| {
            let id = next.service.id;
            (next.line, format!("service {id} is defined twice"))
        });
        let destinations = self.servers.iter().flat_map(|server| {
            let id = server.service.id;
            let pairs = server.destinations.iter();
            let pairs = pairs.zip(server.destinations.iter().skip(1));
            let equal = pairs.filter(|((one, _), (next, _))| one.id == next.id);
            equal.map(move |(_, (next, line))| {
                let what = format!("destination {} is defined twice in service {id}", next.id);
                (*line, what)
            })
        });
        services.chain(destinations).min()
    }
}

impl Server {
    fn present(&mut self, id: DestinationId) -> Option<&mut (Destination, usize)> {
        let mut present = self.destinations.iter_mut();
        present.find(|(destination, _)| destination.id == id)
    }
}

impl UnusedPorts {
    fn note(&mut self, line: usize, destination: DestinationId, port: u16) {
        self.first.get_or_insert((line, destination, port));
        self.count += 1;
    }

    fn warning(&self) -> Option<String> {
        let (line, destination, port) = self.first?;
        let others = match self.count {
            0 | 1 => String::new(),
            2 => "; the same holds for 1 other line".to_owned(),
            count => format!("; the same holds for {} other lines", count - 1),
        };
        Some(format!(
            "standard input, line {line}: as in ipvsadm, the destination is {destination}, not port \
             {port}: only -m changes the port{others}"
        ))
    }
}

fn missing(named: &Named) -> Trouble {
    let (id, service) = (named.id, named.service);
    let hint = match named.unused_port {
        Some(port) => format!(" (without -m it has the port of its service, not {port})"),
        None => String::new(),
    };
    Trouble::Wrong(format!(
        "destination {id} does not exist in service {service}{hint}"
    ))
}
