//! What a director is asked for.

mod placement;
use crate::{Announcement, DeviceName, Invalid, IpPrefix, model::vip};
pub use placement::Placement;
use serde::{Deserialize, Serialize};

/// A director's VIP: the address on the clients' side, and silence about shorter ways.
///
/// In this order, as far as it is asked for:
///
/// 1. Connections are kept in the firewall's table too ([`Director::track_connections`]).
/// 2. Packets are passed on ([`Director::masquerade`], [`Director::gateway_on`]): answers of
///    masqueraded servers come back through the director. IPv6 devices that configure themselves
///    by what routers say (`accept_ra = 1`) go on doing so, which they would not otherwise.
/// 3. `send_redirects` is switched off, in `all` and on the device. The kernel combines both with
///    OR, and a director that sends clients a redirect sends them past IPVS. IPv4 only.
/// 4. The VIP becomes an address of this host, on the device or elsewhere ([`Placement`]), under
///    its label if it has one. For IPv6 it is deprecated: as a preferred address it could become
///    the source of the director's own connections, such as health checks and tunnels, which real
///    servers drop because the VIP is their own address too. Use `/128`.
/// 5. The VIP is announced, so that neighbours who knew another host by it send here now.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[must_use]
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
}

#[expect(clippy::unnecessary_wraps, reason = "the default of an optional field")]
fn announced_by_default() -> Option<Announcement> {
    Some(Announcement::default())
}

impl Director {
    /// A director for a VIP on a device, which is announced as often as by default.
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
        }
    }

    /// Sets where the VIP is, if it is not on the device.
    pub fn placement(self, placement: Placement) -> Self {
        Self { placement, ..self }
    }

    /// Has packets passed on, as servers that are masqueraded need it: their answers come back
    /// through the director.
    ///
    /// Where clients and servers are behind the same device, servers must not be told of shorter
    /// ways. For IPv4 the director says nothing (`send_redirects`); for IPv6 the kernel has no such
    /// setting, and the servers must not listen: `net.ipv6.conf.DEVICE.accept_redirects = 0` there.
    pub fn masquerade(self) -> Self {
        Self {
            masquerade: true,
            ..self
        }
    }

    /// Has packets passed on for real servers with direct routing that use the director as their
    /// gateway on a device.
    ///
    /// Their answers come from the VIP, an address of the director itself, and by a device that
    /// packets to the VIP would not leave by: unless `accept_local` is on there, and `rp_filter`
    /// not strict, they are dropped.
    pub fn gateway_on(self, device: DeviceName) -> Self {
        Self {
            gateway: Some(device),
            ..self
        }
    }

    /// Has connections kept in the firewall's table too (`net.ipv4.vs.conntrack`), for rules that
    /// go by it.
    pub fn track_connections(self) -> Self {
        Self {
            conntrack: true,
            ..self
        }
    }

    /// Sets the name under which old tools list the VIP, such as `eth0:0`. IPv4 only.
    pub fn label(self, label: impl Into<String>) -> Self {
        Self {
            label: Some(label.into()),
            ..self
        }
    }

    /// Sets how often the VIP is announced.
    pub fn announce(self, announcement: Announcement) -> Self {
        Self {
            announcement: Some(announcement),
            ..self
        }
    }

    /// Has the VIP not announced at all: for somebody else to do, such as a VRRP daemon.
    pub fn unannounced(self) -> Self {
        Self {
            announcement: None,
            ..self
        }
    }

    /// The VIP, with its prefix.
    pub fn vip(&self) -> IpPrefix {
        self.vip
    }

    /// The device on the clients' side.
    pub fn device(&self) -> &DeviceName {
        &self.device
    }

    /// The label of the VIP ([`Director::label`]).
    pub fn label_of_vip(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// How often the VIP is announced; none if it is not announced at all.
    pub fn announcement(&self) -> Option<Announcement> {
        self.announcement
    }

    /// Whether answers of masqueraded servers pass through the director ([`Director::masquerade`]).
    pub fn masquerades(&self) -> bool {
        self.masquerade
    }

    /// Where the VIP is.
    pub fn place(&self) -> &Placement {
        &self.placement
    }

    /// The device on which real servers use this director as their gateway
    /// ([`Director::gateway_on`]).
    pub fn gateway(&self) -> Option<&DeviceName> {
        self.gateway.as_ref()
    }

    /// Whether the director forwards packets of others: it masquerades, or is a gateway.
    pub fn passes_on(&self) -> bool {
        self.masquerade || self.gateway.is_some()
    }

    /// Whether connections are kept in the firewall's table too
    /// ([`Director::track_connections`]).
    pub fn tracks_connections(&self) -> bool {
        self.conntrack
    }

    /// Refuses what would not work, whatever the host.
    pub(crate) fn check_vip(&self) -> Result<(), Invalid> {
        let vip = self.vip.address();
        vip::check(vip)?;
        let invalid = |reason| Err(Invalid::Vip { vip, reason });
        if self.vip.is_reserved_in_network() {
            return invalid("in its network it means the network or everybody in it");
        }
        let alone = self.vip == IpPrefix::host(vip);
        if !alone && (self.device == DeviceName::loopback() || self.placement != Placement::Device)
        {
            // The kernel takes a prefix on lo for addresses of this host, every one of them.
            return invalid(
                "not on the clients' device its whole network would be here: leave the prefix out",
            );
        }
        match &self.label {
            Some(label) if self.placement != Placement::Device => Err(Invalid::Label {
                label: label.clone(),
                device: self.device.to_string(),
                reason: "the address is not going to be on it",
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
