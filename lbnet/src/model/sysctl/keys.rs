//! The names of the settings. Each setting is a file.

/// Defines an enumeration of settings with the names that the kernel gives them.
macro_rules! keys {
    (
        $(#[$attribute:meta])*
        pub enum $type:ident {
            $($(#[doc = $doc:literal])* $key:ident = $name:literal,)*
        }
    ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $type {
            $($(#[doc = $doc])* $key,)*
        }

        impl $type {
            /// All settings that this crate knows.
            pub const KNOWN: &'static [Self] = &[$(Self::$key),*];

            /// Returns the kernel's name of the setting, which is also the name of its file.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$key => $name,)*
                }
            }

            pub(super) fn find(name: &str) -> Option<Self> {
                Self::KNOWN.iter().copied().find(|key| key.name() == name)
            }
        }
    };
}

keys! {
    /// An IPv4 setting of a device.
    pub enum Ipv4Conf {
        /// Accept packets whose source is an address of this host.
        AcceptLocal = "accept_local",
        /// Accept redirects from routers.
        AcceptRedirects = "accept_redirects",
        /// Learn new neighbours from gratuitous ARP.
        ArpAccept = "arp_accept",
        /// The address of this host that ARP requests have as source. With 2, it is the best
        /// address of the outgoing device.
        ArpAnnounce = "arp_announce",
        /// Answer an ARP request only on the device by which this host would reply to the sender.
        ArpFilter = "arp_filter",
        /// The addresses for which this host answers ARP. With 1, these are the addresses of the
        /// receiving device.
        ArpIgnore = "arp_ignore",
        /// Announce addresses when the device comes up or changes its MAC address.
        ArpNotify = "arp_notify",
        /// Forward packets.
        Forwarding = "forwarding",
        /// Keep the secondary addresses of a network when the primary one is deleted.
        PromoteSecondaries = "promote_secondaries",
        /// Answer ARP on behalf of other hosts (proxy ARP).
        ProxyArp = "proxy_arp",
        /// Allow 127.0.0.0/8 to be routed.
        RouteLocalnet = "route_localnet",
        /// Reverse-path filter: drop packets that arrive by another device than replies would take.
        RpFilter = "rp_filter",
        /// Send redirects to senders that could use a shorter path.
        SendRedirects = "send_redirects",
    }
}

keys! {
    /// An IPv6 setting of a device. The value in `all` does not affect devices, with one exception:
    /// `forwarding` must be on in `all` for any packet to be forwarded, and writing it there sets
    /// all devices.
    pub enum Ipv6Conf {
        /// Perform duplicate address detection.
        AcceptDad = "accept_dad",
        /// Accept router advertisements; 2 accepts them even if forwarding is on.
        AcceptRa = "accept_ra",
        /// Accept redirects from routers. They can lead packets past a director.
        AcceptRedirects = "accept_redirects",
        /// Disable IPv6.
        DisableIpv6 = "disable_ipv6",
        /// Forward packets, and act as a router.
        Forwarding = "forwarding",
        /// Announce addresses when the device comes up or changes its MAC address.
        NdiscNotify = "ndisc_notify",
        /// Answer neighbour solicitations on behalf of other hosts.
        ProxyNdp = "proxy_ndp",
    }
}

keys! {
    /// A setting of IPv4 as a whole.
    pub enum Ipv4Setting {
        /// Forward packets. This is the same as `forwarding` in `all`; writing it sets all devices.
        IpForward = "ip_forward",
        /// The time in seconds that a TCP connection may be idle before the kernel sends a
        /// keepalive probe.
        TcpKeepaliveTime = "tcp_keepalive_time",
    }
}

keys! {
    /// An IPVS setting of a namespace that matters for the network around IPVS. The crate `ipvs`
    /// has the others. The settings exist while `ip_vs` is loaded.
    pub enum VsSetting {
        /// Disable the director function while a backup sync daemon runs. This prevents two
        /// directors that are also real servers from sending packets back and forth.
        BackupOnly = "backup_only",
        /// What to do when a client reuses a port: 0 keeps the old destination, 1 schedules again
        /// if that is safe, 2 also after the client's FIN.
        ConnReuseMode = "conn_reuse_mode",
        /// Track IPVS connections in the firewall too.
        Conntrack = "conntrack",
        /// Expire a connection at its next packet once its destination was removed.
        ExpireNodestConn = "expire_nodest_conn",
        /// Send persistent clients to another destination once theirs has weight 0.
        ExpireQuiescentTemplate = "expire_quiescent_template",
        /// Report to senders that a packet does not fit through the tunnel; 0 fragments it instead.
        PmtuDisc = "pmtu_disc",
    }
}
