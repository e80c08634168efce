//! The sorts of things that are found.

use std::fmt;

use serde::{Serialize, Serializer};

/// An enumeration of findings with the names that they have in JSON.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $kind:ident = $name:literal,)*) => {
        /// What sort of thing was found. Its name, which is what JSON has, does not change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum FindingKind {
            $($(#[doc = $doc])* $kind,)*
        }

        impl FindingKind {
            /// Every one that this crate knows.
            pub const KNOWN: &'static [Self] = &[$(Self::$kind),*];

            /// Its name.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }
        }
    };
}

kinds! {
    /// The kernel has no IPVS.
    IpVsMissing = "ip_vs_missing",
    /// There are no services.
    NothingBalanced = "nothing_balanced",
    /// A service has no scheduler, and takes no connections.
    SchedulerMissing = "scheduler_missing",
    /// A service has no destination that may be given connections.
    ServiceWithoutServers = "service_without_servers",
    /// A VIP is not an address of the host.
    VipMissing = "vip_missing",
    /// A VIP is on a device that is switched off.
    VipDeviceDown = "vip_device_down",
    /// A VIP is on another device than the one it belongs on.
    VipOnWrongDevice = "vip_on_wrong_device",
    /// A VIP has another prefix than it should.
    VipWithWrongPrefix = "vip_with_wrong_prefix",
    /// Nobody in the VIP's network is told where it is.
    VipNotAnswered = "vip_not_answered",
    /// Connections of the director itself may start from an IPv6 VIP.
    VipPreferredAsSource = "vip_preferred_as_source",
    /// Replies of masqueraded servers are not passed on.
    ForwardingOff = "forwarding_off",
    /// Answers through a director that is the real servers' gateway come from its own address.
    AcceptLocalOff = "accept_local_off",
    /// Connections were to be in the firewall's table too, and are not.
    ConnectionsUntracked = "connections_untracked",
    /// Replies of a masqueraded server do not come by the director.
    RepliesDoNotComeBack = "replies_do_not_come_back",
    /// Redirects are sent, which lead others past the director.
    RedirectsSent = "redirects_sent",
    /// A masqueraded server believes who tells it of shorter ways, which lead past the director.
    RedirectsAccepted = "redirects_accepted",
    /// There is no way to a real server.
    ServerUnreachable = "server_unreachable",
    /// A real server for direct routing is not on the director's own network.
    ServerBehindGateway = "server_behind_gateway",
    /// A real server does not answer ARP or neighbour discovery.
    ServerSilent = "server_silent",
    /// Packets of clients do not fit through a tunnel.
    TunnelMtu = "tunnel_mtu",
    /// Connections of clients who use a port again wait for a second.
    ConnectionReuseDelayed = "connection_reuse_delayed",
    /// Clients who use a port again get their old server, whether it still serves or not.
    ConnectionReuseOff = "connection_reuse_off",
    /// UDP clients stay with a server that was deleted.
    DeletedServerKeepsClients = "deleted_server_keeps_clients",
    /// Persistent clients stay with a server that takes no new connections.
    DrainedServerKeepsClients = "drained_server_keeps_clients",
    /// Idle connections are forgotten before anybody asks whether they live.
    IdleConnectionsForgotten = "idle_connections_forgotten",
    /// A sync daemon speaks on a device that is not there.
    SyncDeviceMissing = "sync_device_missing",
    /// A sync daemon speaks on a device that is switched off.
    SyncDeviceDown = "sync_device_down",
    /// The two sync daemons have different ids.
    SyncIdsDiffer = "sync_ids_differ",
    /// The device on the clients' side is not there.
    DeviceMissing = "device_missing",
    /// A real server answers ARP for its VIP.
    ArpAnswered = "arp_answered",
    /// A real server answers ARP for its VIP, as what should prevent that is set on `lo`.
    ArpSettingsOnLoOnly = "arp_settings_on_lo_only",
    /// A real server names its VIP when it asks for others by ARP.
    ArpAnnouncesVip = "arp_announces_vip",
    /// There is no route to the VIP in the main table.
    HostRouteMissing = "host_route_missing",
    /// No device takes packets out of a tunnel.
    TunnelMissing = "tunnel_missing",
    /// The device that takes packets out of a tunnel is switched off.
    TunnelDown = "tunnel_down",
    /// A tunnel device is there, and does not take packets such as come.
    TunnelOfWrongMode = "tunnel_of_wrong_mode",
    /// Packets that come out of a tunnel are dropped for where they came from.
    RpFilterDrops = "rp_filter_drops",
    /// Nobody takes GUE packets on their port.
    GueListenerMissing = "gue_listener_missing",
    /// Nothing listens on the port of a service.
    PortClosed = "port_closed",
    /// Nothing listens on the VIP at all.
    NothingListens = "nothing_listens",
    /// A masqueraded server answers past the director.
    GatewayIsNotTheDirector = "gateway_is_not_the_director",
    /// NetworkManager looks after the device of a VIP.
    NetworkManagerManages = "networkmanager_manages",
    /// systemd-networkd looks after the device of a VIP.
    NetworkdManages = "networkd_manages",
    /// firewalld filters what comes in.
    FirewalldFilters = "firewalld_filters",
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl Serialize for FindingKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_have_the_same_name() {
        let names: HashSet<_> = FindingKind::KNOWN.iter().map(|kind| kind.name()).collect();
        assert_eq!(names.len(), FindingKind::KNOWN.len());
    }
}
