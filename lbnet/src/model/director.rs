//! The options of a director.

mod placement;
use crate::{Announcement, DeviceName, Invalid, IpPrefix, model::vip};
pub use placement::Placement;
use serde::{Deserialize, Serialize};

/// The set-up of a director: its VIP, and the settings by which clients and real servers use it as
/// intended.
///
/// [`Director::up`] first asks the network whether another host has the VIP, unless this host has
/// it already. If another host has it, `up` changes nothing ([`Director::claim`] adds it all the
/// same). `up` then makes these changes in this order, as far as they are requested:
///
/// 1. IPVS connections are also tracked by the firewall ([`Director::track_connections`]).
/// 2. Forwarding is switched on ([`Director::masquerade`], [`Director::gateway_on`]), so that
///    replies of masqueraded servers can pass through the director. For IPv6, devices that accept
///    router advertisements (`accept_ra = 1`) get `accept_ra = 2`. Otherwise, the kernel ignores
///    router advertisements once forwarding is on.
/// 3. `send_redirects` is switched off, both in `all` and on the device, because the kernel
///    combines the two with OR. Other devices of this host in the same network segment get the same
///    setting, because replies may leave by them. A redirect would make masqueraded real servers answer past the
///    director. IPv4 only.
/// 4. The VIP is added to this host, on the device or elsewhere ([`Placement`]), with its label if
///    it has one. An IPv6 VIP is added as deprecated. As a preferred address it could become the
///    source of the director's own connections, such as health checks and tunnels; real servers
///    would drop these packets, because the VIP is their own address too. Use `/128` for an IPv6
///    VIP. An IPv4 VIP keeps its prefix length only if the device has a permanent address of the
///    host in that network. Otherwise the VIP would be the source of all that the host sends to that
///    network, so it is added as a single host (`/32`), and the report says so.
/// 5. The VIP is announced, so that neighbours that used another host for it switch to this one.
///
/// # Examples
/// ```no_run
/// # async fn example(host: lbnet::Host) -> Result<(), lbnet::Error> {
/// let director =
///     lbnet::Director::new("192.0.2.100/24".parse()?, "eth0".parse()?).label("eth0:0");
/// for step in director.up(&host).await?.steps() {
///     println!("{step}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
#[expect(
    clippy::struct_excessive_bools,
    reason = "private: each is a method of its own, and a key of the journal"
)]
pub struct Director {
    #[serde(rename = "address")]
    pub(crate) vip: IpPrefix,
    pub(crate) device: DeviceName,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) label: Option<String>,
    #[serde(default = "announced_by_default")]
    pub(crate) announcement: Option<Announcement>,
    #[serde(default)]
    pub(crate) placement: Placement,
    #[serde(default)]
    pub(crate) masquerade: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) gateway: Option<DeviceName>,
    #[serde(default)]
    pub(crate) conntrack: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) reschedule: bool,
    /// It is about one call of `up`, so neither the file nor the journal has it.
    #[serde(skip)]
    pub(crate) claim: bool,
}

#[expect(clippy::unnecessary_wraps, reason = "the default of an optional field")]
fn announced_by_default() -> Option<Announcement> {
    Some(Announcement::default())
}

impl Director {
    /// Creates a director for a VIP on a device, which is announced with the defaults of
    /// [`Announcement`].
    pub fn new(vip: IpPrefix, device: DeviceName) -> Self {
        Self {
            vip,
            device,
            label: None,
            announcement: Some(Announcement::default()),
            placement: Placement::default(),
            masquerade: false,
            gateway: None,
            conntrack: false,
            reschedule: false,
            claim: false,
        }
    }

    /// Sets where the VIP is added, if not to the device.
    pub fn placement(self, placement: Placement) -> Self {
        Self { placement, ..self }
    }

    /// Switches forwarding on. Masqueraded real servers need it, because their replies pass through
    /// the director.
    ///
    /// If clients and real servers are behind the same device, the real servers must not learn the
    /// direct path to the clients. For IPv4, the director therefore sends no redirects
    /// (`send_redirects`). For IPv6, the kernel has no such setting, so the real servers must
    /// ignore redirects: set `net.ipv6.conf.DEVICE.accept_redirects = 0` there.
    pub fn masquerade(self) -> Self {
        Self {
            masquerade: true,
            ..self
        }
    }

    /// Switches forwarding on for real servers that use direct routing and have the director,
    /// reached by `device`, as their gateway.
    ///
    /// Their replies have the VIP, an address of the director itself, as source. They also arrive
    /// on a device by which the director does not send packets to the VIP. The kernel drops such
    /// packets unless `accept_local` is on for that device and `rp_filter` is not strict.
    pub fn gateway_on(self, device: DeviceName) -> Self {
        Self {
            gateway: Some(device),
            ..self
        }
    }

    /// Tracks IPVS connections in the firewall too (`net.ipv4.vs.conntrack`), for firewall rules
    /// that match on connection state.
    pub fn track_connections(self) -> Self {
        Self {
            conntrack: true,
            ..self
        }
    }

    /// Sends clients of drained, failed and deleted real servers to other real servers at once. Sets
    /// `net.ipv4.vs.conn_reuse_mode = 3`, `expire_nodest_conn = 1` and
    /// `expire_quiescent_template = 1`.
    ///
    /// By default, the kernel sends a client that reuses a port to the real server of its last
    /// connection, as long as it remembers this connection, even if the server has weight 0. It drops
    /// the client's packets if the server was deleted. Persistent clients stay with a real server of
    /// weight 0 until their persistence expires.
    pub fn reschedule_clients(self) -> Self {
        Self {
            reschedule: true,
            ..self
        }
    }

