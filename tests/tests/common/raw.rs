//! Requests that the library refuses to send: through `ipvs-sys`, which takes any.

use ipvs_sys::{
    CmdAttr, Command, Conversation, DestAttr, Errno, IpvsMessage, ServiceFlags, SvcAttr,
};

pub(crate) const AF_INET: u16 = 2;
pub(crate) const TCP: u16 = 6;

/// What identifies 192.0.2.10 as a service.
pub(crate) fn key(protocol: u16, port: u16) -> Vec<SvcAttr> {
    vec![
        SvcAttr::Af(AF_INET),
        SvcAttr::Protocol(protocol),
        SvcAttr::Addr(ipv4([192, 0, 2, 10])),
        SvcAttr::Port(port),
    ]
}

/// A service of this identity with `rr`, these flags and this timeout.
pub(crate) fn service(mut key: Vec<SvcAttr>, flags: u32, timeout: u32) -> Vec<CmdAttr> {
    key.extend([
        SvcAttr::SchedName("rr".to_owned()),
        SvcAttr::Flags(ServiceFlags { flags, mask: !0 }),
        SvcAttr::Timeout(timeout),
        SvcAttr::Netmask([255; 4]),
    ]);
    vec![CmdAttr::Service(key)]
}

/// 198.51.100.7:80 with this method and tunnel, for TCP 192.0.2.10:80.
pub(crate) fn destination(method: u32, tunnel: (u8, u16, u16)) -> Vec<CmdAttr> {
    let destination = vec![
        DestAttr::AddrFamily(AF_INET),
        DestAttr::Addr(ipv4([198, 51, 100, 7])),
        DestAttr::Port(80),
        DestAttr::FwdMethod(method),
        DestAttr::Weight(1),
        DestAttr::TunType(tunnel.0),
        DestAttr::TunPort(tunnel.1),
        DestAttr::TunFlags(tunnel.2),
        DestAttr::UThresh(0),
        DestAttr::LThresh(0),
    ];
    vec![CmdAttr::Service(key(TCP, 80)), CmdAttr::Dest(destination)]
}

pub(crate) fn ipv4(octets: [u8; 4]) -> [u8; 16] {
    let mut address = [0; 16];
    address
        .iter_mut()
        .zip(octets)
        .for_each(|(to, from)| *to = from);
    address
}

/// What the kernel says to a request; `None`: it carries it out.
pub(crate) fn ask(command: Command, attributes: Vec<CmdAttr>) -> Option<Errno> {
    let mut kernel = Conversation::open().unwrap();
    match kernel.execute(IpvsMessage::new(command, attributes)) {
        Ok(()) => None,
        Err(error) => Some(error.errno().unwrap()),
    }
}

/// The attributes of a service as the kernel gives them.
pub(crate) fn read_service(key: Vec<SvcAttr>) -> Vec<SvcAttr> {
    let question = IpvsMessage::new(Command::GetService, vec![CmdAttr::Service(key)]);
    let answer = Conversation::open().unwrap().get(question).unwrap();
    let IpvsMessage::Config { attributes, .. } = answer else {
        panic!("not a service: {answer:?}");
    };
    match attributes.into_iter().next() {
        Some(CmdAttr::Service(attributes)) => attributes,
        other => panic!("not a service: {other:?}"),
    }
}
