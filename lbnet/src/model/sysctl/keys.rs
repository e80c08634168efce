//! The names of settings, each of which is a file.

/// An enumeration of settings with the names that the kernel gives them.
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
            /// Every key that this crate knows.
            pub const KNOWN: &'static [Self] = &[$(Self::$key),*];

            /// The kernel's name of it, which is its file's.
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
    /// What can be set for IPv4 on a device.
    pub enum Ipv4Conf {
        /// Take packets whose source is one of our own addresses.
        AcceptLocal = "accept_local",
        /// Believe routers that tell of shorter ways.
        AcceptRedirects = "accept_redirects",
        /// Learn neighbours from gratuitous ARP.
        ArpAccept = "arp_accept",
        /// Which of our addresses ARP requests carry as sender; 2 is the best of the device itself.
        ArpAnnounce = "arp_announce",
        /// Answer ARP only on the device that the asker would be answered by.
        ArpFilter = "arp_filter",
        /// For which of our addresses ARP is answered; 1 is those of the device itself.
        ArpIgnore = "arp_ignore",
        /// Announce addresses when the device comes up or changes its MAC address.
        ArpNotify = "arp_notify",
        /// Pass packets on.
        Forwarding = "forwarding",
        /// Keep the later addresses of a network when the first is deleted.
        PromoteSecondaries = "promote_secondaries",
        /// Answer ARP for others.
        ProxyArp = "proxy_arp",
        /// Route 127.0.0.0/8.
        RouteLocalnet = "route_localnet",
        /// Drop packets that came by another way than answers would go.
        RpFilter = "rp_filter",
        /// Tell senders about shorter ways.
        SendRedirects = "send_redirects",
    }
}

keys! {
    /// What can be set for IPv6 on a device. `all` is no part of what holds on a device, but for
    /// `forwarding`, which must be on there for anything to be passed on, and sets all devices.
    pub enum Ipv6Conf {
        /// Detect that somebody else has an address.
        AcceptDad = "accept_dad",
        /// Configure by what routers say; 2 also while passing packets on.
        AcceptRa = "accept_ra",
        /// Believe routers that tell of shorter ways, which lead past a director.
        AcceptRedirects = "accept_redirects",
        /// No IPv6 at all.
        DisableIpv6 = "disable_ipv6",
        /// Pass packets on, and be a router.
        Forwarding = "forwarding",
        /// Announce addresses when the device comes up or changes its MAC address.
        NdiscNotify = "ndisc_notify",
        /// Answer neighbour solicitations for others.
        ProxyNdp = "proxy_ndp",
    }
}

keys! {
    /// What can be set for IPv4 as a whole.
    pub enum Ipv4Setting {
        /// Pass packets on: the same as `forwarding` of `all`. Writing it sets all devices.
        IpForward = "ip_forward",
        /// How many seconds an idle TCP connection is left alone before it is asked whether it
        /// lives.
        TcpKeepaliveTime = "tcp_keepalive_time",
    }
}

keys! {
    /// How IPVS behaves in a namespace, as far as it has to fit the network around it; the rest is
    /// for a library that knows IPVS. There while `ip_vs` is loaded.
    pub enum VsSetting {
        /// Direct nothing while a backup sync daemon runs: two directors that are real servers too
        /// would pass packets to and fro.
        BackupOnly = "backup_only",
        /// What to do when a client's port comes back: 0 the old destination, 1 another when it is
        /// safe, 2 also after the client's FIN.
        ConnReuseMode = "conn_reuse_mode",
        /// Keep connections in the firewall's table too.
        Conntrack = "conntrack",
        /// Forget a connection at its next packet once its destination is gone.
        ExpireNodestConn = "expire_nodest_conn",
        /// Send persistent clients elsewhere once their destination has weight 0.
        ExpireQuiescentTemplate = "expire_quiescent_template",
        /// Tell senders when a packet does not fit through the tunnel; 0 fragments it.
        PmtuDisc = "pmtu_disc",
    }
}
