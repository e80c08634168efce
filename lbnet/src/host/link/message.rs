//! Conversion between devices and netlink messages.

mod tunnel;
use crate::{
    DeviceName, Link, LinkKind, LinkState, MacAddress, NewLink, NewLinkKind, Resolution,
    model::mark,
};
use rtnetlink::packet_route::link::{
    InfoKind, LinkAttribute, LinkFlags, LinkInfo, LinkLayerType, LinkMessage,
};

/// Builds a message that adds a device with all its properties.
pub(super) fn new(link: &NewLink) -> LinkMessage {
    let mut message = LinkMessage::default();
    message.header.flags = LinkFlags::Up;
    message.header.change_mask = LinkFlags::Up;
    let info = match link.kind {
        NewLinkKind::Dummy => vec![LinkInfo::Kind(InfoKind::Dummy)],
        NewLinkKind::Tunnel(tunnel) => {
            let (kind, data) = tunnel::info(tunnel);
            vec![LinkInfo::Kind(kind), LinkInfo::Data(data)]
        }
    };
    message.attributes = vec![
        LinkAttribute::IfName(link.name.to_string()),
        LinkAttribute::Group(mark::PROTOCOL.into()),
        LinkAttribute::LinkInfo(info),
    ];
    message
}

/// Parses a device. Returns `None` if it has no name.
pub(super) fn parse(message: LinkMessage) -> Option<Link> {
    let flags = message.header.flags;
    let ethernet = message.header.link_layer_type == LinkLayerType::Ether;
    let (mut name, mut mac, mut kind) = (None, None, None);
    let (mut mtu, mut group) = (0, 0);
    for attribute in message.attributes {
        match attribute {
            LinkAttribute::IfName(text) => name = Some(DeviceName::from_kernel(text)),
            LinkAttribute::Address(bytes) if ethernet => {
                mac = bytes.try_into().ok().map(MacAddress);
            }
            LinkAttribute::Mtu(bytes) => mtu = bytes,
            LinkAttribute::Group(number) => group = number,
            LinkAttribute::LinkInfo(info) => kind = kind_of(&info),
            _ => {}
        }
    }
    Some(Link {
        index: message.header.index,
        name: name?,
        state: if flags.contains(LinkFlags::Up) {
            LinkState::Up
        } else {
            LinkState::Down
        },
        mac,
        resolution: if flags.intersects(LinkFlags::Noarp | LinkFlags::Loopback) {
            Resolution::None
        } else {
            Resolution::Arp
        },
        mtu,
        kind,
        group,
    })
}

fn kind_of(info: &[LinkInfo]) -> Option<LinkKind> {
    let kind = info.iter().find_map(|part| match part {
        LinkInfo::Kind(kind) => Some(kind),
        _ => None,
    })?;
    let data = info.iter().find_map(|part| match part {
        LinkInfo::Data(data) => Some(data),
        _ => None,
    });
    if let Some(tunnel) = tunnel::parse(kind, data) {
        return Some(LinkKind::Tunnel(tunnel));
    }
    Some(match kind.to_string() {
        name if name == "dummy" => LinkKind::Dummy,
        name => LinkKind::Other(name),
    })
}
