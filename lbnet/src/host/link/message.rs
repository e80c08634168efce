//! Conversion between devices and netlink messages.

mod tunnel;
use crate::{
    Carrier, DeviceName, Link, LinkKind, LinkState, LowerDevice, MacAddress, Master, MasterKind,
    NewLink, NewLinkKind, OperationalState, Resolution, model::mark,
};
use rtnetlink::packet_route::link::{
    InfoKind, InfoPortKind, LinkAttribute, LinkFlags, LinkInfo, LinkLayerType, LinkMessage, Prop,
    State,
};

/// Builds a message that adds a device with all its properties. `master` is the number of its VRF.
pub(super) fn new(link: &NewLink, master: Option<u32>) -> LinkMessage {
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
        .attributes
        .extend(master.map(LinkAttribute::Controller));
    message
}

/// Parses a device. Returns `None` if it has no name.
pub(super) fn parse(message: LinkMessage) -> Option<Link> {
    let flags = message.header.flags;
    let ethernet = message.header.link_layer_type == LinkLayerType::Ether;
    let (mut name, mut mac, mut info) = (None, None, Vec::new());
    let (mut lower, mut is_elsewhere, mut master) = (None, false, None);
    let (mut mtu, mut group) = (0, 0);
    let mut operational = OperationalState::Unknown;
    let mut alternative_names = Vec::new();
    for attribute in message.attributes {
        match attribute {
            LinkAttribute::IfName(text) => name = Some(DeviceName::from_kernel(text)),
            LinkAttribute::Address(bytes) if ethernet => {
                mac = bytes.try_into().ok().map(MacAddress);
            }
            LinkAttribute::Mtu(bytes) => mtu = bytes,
            LinkAttribute::Group(number) => group = number,
            LinkAttribute::OperState(state) => operational = operational_state(state),
            // Zero is the kernel's "none" of tunnels.
            LinkAttribute::Link(index) if index != 0 => lower = Some(index),
            LinkAttribute::LinkNetNsId(_) => is_elsewhere = true,
            LinkAttribute::Controller(index) => master = Some(index),
            LinkAttribute::PropList(list) => {
                alternative_names.extend(list.into_iter().filter_map(alternative_name));
            }
            LinkAttribute::LinkInfo(parts) => info = parts,
            _ => {}
        }
    }
    Some(Link {
        index: message.header.index,
        name: name?,
        alternative_names,
        carrier: if flags.contains(LinkFlags::LowerUp) {
            Carrier::Present
        } else {
            Carrier::Missing
        },
        operational,
        lower: lower.map(|index| {
            if is_elsewhere {
                LowerDevice::Elsewhere { index }
            } else {
                LowerDevice::Here { index }
            }
        }),
        master: master.map(|index| Master {
            index,
            kind: master_kind(&info),
        }),
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
        kind: kind_of(&info),
        group,
    })
}

fn alternative_name(property: Prop) -> Option<DeviceName> {
    match property {
        Prop::AltIfName(name) => Some(DeviceName::from_kernel(name)),
        _ => None,
    }
}

fn operational_state(state: State) -> OperationalState {
    match state {
        State::Unknown => OperationalState::Unknown,
        State::NotPresent => OperationalState::NotPresent,
        State::Down => OperationalState::Down,
        State::LowerLayerDown => OperationalState::LowerLayerDown,
        State::Testing => OperationalState::Testing,
        State::Dormant => OperationalState::Dormant,
        State::Up => OperationalState::Up,
        other => OperationalState::Other(other.into()),
    }
}

/// Returns the kind of the master. Some drivers, such as `hv_netvsc`, do not tell it.
fn master_kind(info: &[LinkInfo]) -> MasterKind {
    let kind = info.iter().find_map(|part| match part {
        LinkInfo::PortKind(kind) => Some(kind),
        _ => None,
    });
    match kind {
        Some(InfoPortKind::Bridge) => MasterKind::Bridge,
        Some(InfoPortKind::Bond) => MasterKind::Bond,
        Some(InfoPortKind::Team) => MasterKind::Team,
        Some(InfoPortKind::Vrf) => MasterKind::Vrf,
        Some(other) => MasterKind::Other(other.to_string()),
        None => MasterKind::Other("device".to_owned()),
    }
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