    /// Sets the label of the VIP that older tools show, such as `eth0:0`. IPv4 only.
    pub fn label(self, label: impl Into<String>) -> Self {
        Self {
            label: Some(label.into()),
            ..self
        }
    }

    /// Sets how often to announce the VIP.
    pub fn announce(self, announcement: Announcement) -> Self {
        Self {
            announcement: Some(announcement),
            ..self
        }
    }

    /// Adds the VIP even if another host has it, and does not wait to find out. Use this to fail
    /// over: the announcement then moves the clients to this host.
    ///
    /// Two hosts that have the same VIP both answer for it. Make sure that the other host is down or
    /// gives the VIP up.
    ///
    /// This is about one call of [`Director::up`]. It is not recorded.
    pub fn claim(self) -> Self {
        Self {
            claim: true,
            ..self
        }
    }

    /// Does not announce the VIP, and does not ask whether another host has it. Use this if another
    /// program decides which host has the VIP and announces it, such as a VRRP or BGP daemon.
    pub fn unannounced(self) -> Self {
        Self {
            announcement: None,
            ..self
        }
    }

    /// Returns the VIP with its prefix length.
    pub fn vip(&self) -> IpPrefix {
        self.vip
    }

    /// Returns the device on the clients' side.
    pub fn device(&self) -> &DeviceName {
        &self.device
    }

    /// Returns the label of the VIP ([`Director::label`]).
    pub fn vip_label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// Returns how often the VIP is announced, or `None` if it is not announced.
    pub fn announcement(&self) -> Option<Announcement> {
        self.announcement
    }

    /// Returns whether replies of masqueraded servers pass through the director
    /// ([`Director::masquerade`]).
    pub fn masquerades(&self) -> bool {
        self.masquerade
    }

    /// Returns where the VIP is added.
    pub fn vip_placement(&self) -> &Placement {
        &self.placement
    }

    /// Returns the device on which real servers use this director as their gateway
    /// ([`Director::gateway_on`]).
    pub fn gateway(&self) -> Option<&DeviceName> {
        self.gateway.as_ref()
    }

    /// Returns whether the director forwards packets: it masquerades or is a gateway.
    pub fn forwards_packets(&self) -> bool {
        self.masquerade || self.gateway.is_some()
    }

    /// Returns whether the VIP is added even if another host has it ([`Director::claim`]).
    pub fn claims(&self) -> bool {
        self.claim
    }

    /// Returns whether IPVS connections are tracked in the firewall too
    /// ([`Director::track_connections`]).
    pub fn tracks_connections(&self) -> bool {
        self.conntrack
    }

    /// Returns whether clients of drained, failed and deleted real servers get others at once
    /// ([`Director::reschedule_clients`]).
    pub fn reschedules_clients(&self) -> bool {
        self.reschedule
    }

    /// Refuses options that would not work on any host.
    pub(crate) fn check_vip(&self) -> Result<(), Invalid> {
        let vip = self.vip.address();
        vip::check(vip)?;
        let invalid = |reason| Err(Invalid::Vip { vip, reason });
        if self.vip.is_reserved_in_network() {
            return invalid("it is the network address or the broadcast address of its network");
        }
        let alone = self.vip == IpPrefix::host(vip);
        if !alone && (self.device == DeviceName::loopback() || self.placement != Placement::Device)
        {
            // A prefix on lo makes every address of that network local to this host.
            return invalid(
                "outside the clients' device, the prefix would make its whole network local to this host: leave the prefix length out",
            );
        }
        match &self.label {
            Some(label) if self.placement != Placement::Device => Err(Invalid::Label {
                label: label.clone(),
                device: self.device.to_string(),
                reason: "the VIP will not be on this device",
            }),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn eth0() -> DeviceName {
        "eth0".parse().unwrap()
    }

    #[test]
    fn it_is_written_as_the_configuration_file_has_it() {
        let text = r#"{"address":"10.10.10.100/24","device":"eth0","label":"eth0:0"}"#;
        let director: Director = serde_json::from_str(text).unwrap();
        let vip = "10.10.10.100/24".parse().unwrap();
        assert_eq!(director, Director::new(vip, eth0()).label("eth0:0"));
        let whole = director
            .unannounced()
            .masquerade()
            .placement(Placement::Dummy("ipvs0".parse().unwrap()))
            .gateway_on("eth1".parse().unwrap());
        let written = serde_json::to_string(&whole).unwrap();
        assert_eq!(serde_json::from_str::<Director>(&written).unwrap(), whole);
    }

    #[test]
    fn unknown_keys_are_refused() {
        for key in ["place", "forward", "unannounced", "maskerade"] {
            let text = format!(r#"{{"address":"10.10.10.100/24","device":"eth0","{key}":true}}"#);
            let error = serde_json::from_str::<Director>(&text)
                .unwrap_err()
                .to_string();
            assert!(error.contains(&format!("unknown field `{key}`")), "{error}");
        }
    }

    #[test]
    fn a_network_belongs_to_the_clients_device_alone() {
        let vip = "10.10.10.100/24".parse().unwrap();
        for placement in [
            Placement::Loopback,
            Placement::Route,
            Placement::Dummy("ipvs0".parse().unwrap()),
        ] {
            let director = Director::new(vip, eth0()).placement(placement);
            let error = director.check_vip().unwrap_err();
            assert!(matches!(error, Invalid::Vip { .. }), "{error}");
        }
        let alone = Director::new("10.10.10.100".parse().unwrap(), eth0()).label("eth0:0");
        let error = alone.placement(Placement::Route).check_vip().unwrap_err();
        assert!(matches!(error, Invalid::Label { .. }), "{error}");
    }
}
