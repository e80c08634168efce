//! The kinds of findings.

use std::fmt;

use serde::{Serialize, Serializer};

/// An enumeration of findings with the names that they have in JSON.
macro_rules! kinds {
    ($($(#[doc = $doc:literal])* $kind:ident = $name:literal,)*) => {
        /// What kind of thing was found. Its name, which JSON has, does not change.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum FindingKind {
            $($(#[doc = $doc])* $kind,)*
        }

        impl FindingKind {
            /// Every kind that this version knows.
            pub const KNOWN: &'static [Self] = &[$(Self::$kind),*];

            /// Its name: `vip_missing`.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name,)*
                }
            }
        }
    };
}

kinds! {
    /// The kernel has no IPVS: its module is not loaded.
    IpVsMissing = "ip_vs_missing",
    /// IPVS has no services.
    NothingBalanced = "nothing_balanced",
    /// The kernel has a service that gets no traffic, such as one at 0.0.0.0.
    ServiceNeverServed = "service_never_served",
    /// A service has a persistence engine that it does not use.
    EngineUnused = "engine_unused",
    /// A service has no scheduler, so it accepts no connections.
    SchedulerMissing = "scheduler_missing",
    /// A service has no destination of weight 1 or more.
    ServiceWithoutServers = "service_without_servers",
    /// No destination of a service takes new clients, and some of them because they are full.
    ServiceFull = "service_full",
    /// A hashing scheduler assigns clients to a destination that takes none.
    ShareRefused = "share_refused",
    /// A VIP is not an address of the host.
    VipMissing = "vip_missing",
    /// Another host answers for a VIP of this director.
    VipTaken = "vip_taken",
    /// A VIP is on a device that is down.
    VipDeviceDown = "vip_device_down",
    /// A VIP is on another device than it should be.
    VipOnWrongDevice = "vip_on_wrong_device",
    /// A VIP has another prefix than it should have.
    VipWithWrongPrefix = "vip_with_wrong_prefix",
    /// An address looks like the VIP of a real server, but nothing says that it is one.
    PossibleVip = "possible_vip",
    /// No device of the host answers ARP or neighbour discovery for the VIP.
    VipNotAnswered = "vip_not_answered",
    /// The host uses a VIP as the source of what it sends, or may do so.
    VipPreferredAsSource = "vip_preferred_as_source",
    /// A VIP depends on an address that was leased.
    VipWithLease = "vip_with_lease",
    /// The host does not forward the replies of masqueraded real servers.
    ForwardingOff = "forwarding_off",
    /// The director is the gateway of its real servers, but drops their replies because they come from its
    /// own address.
    AcceptLocalOff = "accept_local_off",
    /// Connections are not tracked by netfilter, although that was asked for.
    ConnectionsUntracked = "connections_untracked",
    /// No reply of a masqueraded real server passed the director.
    RepliesDoNotComeBack = "replies_do_not_come_back",
    /// Masqueraded real servers are in the network of the clients, and answer them directly.
    ServersInClientsNetwork = "servers_in_clients_network",
    /// FTP is masqueraded without the kernel module that translates its messages.
    FtpHelperMissing = "ftp_helper_missing",
    /// Real servers of a service with one-packet scheduling are masqueraded.
    OnePacketMasqueraded = "one_packet_masqueraded",
    /// Flows of a service with one-packet scheduling are older than that setting.
    FlowsBeforeOnePacket = "flows_before_one_packet",
    /// The host sends ICMP redirects, which make masqueraded real servers answer past the director.
    RedirectsSent = "redirects_sent",
    /// A masqueraded real server accepts ICMP redirects, which make it bypass the director.
    RedirectsAccepted = "redirects_accepted",
    /// The director has no route to a real server.
    ServerUnreachable = "server_unreachable",
    /// A real server with direct routing is behind a router.
    ServerBehindGateway = "server_behind_gateway",
    /// A real server does not answer ARP or neighbour discovery.
    ServerSilent = "server_silent",
    /// A real server answers none of the connections that it was given.
    ServerUnanswered = "server_unanswered",
    /// Clients' packets do not fit through a tunnel.
    TunnelMtu = "tunnel_mtu",
    /// Connections of clients that reuse a port start one second late.
    ConnectionReuseDelayed = "connection_reuse_delayed",
    /// Clients that reuse a port stay with their real server, even if its weight is 0.
    ConnectionReuseOff = "connection_reuse_off",
    /// UDP clients stay with a destination that was deleted.
    DeletedServerKeepsClients = "deleted_server_keeps_clients",
    /// Persistent clients stay with a destination of weight 0.
    DrainedServerKeepsClients = "drained_server_keeps_clients",
    /// Clients that reuse a port return to a destination of weight 0.
    DrainedServerKeepsPorts = "drained_server_keeps_ports",
    /// IPVS drops idle TCP connections before the first keepalive, and somebody changed one of the two.
    IdleConnectionsForgotten = "idle_connections_forgotten",
    /// The device of a sync daemon does not exist.
    SyncDeviceMissing = "sync_device_missing",
    /// The device of a sync daemon is down.
    SyncDeviceDown = "sync_device_down",
    /// The two sync daemons have different ids.
    SyncIdsDiffer = "sync_ids_differ",
    /// Two directors are real servers of each other, and balance packets twice.
    DirectorsServeEachOther = "directors_serve_each_other",
    /// A director does not balance, because `backup_only` is on and a backup sync daemon runs.
    BackupOnlyStopsBalancing = "backup_only_stops_balancing",
    /// A device on the clients' or the real servers' side receives nothing.
    NoCarrier = "no_carrier",
    /// The device on the clients' side does not exist.
    DeviceMissing = "device_missing",
    /// A real server answers ARP for its VIP.
    ArpAnswered = "arp_answered",
    /// A real server answers ARP for its VIP, because `arp_ignore` is set only on `lo`.
    ArpSettingsOnLoOnly = "arp_settings_on_lo_only",
    /// A second device of a real server answers ARP for its VIP.
    ArpAnsweredOnSecondDevice = "arp_answered_on_second_device",
    /// A real server uses its VIP as the source of its ARP requests.
    ArpAnnouncesVip = "arp_announces_vip",
    /// The main table has no route to the VIP.
    HostRouteMissing = "host_route_missing",
    /// No device decapsulates the packets of a tunnel.
    TunnelMissing = "tunnel_missing",
    /// The device that decapsulates the packets of a tunnel is down.
    TunnelDown = "tunnel_down",
    /// A tunnel device exists, but does not accept the packets that arrive.
    TunnelOfWrongMode = "tunnel_of_wrong_mode",
    /// `rp_filter` drops packets for the route that their replies take.
    RpFilterDrops = "rp_filter_drops",
    /// Replies from a VIP leave by another device than those from the host's own address.
    RepliesLeaveElsewhere = "replies_leave_elsewhere",
    /// The host has a VIP, but does not accept packets for it where they arrive.
    VipNotReceived = "vip_not_received",
    /// The host has no listener on the port of a GUE tunnel.
    GueListenerMissing = "gue_listener_missing",
    /// No program listens on the port of a service.
    PortClosed = "port_closed",
    /// No program listens on the VIP at all.
    NothingListens = "nothing_listens",
    /// The replies of a masqueraded real server bypass the director.
    GatewayIsNotTheDirector = "gateway_is_not_the_director",
    /// NetworkManager manages the device of a VIP.
    NetworkManagerManages = "networkmanager_manages",
    /// systemd-networkd manages the device of a VIP.
    NetworkdManages = "networkd_manages",
    /// firewalld filters incoming packets.
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
