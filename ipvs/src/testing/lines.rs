//! Formats the lines of the kernel's files.

use std::net::IpAddr;

use ipvs_sys::constants::{IP_VS_SVC_F_ONEPACKET, IP_VS_SVC_F_PERSISTENT};

use super::config;
use super::state::{Destination, Service, Table};
use crate::{Connection, ConnectionService, Endpoint, Origin, Protocol, ServiceId, Stats};

/// Ticks per second in `/proc/net/ip_vs`. This is a common rate, and differs from the rate that limits
/// timeouts.
const TICKS: u32 = 250;

pub(super) fn table(table: &Table) -> String {
    let title = format!(
        "IP Virtual Server version 1.2.1 (size={})\n\
         Prot LocalAddress:Port Scheduler Flags\n  \
         -> RemoteAddress:Port Forward Weight ActiveConn InActConn\n",
        config::CONNECTION_TABLE_SIZE
    );
    let services = table.services().iter().map(|service| {
        let destinations = service.destinations.iter().map(destination_line);
        service_line(service) + &destinations.collect::<String>()
    });
    title + &services.collect::<String>()
}

fn service_line(service: &Service) -> String {
    let configuration = &service.configuration;
    let scheduler = &configuration.scheduler;
    let has = |flag| configuration.flags & flag != 0;
    let ops = if has(IP_VS_SVC_F_ONEPACKET) {
        "ops "
    } else {
        ""
    };
    let line = match service.id {
        ServiceId::Address { protocol, endpoint } => {
            let (protocol, place) = (protocol_name(protocol), bracketed(endpoint));
            match endpoint.address {
                IpAddr::V4(_) => format!("{protocol}  {place} {scheduler} {ops} "),
                IpAddr::V6(_) => format!("{protocol}  {place} {scheduler} "),
            }
        }
        ServiceId::Fwmark { mark, .. } => format!("FWM  {mark:08X} {scheduler} {ops}"),
    };
    if !has(IP_VS_SVC_F_PERSISTENT) {
        return line + "\n";
    }
    let ticks = configuration.timeout.wrapping_mul(TICKS);
    let ticks = i32::from_ne_bytes(ticks.to_ne_bytes());
    let netmask = u32::from_be_bytes(configuration.netmask);
    line + &format!("persistent {ticks} {netmask:08X}\n")
}

fn destination_line(destination: &Destination) -> String {
    let method = match destination.forwarding.method {
        1 => "Local",
        2 => "Tunnel",
        3 => "Route",
        _ => "Masq",
    };
    let traffic = destination.traffic;
    format!(
        "  -> {}      {method:<7} {:<6} {:<10} {:<10}\n",
        bracketed(destination.id),
        destination.forwarding.weight,
        traffic.active_connections,
        traffic.inactive_connections,
    )
}

pub(super) fn connections(connections: &[Connection]) -> String {
    let titles =
        "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n";
    let lines = connections.iter().map(|connection| {
        let engine = connection.engine.as_ref();
        let engine = engine.map(|engine| format!(" {} {}", engine.name, engine.data));
        let (words, expires) = (words(connection), connection.expires.as_secs());
        format!("{words} {expires:>7}{}\n", engine.unwrap_or_default())
    });
    titles.to_owned() + &lines.collect::<String>()
}

pub(super) fn connections_with_origin(connections: &[Connection]) -> String {
    let titles = "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Origin Expires\n";
    let lines = connections.iter().map(|connection| {
        let origin = match connection.origin {
            Some(Origin::Sync) => "SYNC",
            _ => "LOCAL",
        };
        let (words, expires) = (words(connection), connection.expires.as_secs());
        format!("{words} {origin:<6} {expires:>7}\n")
    });
    titles.to_owned() + &lines.collect::<String>()
}

/// The fields from the protocol to the state.
fn words(connection: &Connection) -> String {
    let service = match connection.service {
        ConnectionService::Endpoint(endpoint) => separated(endpoint),
        // The mark takes the place of the address, in the format of the client's family.
        ConnectionService::Fwmark(mark) => match connection.client.address {
            IpAddr::V4(_) => format!("{mark:08X} 0000"),
            IpAddr::V6(_) => {
                let mark = mark.get();
                let zeros = ":0000".repeat(6);
                format!("{:04x}:{:04x}{zeros} 0000", mark >> 16, mark & 0xffff)
            }
        },
    };
    format!(
        "{:<3} {} {service} {} {:<11}",
        protocol_name(connection.protocol),
        separated(connection.client),
        separated(connection.destination),
        connection.state,
    )
}

pub(super) fn totals(totals: &Stats) -> String {
    let rates = totals.rates;
    format!(
        "   Total Incoming Outgoing         Incoming         Outgoing\n   \
         Conns  Packets  Packets            Bytes            Bytes\n{}\n \
         Conns/s   Pkts/s   Pkts/s          Bytes/s          Bytes/s\n{}",
        numbers(counters(totals)),
        numbers([
            rates.connections_per_second,
            rates.incoming_packets_per_second,
            rates.outgoing_packets_per_second,
            rates.incoming_bytes_per_second,
            rates.outgoing_bytes_per_second,
        ])
    )
}

/// Puts all counts on one CPU.
pub(super) fn totals_by_cpu(totals: &Stats) -> String {
    let line = numbers(counters(totals));
    format!(
        "       Total Incoming Outgoing         Incoming         Outgoing\n\
         CPU    Conns  Packets  Packets            Bytes            Bytes\n  \
         0 {line}  ~ {line}"
    )
}

fn counters(stats: &Stats) -> [u64; 5] {
    [
        stats.connections,
        stats.incoming_packets,
        stats.outgoing_packets,
        stats.incoming_bytes,
        stats.outgoing_bytes,
    ]
}

fn numbers(numbers: [u64; 5]) -> String {
    let [connections, packets_in, packets_out, bytes_in, bytes_out] = numbers;
    format!("{connections:8X} {packets_in:8X} {packets_out:8X} {bytes_in:16X} {bytes_out:16X}\n")
}

fn protocol_name(protocol: Protocol) -> String {
    match protocol.number() {
        0 => "IP".to_owned(),
        1 => "ICMP".to_owned(),
        58 => "ICMPv6".to_owned(),
        _ => protocol.to_string(),
    }
}

/// The format of the table: IPv6 in brackets, a colon before the port.
fn bracketed(endpoint: Endpoint) -> String {
    let (address, port) = (address(endpoint.address), endpoint.port_number());
    match endpoint.address {
        IpAddr::V4(_) => format!("{address}:{port:04X}"),
        IpAddr::V6(_) => format!("[{address}]:{port:04X}"),
    }
}

/// The format of connections: no brackets, a blank before the port.
fn separated(endpoint: Endpoint) -> String {
    let port = endpoint.port_number();
    format!("{} {port:04X}", address(endpoint.address))
}

fn address(address: IpAddr) -> String {
    match address {
        IpAddr::V4(v4) => format!("{:08X}", u32::from(v4)),
        IpAddr::V6(v6) => {
            let groups = v6.segments().map(|group| format!("{group:04x}"));
            groups.join(":")
        }
    }
}
