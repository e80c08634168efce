//! What of a table can be saved, because it can be set again.

use std::fmt;

use super::validate;
use crate::{
    DestinationId, Endpoint, Forwarding, Invalid, ServiceId, SyncRole, Table, Timeouts,
    VirtualServer,
};

impl Table {
    /// Replaces the forwarding method `local`, which is only read, by direct routing, as `ipvsadm` does when
    /// it saves a table. Returns what was replaced.
    ///
    /// The kernel delivers to its own addresses whatever the method is, so that a destination on this host
    /// works the same. Direct routing does not change the port: the replaced destination has the port of
    /// its service. If the service has a destination with that address and port already, nothing is
    /// replaced.
    pub fn replace_local(&mut self) -> Vec<Replaced> {
        let mut replaced = Vec::new();
        for server in &mut self.virtual_servers {
            replace_in(server, &mut replaced);
        }
        replaced
    }

    /// Removes everything that [`validate`](Self::validate) refuses, and returns what it was. Such entries
    /// were made by another program and could not be restored. An invalid service is removed with its
    /// destinations, an invalid destination alone.
    pub fn drop_invalid(&mut self) -> Vec<Dropped> {
        let mut dropped = Vec::new();
        let mut keep = |part: Part, checked: Result<(), Invalid>| {
            let reason = checked.err();
            let is_kept = reason.is_none();
            dropped.extend(reason.map(|reason| Dropped { part, reason }));
            is_kept
        };
        let Timeouts { tcp, tcp_fin, udp } = &mut self.timeouts;
        for timeout in [tcp, tcp_fin, udp] {
            let one = Timeouts {
                tcp: *timeout,
                ..Timeouts::default()
            };
            *timeout = timeout.filter(|_| keep(Part::Timeout, validate::timeouts(&one)));
        }
        self.virtual_servers.retain(|server| {
            let service = &server.service;
            keep(Part::Service(service.id), validate::service(service))
        });
        for VirtualServer {
            service,
            destinations,
        } in &mut self.virtual_servers
        {
            destinations.retain(|destination| {
                let part = Part::Destination(service.id, destination.id);
                keep(part, validate::destination(service.id, destination))
            });
        }
        self.sync_daemons.retain(|daemon| {
            let part = Part::SyncDaemon(daemon.role);
            keep(part, validate::sync_daemon(daemon))
        });
        dropped
    }
}

fn replace_in(server: &mut VirtualServer, replaced: &mut Vec<Replaced>) {
    let service = server.service.id;
    let port_of = |id: DestinationId| match service {
        ServiceId::Address { endpoint, .. } => Endpoint {
            address: id.address,
            port: endpoint.port,
        },
        ServiceId::Fwmark { .. } => id,
    };
    let ids: Vec<_> = server.destinations.iter().map(|one| one.id).collect();
    for destination in &mut server.destinations {
        let id = port_of(destination.id);
        let is_free = id == destination.id || !ids.contains(&id);
        if destination.forwarding == Forwarding::Local && is_free {
            replaced.push(Replaced {
                service,
                destination: destination.id,
                saved_as: id,
            });
            destination.id = id;
            destination.forwarding = Forwarding::Direct;
        }
    }
    server
        .destinations
        .sort_by_key(|destination| destination.id);
}

/// A destination whose forwarding method `local` [`Table::replace_local`] replaced by direct routing.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replaced {
    /// The service.
    pub service: ServiceId,
    /// The destination as the kernel has it.
    pub destination: DestinationId,
    /// The destination in the table: it has the port of its service.
    pub saved_as: DestinationId,
}

impl fmt::Display for Replaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            service,
            destination,
            saved_as,
        } = self;
        write!(
            f,
            "destination {destination} of service {service} has the forwarding method local, which \
             only other programs set: it is saved as direct"
        )?;
        if saved_as == destination {
            Ok(())
        } else {
            write!(f, ", at {saved_as}")
        }
    }
}

/// Something that [`Table::drop_invalid`] removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropped {
    part: Part,
    reason: Invalid,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Timeout,
    Service(ServiceId),
    Destination(ServiceId, DestinationId),
    SyncDaemon(SyncRole),
}

impl Dropped {
    /// Returns why it would be refused.
    pub fn reason(&self) -> &Invalid {
        &self.reason
    }
}

/// Names the object and the reason.
impl fmt::Display for Dropped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = self.reason.to_string();
        // Most reasons name the object themselves.
        let names = |name: String| reason.contains(&name);
        match self.part {
            Part::Service(id) if !names(id.to_string()) => write!(f, "service {id}: {reason}"),
            Part::Destination(service, id) if !names(id.to_string()) => {
                write!(f, "destination {id} of service {service}: {reason}")
            }
            Part::SyncDaemon(role) => write!(f, "{role} sync daemon: {reason}"),
            _ => f.write_str(&reason),
        }
    }
}
