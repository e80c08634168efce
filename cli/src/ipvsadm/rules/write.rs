use std::io::{self, Write};

use ipvs::{
    Destination, Encapsulation, Family, Forwarding, GreChecksum, GueChecksum, Protocol, Service,
    ServiceId, Table,
};

/// Writes one line for each service and destination, thresholds included: ipvsadm reads them, but never
/// saves them.
pub(crate) fn write(table: &Table, out: &mut dyn Write) -> io::Result<()> {
    for server in &table.virtual_servers {
        write_service(&server.service, out)?;
        for destination in &server.destinations {
            write_destination(server.service.id, destination, out)?;
        }
    }
    Ok(())
}

fn write_service(service: &Service, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "-A {} -s {}", name(service.id)?, service.scheduler)?;
    if let Some(persistence) = service.persistence {
        write!(out, " -p {}", persistence.timeout.as_secs())?;
        if let Some(netmask) = persistence.netmask {
            write!(out, " -M {netmask}")?;
        }
    }
    if let Some(engine) = &service.persistence_engine {
        write!(out, " --pe {engine}")?;
    }
    if service.one_packet {
        write!(out, " -o")?;
    }
    let flags = service.scheduler_flags.names(&service.scheduler);
    if !flags.is_empty() {
        write!(out, " -b {}", flags.join(","))?;
    }
    writeln!(out)
}

fn write_destination(
    service: ServiceId,
    destination: &Destination,
    out: &mut dyn Write,
) -> io::Result<()> {
    let method = match destination.forwarding {
        Forwarding::Masquerade => "-m",
        Forwarding::Tunnel(_) => "-i",
        // The kernel delivers to its own addresses whatever the method is.
        _ => "-g",
    };
    let (service, id, weight) = (name(service)?, destination.id, destination.weight);
    write!(out, "-a {service} -r {id} {method} -w {weight}")?;
    if let Some(upper) = destination.upper_threshold {
        write!(out, " -x {upper}")?;
    }
    if let Some(lower) = destination.lower_threshold {
        write!(out, " -y {lower}")?;
    }
    match destination.forwarding {
        Forwarding::Tunnel(Encapsulation::Ipip) => write!(out, " --tun-type ipip")?,
        Forwarding::Tunnel(Encapsulation::Gue { port, checksum }) => {
            let checksum = match checksum {
                GueChecksum::None => "--tun-nocsum",
                GueChecksum::Full => "--tun-csum",
                GueChecksum::Remote => "--tun-remcsum",
            };
            write!(out, " --tun-type gue --tun-port {port} {checksum}")?;
        }
        Forwarding::Tunnel(Encapsulation::Gre { checksum }) => {
            let checksum = match checksum {
                GreChecksum::None => "--tun-nocsum",
                GreChecksum::Full => "--tun-csum",
            };
            write!(out, " --tun-type gre {checksum}")?;
        }
        _ => {}
    }
    writeln!(out)
}

fn name(service: ServiceId) -> io::Result<String> {
    match service {
        ServiceId::Address { protocol, endpoint } => match protocol {
            Protocol::Tcp => Ok(format!("-t {endpoint}")),
            Protocol::Udp => Ok(format!("-u {endpoint}")),
            Protocol::Sctp => Ok(format!("--sctp-service {endpoint}")),
            _ => Err(nameless(service)),
        },
        ServiceId::Fwmark {
            mark,
            family: Family::Ipv4,
        } => Ok(format!("-f {mark}")),
        ServiceId::Fwmark {
            mark,
            family: Family::Ipv6,
        } => Ok(format!("-f {mark} -6")),
        _ => Err(nameless(service)),
    }
}

fn nameless(service: ServiceId) -> io::Error {
    io::Error::other(format!(
        "service {service} cannot be written in ipvsadm's format"
    ))
}
