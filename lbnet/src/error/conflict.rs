//! Conflicts between a set-up and the state of the host.

use std::{fmt, net::IpAddr};

use crate::{Address, DeviceName, Holder, HostRoute, MasterKind, NewLink, OuterFamily, Sysctl};

/// Something else occupies the place of the set-up, or that place is ambiguous. Nothing was
/// changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Conflict {
    /// A different device with the same name exists.
    #[error(
        "cannot add {wanted}: the device of this name is {found}; take down the set-up that uses it, or delete it"
    )]
    LinkDiffers {
        /// The requested device.
        wanted: Box<NewLink>,
        /// The existing device.
        found: String,
    },
    /// Another device already is the requested tunnel.
    #[error(
        "cannot add {wanted}: {found} is this tunnel already; delete it: ip link delete {found}"
    )]
    TunnelExists {
        /// The requested device.
        wanted: Box<NewLink>,
        /// The existing device.
        found: DeviceName,
    },
    /// The device has no address that can be the tunnel endpoint.
    #[error(
        "{device} has no {family} address for the tunnel endpoint: name the address by which the director knows this host"
    )]
    NoTunnelAddress {
        /// The device.
        device: DeviceName,
        /// The family of the VIP.
        family: OuterFamily,
    },
    /// The device has several addresses that can be the tunnel endpoint.
    #[error(
        "{device} has several addresses for the tunnel endpoint ({}): name the one by which the director knows this host",
        list(addresses)
    )]
    SeveralTunnelAddresses {
        /// The device.
        device: DeviceName,
        /// Its addresses.
        addresses: Vec<IpAddr>,
    },
    /// The tunnel endpoint is not an address of this host.
    #[error("{address} cannot be the tunnel endpoint: it is not an address of this host")]
    NotLocalAddress {
        /// The address.
        address: IpAddr,
    },
    /// The VIP would not be on the clients' device, and the host answers ARP there only for
    /// addresses of that device.
    #[error(
        "this host would not answer ARP for {vip}: it would not be on {device}, and {key} = {value} answers only for addresses of that device"
    )]
    VipNotAnswered {
        /// The VIP.
        vip: IpAddr,
        /// The device on the clients' side.
        device: DeviceName,
        /// The setting that prevents replies.
        key: Sysctl,
        /// The effective value.
        value: i64,
    },
    /// Other hosts have VIPs of the set-ups, or are about to take them.
    #[error(
        "{}: take it down there first, or take it over with --claim",
        sentence(holders)
    )]
    VipInUse {
        /// The other hosts, by VIP.
        holders: Vec<Holder>,
    },
    /// The VIP is on this host already, but not in the requested place.
    #[error("cannot add {wanted}: {found} exists already; delete it first")]
    AddressElsewhere {
        /// The requested address.
        wanted: Box<Address>,
        /// The existing address.
        found: Box<Address>,
    },
    /// The device is a port of a bridge or a bond, which receives the packets in its place.
    #[error(
        "{device} cannot receive packets for {vip}: it is a port of the {kind} {master}, which receives its packets; use {master}"
    )]
    PortOfMaster {
        /// The VIP.
        vip: IpAddr,
        /// The port.
        device: DeviceName,
        /// The bridge or bond.
        master: DeviceName,
        /// The kind of the master.
        kind: MasterKind,
    },
    /// The device receives only packets for its own addresses, and the VIP would not be one of them.
    #[error(
        "{device} does not receive packets for {vip} on another device: as an {kind}, it receives only packets for its own addresses; {instead}"
    )]
    NotDelivered {
        /// The VIP.
        vip: IpAddr,
        /// The device on the clients' side.
        device: DeviceName,
        /// The kind of the device, as the kernel names it.
        kind: String,
        /// What works on this device.
        instead: Delivery,
    },
    /// The device belongs to a VRF whose table is looked up before that of local addresses, and that
    /// table would not have the VIP.
    #[error(
        "{device} does not receive packets for {vip} on another device: the kernel looks at the table of its VRF {vrf} before it looks for local addresses; {instead}"
    )]
    VrfComesFirst {
        /// The VIP.
        vip: IpAddr,
        /// The device on the clients' side.
        device: DeviceName,
        /// The VRF.
        vrf: DeviceName,
        /// What works on this device.
        instead: Delivery,
    },
    /// The device receives only packets for its own addresses, so it cannot be that of a gateway.
    #[error(
        "{device} cannot be the device of a gateway: as an {kind}, it receives only packets for its own addresses, not what real servers send to clients"
    )]
    ReceivesOnlyOwn {
        /// The device.
        device: DeviceName,
        /// The kind of the device, as the kernel names it.
        kind: String,
    },
    /// The IPv6 VIP of a real server would be on a device that does neighbour discovery.
    #[error(
        "{vip} cannot be on {device}: this host would answer neighbour discovery for it, and clients would bypass the director; {instead}"
    )]
    VipDiscovered {
        /// The VIP.
        vip: IpAddr,
        /// The device on the clients' side.
        device: DeviceName,
        /// What works on this device.
        instead: Delivery,
    },
    /// The VIP of a real server is on its device already, and the host answers ARP for it whatever the
    /// settings, because it does not have host scope.
    #[error(
        "this host answers ARP for {found}, because the address does not have host scope; delete it first"
    )]
    VipWithoutHostScope {
        /// The existing address.
        found: Box<Address>,
    },
    /// The outer packets of a tunnel would be IPv6 in a VRF, where the kernel does not find the address
    /// at which the tunnel ends (`ip6_tnl_rcv_ctl` asks for an address outside of VRFs).
    #[error(
        "{device} cannot receive packets through a tunnel over IPv6: it belongs to the VRF {vrf}, where the kernel does not look for the end of the tunnel; use direct routing or a tunnel over IPv4"
    )]
    TunnelInVrf {
        /// The device on the clients' side.
        device: DeviceName,
        /// The VRF.
        vrf: DeviceName,
    },
    /// Another route to the VIP exists.
    #[error("cannot add {wanted}: {found} exists already; delete it first")]
    RouteElsewhere {
        /// The requested route.
        wanted: HostRoute,
        /// The existing route.
        found: HostRoute,
    },
    /// The value in `all` prevents any value of the device from having the required effect.
    #[error("{key} = {value} overrides the value that {device} needs: set it to {instead}")]
    SysctlBlocks {
        /// The setting in `all`.
        key: Sysctl,
        /// Its value.
        value: i64,
        /// The device that needs another value.
        device: DeviceName,
        /// A sufficient value.
        instead: i64,
    },
}

/// A way in which packets for a VIP reach a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Delivery {
    /// With the VIP on `lo`.
    Loopback,
    /// With the VIP on the device.
    Device,
    /// Through a tunnel.
    Tunnel,
    /// With the rule for local IPv6 addresses before that for VRFs.
    LocalRuleFirst,
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Loopback => "add the VIP to lo: --place lo",
            Self::Device => "add the VIP to the device: --place device",
            Self::Tunnel => "use a tunnel, such as --forward ipip",
            Self::LocalRuleFirst => {
                "add a rule for local addresses before it: ip -6 rule add pref 0 lookup local"
            }
        })
    }
}

fn sentence(holders: &[Holder]) -> String {
    let holders: Vec<_> = holders.iter().map(Holder::to_string).collect();
    holders.join("; ")
}

fn list(addresses: &[IpAddr]) -> String {
    let addresses: Vec<_> = addresses.iter().map(IpAddr::to_string).collect();
    addresses.join(", ")
}
