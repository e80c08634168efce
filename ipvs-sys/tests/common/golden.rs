//! Requests as ipvsadm builds them, and the comparison with what it sent.

use ipvs_sys::constants::IP_VS_CONN_F_MASQ;
use ipvs_sys::{
    CmdAttr, Command, DaemonAttr, DestAttr, IpvsMessage, ServiceFlags, Stats64Attr, StatsAttr,
    SvcAttr,
};

use super::{assert_same_bytes, hex, ipv4, ipv6, parsed, payload};

pub(crate) const AF_INET: u16 = 2;
pub(crate) const AF_INET6: u16 = 10;

/// The request of `line` is `captured`, both when it is written and when it is read.
#[track_caller]
pub(crate) fn assert_golden(
    line: &str,
    captured: &str,
    command: Command,
    attributes: Vec<CmdAttr>,
) {
    let request = IpvsMessage::new(command, attributes);
    let captured = hex(captured);
    assert_same_bytes(line, &payload(&request), &captured);
    assert_eq!(parsed(&captured).unwrap(), request, "{line}");
}

/// How a service is configured, in ipvsadm's order.
pub(crate) fn configuration(
    scheduler: &str,
    flags: u32,
    timeout: u32,
    netmask: [u8; 4],
) -> [SvcAttr; 4] {
    [
        SvcAttr::SchedName(scheduler.to_owned()),
        SvcAttr::Flags(ServiceFlags { flags, mask: !0 }),
        SvcAttr::Timeout(timeout),
        SvcAttr::Netmask(netmask),
    ]
}

/// 192.0.2.1:80 over TCP. ipvsadm names a service with an empty configuration behind its key.
pub(crate) fn web() -> CmdAttr {
    let mut service = service_key(AF_INET, ipv4([192, 0, 2, 1]), 80);
    service.extend(configuration("", 0, 0, [255; 4]));
    CmdAttr::Service(service)
}

/// [2001:db8::10]:80 over TCP, in the same way.
pub(crate) fn web6() -> CmdAttr {
    let mut service = service_key(AF_INET6, ipv6("2001:db8::10"), 80);
    service.extend(configuration("", 0, 0, 128u32.to_ne_bytes()));
    CmdAttr::Service(service)
}

/// A service and a destination of it.
pub(crate) fn with(service: CmdAttr, destination: Destination) -> Vec<CmdAttr> {
    vec![service, CmdAttr::Dest(destination.into())]
}

/// What identifies a service that is not a firewall mark, as ipvsadm orders it.
pub(crate) fn service_key(af: u16, address: [u8; 16], port: u16) -> Vec<SvcAttr> {
    vec![
        SvcAttr::Af(af),
        SvcAttr::Protocol(6),
        SvcAttr::Addr(address),
        SvcAttr::Port(port),
    ]
}

/// A destination as ipvsadm orders it, with the defaults of ipvsadm behind its weight.
pub(crate) fn destination(af: u16, address: [u8; 16], port: u16) -> Destination {
    Destination {
        af,
        address,
        port,
        method: IP_VS_CONN_F_MASQ,
        weight: 1,
        tunnel: (0, 0, 0),
        thresholds: (0, 0),
    }
}

/// See [`destination`].
pub(crate) struct Destination {
    pub(crate) af: u16,
    pub(crate) address: [u8; 16],
    pub(crate) port: u16,
    pub(crate) method: u32,
    pub(crate) weight: i32,
    /// Type, port, flags.
    pub(crate) tunnel: (u8, u16, u16),
    /// Upper, lower.
    pub(crate) thresholds: (u32, u32),
}

impl From<Destination> for Vec<DestAttr> {
    fn from(it: Destination) -> Self {
        vec![
            DestAttr::AddrFamily(it.af),
            DestAttr::Addr(it.address),
            DestAttr::Port(it.port),
            DestAttr::FwdMethod(it.method),
            DestAttr::Weight(it.weight),
            DestAttr::TunType(it.tunnel.0),
            DestAttr::TunPort(it.tunnel.1),
            DestAttr::TunFlags(it.tunnel.2),
            DestAttr::UThresh(it.thresholds.0),
            DestAttr::LThresh(it.thresholds.1),
        ]
    }
}

/// What a sync daemon is asked with at least.
pub(crate) fn daemon(state: u32, interface: &str, sync_id: u32) -> Vec<DaemonAttr> {
    vec![
        DaemonAttr::State(state),
        DaemonAttr::McastIfn(interface.to_owned()),
        DaemonAttr::SyncId(sync_id),
    ]
}

/// The statistics of what has not seen a packet, in 32 bits.
pub(crate) fn idle() -> Vec<StatsAttr> {
    vec![
        StatsAttr::Conns(0),
        StatsAttr::InPkts(0),
        StatsAttr::OutPkts(0),
        StatsAttr::InBytes(0),
        StatsAttr::OutBytes(0),
        StatsAttr::Cps(0),
        StatsAttr::InPps(0),
        StatsAttr::OutPps(0),
        StatsAttr::InBps(0),
        StatsAttr::OutBps(0),
    ]
}

/// The same in 64 bits.
pub(crate) fn idle64() -> Vec<Stats64Attr> {
    vec![
        Stats64Attr::Conns(0),
        Stats64Attr::InPkts(0),
        Stats64Attr::OutPkts(0),
        Stats64Attr::InBytes(0),
        Stats64Attr::OutBytes(0),
        Stats64Attr::Cps(0),
        Stats64Attr::InPps(0),
        Stats64Attr::OutPps(0),
        Stats64Attr::InBps(0),
        Stats64Attr::OutBps(0),
    ]
}

/// The answer that holds a service which has not seen a packet.
pub(crate) fn idle_service(key: Vec<SvcAttr>, configuration: [SvcAttr; 4]) -> IpvsMessage {
    let mut service = key;
    service.extend(configuration);
    service.extend([SvcAttr::Stats(idle()), SvcAttr::Stats64(idle64())]);
    IpvsMessage::new(Command::NewService, vec![CmdAttr::Service(service)])
}

/// The answer that holds an IPv4 destination which has not seen a packet. The kernel orders
/// otherwise than ipvsadm.
pub(crate) fn idle_destination(it: &Destination) -> IpvsMessage {
    let destination = vec![
        DestAttr::Addr(it.address),
        DestAttr::Port(it.port),
        DestAttr::FwdMethod(it.method),
        DestAttr::Weight(it.weight),
        DestAttr::TunType(it.tunnel.0),
        DestAttr::TunPort(it.tunnel.1),
        DestAttr::TunFlags(it.tunnel.2),
        DestAttr::UThresh(it.thresholds.0),
        DestAttr::LThresh(it.thresholds.1),
        DestAttr::ActiveConns(0),
        DestAttr::InactConns(0),
        DestAttr::PersistConns(0),
        DestAttr::AddrFamily(it.af),
        DestAttr::Stats(idle()),
        DestAttr::Stats64(idle64()),
    ];
    IpvsMessage::new(Command::NewDest, vec![CmdAttr::Dest(destination)])
}
