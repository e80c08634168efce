//! The kernel's settings under `/proc/sys/net`, by typed keys.

mod effective;
mod file;

use std::{fmt, path::PathBuf, str::FromStr};

use serde::{Deserialize, Serialize};

pub use effective::Combination;

use crate::{DeviceName, Error};

/// One setting of the kernel, such as `net.ipv4.conf.eth0.arp_ignore`.
///
/// Shown and parsed as the `sysctl` program writes it: a dot in a device's name is a slash there,
/// so VLAN 100 on `eth0` gives `net.ipv4.conf.eth0/100.arp_ignore`.
///
/// # Examples
/// ```
/// use lbnet::{ConfTarget, Ipv4Conf, Sysctl};
///
/// let key = Sysctl::ipv4_conf(ConfTarget::All, Ipv4Conf::ArpIgnore);
/// assert_eq!(key.to_string(), "net.ipv4.conf.all.arp_ignore");
/// assert_eq!(key.to_string().parse::<Sysctl>()?, key);
/// # Ok::<(), lbnet::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Sysctl {
    /// `net.ipv4.conf.*`: how IPv4 behaves on a device.
    Ipv4Conf {
        /// On which.
        target: ConfTarget,
        /// What of it.
        key: Ipv4Conf,
    },
}

/// Whose settings they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ConfTarget {
    /// `all`: combined with each device's own, by the rule of [`Ipv4Conf::combination`].
    All,
    /// `default`: copied by devices that come later.
    Default,
    /// One device.
    Device(DeviceName),
}

/// What can be set for IPv4 on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ipv4Conf {
    /// Take packets whose source is one of our own addresses.
    AcceptLocal,
    /// Learn neighbours from gratuitous ARP.
    ArpAccept,
    /// Which of our addresses ARP requests carry as sender; 2 is the best of the device itself.
    ArpAnnounce,
    /// For which of our addresses ARP is answered; 1 is those of the device itself.
    ArpIgnore,
    /// Announce addresses when the device comes up or changes its MAC address.
    ArpNotify,
    /// Pass packets on.
    Forwarding,
    /// Keep the later addresses of a network when the first is deleted.
    PromoteSecondaries,
    /// Answer ARP for others.
    ProxyArp,
    /// Route 127.0.0.0/8.
    RouteLocalnet,
    /// Drop packets that came by another way than answers would go.
    RpFilter,
    /// Tell senders about shorter ways.
    SendRedirects,
}

impl Sysctl {
    /// The key of `net.ipv4.conf.<target>.<key>`.
    pub fn ipv4_conf(target: ConfTarget, key: Ipv4Conf) -> Self {
        Self::Ipv4Conf { target, key }
    }

    /// Its file.
    pub(crate) fn path(&self) -> PathBuf {
        match self {
            Self::Ipv4Conf { target, key } => {
                ["/proc/sys/net/ipv4/conf", target.name(), key.name()]
                    .iter()
                    .collect()
            }
        }
    }
}

impl ConfTarget {
    /// Its directory's name.
    fn name(&self) -> &str {
        match self {
            Self::All => "all",
            Self::Default => "default",
            Self::Device(device) => device.as_str(),
        }
    }
}

impl Ipv4Conf {
    /// Every key that this crate knows.
    pub const KNOWN: [Self; 11] = [
        Self::AcceptLocal,
        Self::ArpAccept,
        Self::ArpAnnounce,
        Self::ArpIgnore,
        Self::ArpNotify,
        Self::Forwarding,
        Self::PromoteSecondaries,
        Self::ProxyArp,
        Self::RouteLocalnet,
        Self::RpFilter,
        Self::SendRedirects,
    ];

    /// The kernel's name of it, which is its file's.
    pub fn name(self) -> &'static str {
        match self {
            Self::AcceptLocal => "accept_local",
            Self::ArpAccept => "arp_accept",
            Self::ArpAnnounce => "arp_announce",
            Self::ArpIgnore => "arp_ignore",
            Self::ArpNotify => "arp_notify",
            Self::Forwarding => "forwarding",
            Self::PromoteSecondaries => "promote_secondaries",
            Self::ProxyArp => "proxy_arp",
            Self::RouteLocalnet => "route_localnet",
            Self::RpFilter => "rp_filter",
            Self::SendRedirects => "send_redirects",
        }
    }
}

impl fmt::Display for Sysctl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipv4Conf { target, key } => {
                write!(
                    f,
                    "net.ipv4.conf.{}.{}",
                    target.name().replace('.', "/"),
                    key.name()
                )
            }
        }
    }
}

impl FromStr for Sysctl {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let unknown = || Error::UnknownSysctl {
            text: text.to_owned(),
        };
        let conf = text.strip_prefix("net.ipv4.conf.").ok_or_else(unknown)?;
        let (target, name) = conf.rsplit_once('.').ok_or_else(unknown)?;
        let target = match target {
            "all" => ConfTarget::All,
            "default" => ConfTarget::Default,
            device => ConfTarget::Device(device.replace('/', ".").parse().map_err(|_| unknown())?),
        };
        let key = Ipv4Conf::KNOWN
            .into_iter()
            .find(|key| key.name() == name)
            .ok_or_else(unknown)?;
        Ok(Self::Ipv4Conf { target, key })
    }
}

impl TryFrom<String> for Sysctl {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Sysctl> for String {
    fn from(key: Sysctl) -> Self {
        key.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on(device: &str, key: Ipv4Conf) -> Sysctl {
        Sysctl::ipv4_conf(ConfTarget::Device(device.parse().unwrap()), key)
    }

    #[test]
    fn every_key_is_written_as_sysctl_does_and_read_back() {
        for key in Ipv4Conf::KNOWN {
            for target in [ConfTarget::All, ConfTarget::Default] {
                let sysctl = Sysctl::ipv4_conf(target, key);
                assert_eq!(sysctl.to_string().parse::<Sysctl>().unwrap(), sysctl);
            }
            assert_eq!(
                on("eth0", key).to_string(),
                format!("net.ipv4.conf.eth0.{}", key.name())
            );
        }
    }

    #[test]
    fn every_known_key_is_a_file_of_this_kernel() {
        for key in Ipv4Conf::KNOWN {
            let path = Sysctl::ipv4_conf(ConfTarget::All, key).path();
            assert!(path.exists(), "{}", path.display());
        }
    }

    #[test]
    fn a_dot_in_a_device_name_stays_a_dot_in_the_path_only() {
        let vlan = on("eth0.100", Ipv4Conf::ArpIgnore);
        assert_eq!(
            vlan.path().to_str(),
            Some("/proc/sys/net/ipv4/conf/eth0.100/arp_ignore")
        );
        assert_eq!(vlan.to_string(), "net.ipv4.conf.eth0/100.arp_ignore");
        assert_eq!(vlan.to_string().parse::<Sysctl>().unwrap(), vlan);
    }

    #[test]
    fn unknown_keys_are_refused_by_name() {
        for text in [
            "net.ipv4.ip_forward",
            "net.ipv4.conf.arp_ignore",
            "net.ipv4.conf.eth0.no_such_key",
            "net.ipv4.conf.//.arp_ignore",
            "kernel.hostname",
        ] {
            let error = text.parse::<Sysctl>().unwrap_err().to_string();
            assert!(error.contains(text), "{error}");
        }
    }
}
