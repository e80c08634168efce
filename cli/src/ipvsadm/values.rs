//! What the options of a line mean.

use std::num::{NonZeroU8, NonZeroU16, NonZeroU32};
use std::time::Duration;

use ipvs::{
    Destination, DestinationId, Encapsulation, Endpoint, Family, Forwarding, GreChecksum,
    GueChecksum, Persistence, Protocol, SchedulerFlags, Service, ServiceId, SyncDaemon, SyncRole,
    Timeouts,
};

use super::line::Line;
use super::names::{Names, Written};
use super::option::Opt;
use crate::typed::RealServer;

/// The service that the line names.
pub(super) fn service_id(line: &Line<'_>, names: &mut Names) -> Result<ServiceId, String> {
    let protocols = [
        (Opt::Tcp, Protocol::Tcp),
        (Opt::Udp, Protocol::Udp),
        (Opt::Sctp, Protocol::Sctp),
    ];
    for (opt, protocol) in protocols {
        if let Some(word) = line.word(opt) {
            let Written { address, port } = named(opt, word, protocol, names)?;
            let endpoint = Endpoint::new(address, port.unwrap_or(0));
            return Ok(ServiceId::Address { protocol, endpoint });
        }
    }
    let family = if line.has(Opt::Ipv6) {
        Family::Ipv6
    } else {
        Family::Ipv4
    };
    let mark = line.word(Opt::Fwmark).unwrap_or_default();
    Ok(ServiceId::fwmark(fwmark(mark)?, family))
}

/// The service of a line that adds or edits one. Settings that the line does not name have their
/// defaults, also in an edit.
pub(super) fn service(line: &Line<'_>, names: &mut Names) -> Result<Service, String> {
    let mut service = Service::new(service_id(line, names)?);
    service.scheduler = line.value(Opt::Scheduler)?.unwrap_or_default();
    if let Some(flags) = line.word(Opt::SchedulerFlags) {
        let flags: Vec<_> = flags.split(',').collect();
        service.scheduler_flags = SchedulerFlags::from_names(&flags, &service.scheduler)
            .map_err(|error| error.to_string())?;
    }
    service.persistence = persistence(line)?;
    service.persistence_engine = line.value(Opt::Engine)?;
    service.one_packet = line.has(Opt::OnePacket);
    service.validate().map_err(|error| error.to_string())?;
    Ok(service)
}

fn persistence(line: &Line<'_>) -> Result<Option<Persistence>, String> {
    if !line.has(Opt::Persistent) {
        return Ok(None);
    }
    let timeout = match line.word(Opt::Persistent) {
        Some(_) => Duration::from_secs(number(line, Opt::Persistent)?.unwrap_or_default()),
        None => Persistence::DEFAULT_TIMEOUT,
    };
    let mut persistence = Persistence::new(timeout);
    persistence.netmask = line.value(Opt::Netmask)?;
    Ok(Some(persistence))
}

/// A destination as a line names it.
pub(super) struct Named {
    pub(super) service: ServiceId,
    pub(super) id: DestinationId,
    /// The port that was written, if the destination does not get it: only masquerading changes the port
    /// of packets, so that all others have the port of the service.
    pub(super) unused_port: Option<u16>,
}

/// The service and the destination that a line names.
///
/// A line that deletes one names no forwarding method: it means the port that it names.
pub(super) fn destination_id(line: &Line<'_>, names: &mut Names) -> Result<Named, String> {
    use super::command::Command;

    let service = service_id(line, names)?;
    let protocol = match service {
        ServiceId::Address { protocol, .. } => protocol,
        _ => Protocol::Tcp,
    };
    let word = line.word(Opt::RealServer).unwrap_or_default();
    let Written { address, port } = named(Opt::RealServer, word, protocol, names)?;
    let server = RealServer::new(address, port);
    let behind = server.behind(service);
    if line.command == Command::DeleteServer || line.has(Opt::Masquerade) {
        return Ok(Named {
            service,
            id: behind,
            unused_port: None,
        });
    }
    let id = server.with_the_port_of(service);
    Ok(Named {
        service,
        id,
        unused_port: port.filter(|_| id != behind),
    })
}

/// The destination of a line that adds or edits one. Settings that the line does not name have their
/// defaults, also in an edit.
pub(super) fn destination(line: &Line<'_>, named: &Named) -> Result<Destination, String> {
    let weight = number(line, Opt::Weight)?.unwrap_or(1);
    let mut destination = Destination::new(named.id).weight(weight);
    destination.forwarding = forwarding(line)?;
    let threshold = |opt| -> Result<_, String> {
        let connections: Option<u32> = number(line, opt)?;
        Ok(connections.and_then(NonZeroU32::new))
    };
    destination.upper_threshold = threshold(Opt::UpperThreshold)?;
    destination.lower_threshold = threshold(Opt::LowerThreshold)?;
    let valid = destination.validate(named.service);
    valid.map_err(|error| error.to_string())?;
    Ok(destination)
}

fn forwarding(line: &Line<'_>) -> Result<Forwarding, String> {
    if line.has(Opt::Tunnel) {
        return encapsulation(line).map(Forwarding::Tunnel);
    }
    let tunnel = [
        Opt::TunnelType,
        Opt::TunnelPort,
        Opt::NoChecksum,
        Opt::Checksum,
        Opt::RemoteChecksum,
    ];
    match tunnel.into_iter().find(|opt| line.has(*opt)) {
        Some(opt) => Err(format!("{opt} needs -i")),
        None if line.has(Opt::Masquerade) => Ok(Forwarding::Masquerade),
        None => Ok(Forwarding::Direct),
    }
}

