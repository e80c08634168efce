//! A service or a destination in the words of both programs, and in those of the kernel's own list.

use std::net::IpAddr;

use ipvs::{Destination, Endpoint, Family, Forwarding, Protocol, Service, ServiceId};

/// Both programs name a service alike.
pub(super) fn name(id: ServiceId) -> String {
    match id {
        ServiceId::Address {
            protocol: Protocol::Tcp,
            endpoint,
        } => format!("-t {endpoint}"),
        ServiceId::Address {
            protocol: Protocol::Udp,
            endpoint,
        } => format!("-u {endpoint}"),
        ServiceId::Fwmark {
            mark,
            family: Family::Ipv4,
        } => format!("-f {mark}"),
        ServiceId::Fwmark {
            mark,
            family: Family::Ipv6,
        } => format!("-f {mark} -6"),
        other => panic!("{other}"),
    }
}

/// The settings of a service, as both programs take them and as ipvsadm saves them.
pub(super) fn settings(service: &Service) -> String {
    let persistence = service.persistence.map(|persistence| {
        let mask = persistence.netmask.map(|mask| format!(" -M {mask}"));
        let timeout = persistence.timeout.as_secs();
        format!(" -p {timeout}{}", mask.unwrap_or_default())
    });
    let persistence = persistence.unwrap_or_default();
    let one_packet = if service.one_packet { " -o" } else { "" };
    format!("-s {}{persistence}{one_packet}", service.scheduler)
}

/// What an edit has to name so that nothing is left of what was there.
pub(super) fn removals(service: &Service) -> String {
    let persistence = match (service.persistence, service.id.family()) {
        (None, _) => " --no-persistence",
        (Some(persistence), _) if persistence.netmask.is_some() => "",
        (_, Family::Ipv4) => " -M 255.255.255.255",
        (_, Family::Ipv6) => " -M 128",
    };
    let one_packet = if service.one_packet { "" } else { " --no-ops" };
    format!("{persistence}{one_packet}")
}

/// The settings of a destination, as both programs take them.
pub(super) fn forwarding(destination: &Destination) -> String {
    let method = match destination.forwarding {
        Forwarding::Masquerade => "-m",
        Forwarding::Direct => "-g",
        _ => "-i",
    };
    format!("{method} -w {}", destination.weight)
}
/// A row of the kernel's list without what it counts in ticks and with the bytes of a mask.
pub(super) fn known_words(row: &str) -> String {
    let words: Vec<_> = row.split_whitespace().collect();
    let length = match words.iter().position(|word| *word == "persistent") {
        Some(place) => place + 1,
        None => words.len().min(4),
    };
    words[..length].join(" ")
}

fn listed_endpoint(endpoint: Endpoint) -> String {
    let port = endpoint.port.map_or(0, u16::from);
    match endpoint.address {
        IpAddr::V4(address) => format!("{:08X}:{port:04X}", u32::from(address)),
        IpAddr::V6(address) => {
            let groups = address.segments().map(|group| format!("{group:04x}"));
            format!("[{}]:{port:04X}", groups.join(":"))
        }
    }
}

/// A service in the kernel's list, where a mark has no family, and one-packet scheduling of an IPv6
/// address is not mentioned.
pub(super) fn listed(service: &Service) -> String {
    let name = match service.id {
        ServiceId::Address { protocol, endpoint } => {
            format!("{protocol} {}", listed_endpoint(endpoint))
        }
        ServiceId::Fwmark { mark, .. } => format!("FWM {mark:08X}"),
        other => panic!("{other}"),
    };
    let is_told = !name.contains('[');
    let one_packet = if service.one_packet && is_told {
        " ops"
    } else {
        ""
    };
    let persistent = service.persistence.map_or("", |_| " persistent");
    format!("{name} {}{one_packet}{persistent}", service.scheduler)
}

pub(super) fn listed_destination(destination: &Destination) -> String {
    let method = match destination.forwarding {
        Forwarding::Masquerade => "Masq",
        Forwarding::Direct => "Route",
        _ => "Tunnel",
    };
    let (id, weight) = (listed_endpoint(destination.id), destination.weight);
    format!("-> {id} {method} {weight}")
}
