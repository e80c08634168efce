//! What IPVS balances, in the words of those who look at the host around it.

use ipvs::{
    Client, DestinationStatus, Error, Family, Forwarding, Protocol, Scheduler, ServiceId,
    ServiceStatus, SyncRole,
};
use lbnet::{
    BalancedServer, BalancedService, Balancing, ForwardingMethod, OuterFamily, SyncDaemonSeen,
    Transport,
};

use crate::typed::as_received;

pub(crate) fn read(client: &mut Client) -> Result<Balancing, Error> {
    let mut services = Vec::new();
    client.for_each_virtual_server(|status, destinations| {
        services.extend(service(status, destinations));
    })?;
    let balancing = services
        .into_iter()
        .fold(Balancing::new(), Balancing::service);
    let daemons = client.sync_daemons()?.into_iter();
    let balancing = daemons
        .map(|daemon| match daemon.role {
            SyncRole::Master => SyncDaemonSeen::master(daemon.interface, daemon.sync_id),
            SyncRole::Backup => SyncDaemonSeen::backup(daemon.interface, daemon.sync_id),
        })
        .fold(balancing, Balancing::sync_daemon);
    Ok(match client.timeouts()?.tcp {
        // Without a service or a daemon there is nobody whom it would concern.
        Some(timeout) if balancing != Balancing::new() => balancing.tcp_timeout(timeout),
        _ => balancing,
    })
}

fn service(status: &ServiceStatus, destinations: &[DestinationStatus]) -> Option<BalancedService> {
    let configured = &status.service;
    let mut service = match configured.id {
        ServiceId::Address { protocol, endpoint } => {
            let transport = match protocol {
                Protocol::Tcp => Transport::Tcp,
                Protocol::Udp => Transport::Udp,
                Protocol::Sctp => Transport::Sctp,
                _ => return None,
            };
            BalancedService::at(transport, endpoint.address, endpoint.port)
        }
        ServiceId::Fwmark { mark, family } => {
            let family = match family {
                Family::Ipv4 => OuterFamily::Ipv4,
                Family::Ipv6 => OuterFamily::Ipv6,
            };
            BalancedService::marked(mark, family)
        }
        _ => return None,
    };
    if configured.scheduler != Scheduler::NONE {
        service = service.scheduler(configured.scheduler.name());
    }
    if configured.persistence.is_some() {
        service = service.persistent();
    }
    let servers = destinations.iter().map(|it| server(configured.id, it));
    Some(servers.fold(service, BalancedService::server))
}

fn server(service: ServiceId, status: &DestinationStatus) -> BalancedServer {
    let destination = &status.destination;
    let forwarding = match destination.forwarding {
        Forwarding::Masquerade => ForwardingMethod::Masquerade,
        Forwarding::Direct => ForwardingMethod::Direct,
        Forwarding::Tunnel(tunnel) => {
            as_received(tunnel).map_or(ForwardingMethod::Other, ForwardingMethod::Tunnel)
        }
        _ => ForwardingMethod::Other,
    };
    let (to_it, back) = (status.stats.incoming_packets, status.stats.outgoing_packets);
    let server = BalancedServer::new(destination.id.address, forwarding)
        .weight(destination.weight)
        .packets(to_it, back);
    let same = matches!(service, ServiceId::Address { endpoint, .. }
        if endpoint.port == destination.id.port);
    match destination.id.port {
        Some(port) if !same => server.port(port),
        _ => server,
    }
}