fn encapsulation(line: &Line<'_>) -> Result<Encapsulation, String> {
    let checksums = [Opt::NoChecksum, Opt::Checksum, Opt::RemoteChecksum];
    let mut given = checksums.into_iter().filter(|opt| line.has(*opt));
    let checksum = given.next();
    if let (Some(one), Some(other)) = (checksum, given.next()) {
        return Err(format!("{one} and {other} contradict each other"));
    }
    let kind = line.word(Opt::TunnelType).unwrap_or("ipip");
    let foreign = |opt: Opt| Err(format!("--tun-type {kind} takes no {opt}"));
    match (kind, line.word(Opt::TunnelPort), checksum) {
        ("ipip" | "gre", Some(_), _) => foreign(Opt::TunnelPort),
        ("ipip", None, Some(opt)) | ("gre", None, Some(opt @ Opt::RemoteChecksum)) => foreign(opt),
        ("ipip", None, None) => Ok(Encapsulation::Ipip),
        ("gue", None, _) => Err("--tun-type gue needs --tun-port".to_owned()),
        ("gue", Some(word), checksum) => Ok(Encapsulation::Gue {
            port: number(line, Opt::TunnelPort)?
                .and_then(NonZeroU16::new)
                .ok_or_else(|| format!("--tun-port {word}: a port is a number from 1 to 65535"))?,
            checksum: match checksum {
                Some(Opt::Checksum) => GueChecksum::Full,
                Some(Opt::RemoteChecksum) => GueChecksum::Remote,
                _ => GueChecksum::None,
            },
        }),
        ("gre", None, checksum) => Ok(Encapsulation::Gre {
            checksum: match checksum {
                Some(Opt::Checksum) => GreChecksum::Full,
                _ => GreChecksum::None,
            },
        }),
        (other, ..) => Err(format!(
            "unknown tunnel type {other:?}: use ipip, gue or gre"
        )),
    }
}

/// The timeouts of `--set TCP TCPFIN UDP`, where 0 means no change.
pub(super) fn timeouts(line: &Line<'_>) -> Result<Timeouts, String> {
    let mut read = [None; 3];
    for (timeout, word) in read.iter_mut().zip(line.arguments()) {
        let seconds = digits(word).and_then(|digits| digits.parse::<u64>().ok());
        let seconds = seconds.ok_or_else(|| format!("--set {word}: not a number of seconds"))?;
        *timeout = (seconds != 0).then_some(Duration::from_secs(seconds));
    }
    let mut timeouts = Timeouts::default();
    [timeouts.tcp, timeouts.tcp_fin, timeouts.udp] = read;
    let table = ipvs::Table::new(timeouts, []);
    table.validate().map_err(|error| error.to_string())?;
    Ok(timeouts)
}

/// The role that `--start-daemon` and `--stop-daemon` name.
pub(super) fn role(line: &Line<'_>) -> Result<SyncRole, String> {
    let word = line.arguments().first().copied().unwrap_or_default();
    let role = word.parse();
    role.map_err(|error: ipvs::ParseError| error.to_string())
}

/// The sync daemon of `--start-daemon`.
pub(super) fn sync_daemon(line: &Line<'_>) -> Result<SyncDaemon, String> {
    let interface = line
        .word(Opt::Interface)
        .ok_or("--start-daemon needs --mcast-interface")?;
    let mut daemon = SyncDaemon::new(role(line)?, interface);
    daemon.sync_id = number(line, Opt::SyncId)?.unwrap_or(0);
    daemon.group = line.value(Opt::SyncGroup)?;
    let port: Option<u16> = number(line, Opt::SyncPort)?;
    daemon.port = not_zero(port, Opt::SyncPort, NonZeroU16::new)?;
    let ttl: Option<u8> = number(line, Opt::SyncTtl)?;
    daemon.ttl = not_zero(ttl, Opt::SyncTtl, NonZeroU8::new)?;
    let length: Option<u16> = number(line, Opt::SyncLength)?;
    daemon.max_length = not_zero(length, Opt::SyncLength, NonZeroU16::new)?;
    Ok(daemon)
}

fn not_zero<T, N>(
    given: Option<T>,
    opt: Opt,
    new: impl Fn(T) -> Option<N>,
) -> Result<Option<N>, String> {
    let read = |number| new(number).ok_or_else(|| format!("{opt} 0: a number from 1"));
    given.map(read).transpose()
}

/// A number without a sign.
fn number<T>(line: &Line<'_>, opt: Opt) -> Result<Option<T>, String>
where
    T: std::str::FromStr,
{
    let read = |word: &str| {
        let number = digits(word).and_then(|digits| digits.parse().ok());
        number.ok_or_else(|| format!("{opt} {word}: not a number, or out of range"))
    };
    line.word(opt).map(read).transpose()
}

/// The word, if it has digits only: Rust also reads `+1`.
fn digits(word: &str) -> Option<&str> {
    Some(word).filter(|word| word.bytes().all(|byte| byte.is_ascii_digit()))
}

/// ipvsadm prints marks from 2^31 on as negative numbers.
fn fwmark(word: &str) -> Result<NonZeroU32, String> {
    let unsigned = || digits(word)?.parse::<u32>().ok();
    let signed = || {
        digits(word.strip_prefix('-')?)?;
        let number = word.parse::<i32>().ok()?;
        Some(u32::from_ne_bytes(number.to_ne_bytes()))
    };
    unsigned()
        .or_else(signed)
        .and_then(NonZeroU32::new)
        .ok_or_else(|| format!("-f {word}: a firewall mark is a number from 1 to 4294967295"))
}

fn named(opt: Opt, word: &str, protocol: Protocol, names: &mut Names) -> Result<Written, String> {
    let read = names.read(word, protocol);
    read.map_err(|error| format!("{opt} {word}: {error}"))
}
