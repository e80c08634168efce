//! Kernel settings under `/proc/sys/net`, with typed keys.

mod effective;
mod keys;

use std::{
    fmt,
    path::{Path, PathBuf},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

pub use effective::Combination;
pub(crate) use effective::{
    ARP_ANNOUNCE_ENOUGH, ARP_IGNORE_ENOUGH, ARP_IGNORE_HIDDEN, ARP_IGNORE_HIDDEN_ELSEWHERE,
};
pub use keys::{Ipv4Conf, Ipv4Setting, Ipv6Conf, VsSetting};

use crate::{DeviceName, Invalid};

/// A kernel setting, such as `net.ipv4.conf.eth0.arp_ignore`.
///
/// The text form is that of the `sysctl` program. It writes a dot in a device name as a slash, so
/// VLAN 100 on `eth0` gives `net.ipv4.conf.eth0/100.arp_ignore`.
///
/// # Examples
/// ```
/// use lbnet::{ConfTarget, Ipv4Conf, Sysctl};
///
/// let key = Sysctl::ipv4_conf(ConfTarget::All, Ipv4Conf::ArpIgnore);
/// assert_eq!(key.to_string(), "net.ipv4.conf.all.arp_ignore");
/// assert_eq!(key.to_string().parse::<Sysctl>()?, key);
/// # Ok::<(), lbnet::Invalid>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Sysctl {
    /// `net.ipv4.conf.*`: IPv4 settings of a device.
    Ipv4Conf {
        /// The device, or `all` or `default`.
        target: ConfTarget,
        /// The setting.
        key: Ipv4Conf,
    },
    /// `net.ipv6.conf.*`: IPv6 settings of a device.
    Ipv6Conf {
        /// The device, or `all` or `default`.
        target: ConfTarget,
        /// The setting.
        key: Ipv6Conf,
    },
    /// `net.ipv4.*`: settings of IPv4 as a whole.
    Ipv4(Ipv4Setting),
    /// `net.ipv4.vs.*`: settings of IPVS.
    Vs(VsSetting),
}

/// The device or devices that a setting applies to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ConfTarget {
    /// `all`. For IPv4, the kernel combines it with the value of each device by the rule of
    /// [`Ipv4Conf::combination`].
    All,
    /// `default`: the values that later devices start with.
    Default,
    /// One device.
    Device(DeviceName),
}

impl Sysctl {
    /// Returns the key `net.ipv4.conf.<target>.<key>`.
    pub fn ipv4_conf(target: ConfTarget, key: Ipv4Conf) -> Self {
        Self::Ipv4Conf { target, key }
    }

    /// Returns the key `net.ipv6.conf.<target>.<key>`.
    pub fn ipv6_conf(target: ConfTarget, key: Ipv6Conf) -> Self {
        Self::Ipv6Conf { target, key }
    }

    /// Returns the path of the setting's file.
    pub(crate) fn path(&self) -> PathBuf {
        let net = Path::new("/proc/sys/net");
        match self {
            Self::Ipv4Conf { target, key } => {
                let device = net.join("ipv4/conf").join(target.name());
                device.join(key.name())
            }
            Self::Ipv6Conf { target, key } => {
                let device = net.join("ipv6/conf").join(target.name());
                device.join(key.name())
            }
            Self::Ipv4(key) => net.join("ipv4").join(key.name()),
            Self::Vs(key) => net.join("ipv4/vs").join(key.name()),
        }
    }
}

impl ConfTarget {
    /// Returns the name of the target's directory.
    fn name(&self) -> &str {
        match self {
            Self::All => "all",
            Self::Default => "default",
            Self::Device(device) => device.as_str(),
        }
    }

    /// Returns the name as part of a key, where a dot is a separator.
    fn written(&self) -> String {
        self.name().replace('.', "/")
    }
}

impl fmt::Display for Sysctl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipv4Conf { target, key } => {
                write!(f, "net.ipv4.conf.{}.{}", target.written(), key.name())
            }
            Self::Ipv6Conf { target, key } => {
                write!(f, "net.ipv6.conf.{}.{}", target.written(), key.name())
            }
            Self::Ipv4(key) => write!(f, "net.ipv4.{}", key.name()),
            Self::Vs(key) => write!(f, "net.ipv4.vs.{}", key.name()),
        }
    }
}

impl FromStr for Sysctl {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let known = if let Some(conf) = text.strip_prefix("net.ipv4.conf.") {
            of_device(conf)
                .and_then(|(target, name)| Some(Self::ipv4_conf(target, Ipv4Conf::find(name)?)))
        } else if let Some(conf) = text.strip_prefix("net.ipv6.conf.") {
            of_device(conf)
                .and_then(|(target, name)| Some(Self::ipv6_conf(target, Ipv6Conf::find(name)?)))
        } else if let Some(name) = text.strip_prefix("net.ipv4.vs.") {
            VsSetting::find(name).map(Self::Vs)
        } else {
            let name = text.strip_prefix("net.ipv4.");
            name.and_then(Ipv4Setting::find).map(Self::Ipv4)
        };
        known.ok_or_else(|| Invalid::Sysctl {
            text: text.to_owned(),
        })
    }
}

/// Splits `eth0/100.arp_ignore` into the target and the name of the setting.
fn of_device(conf: &str) -> Option<(ConfTarget, &str)> {
    let (target, name) = conf.rsplit_once('.')?;
    let target = match target {
        "all" => ConfTarget::All,
        "default" => ConfTarget::Default,
        device => ConfTarget::Device(device.replace('/', ".").parse().ok()?),
    };
    Some((target, name))
}

impl TryFrom<String> for Sysctl {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
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
        for &key in Ipv4Conf::KNOWN {
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
    fn keys_without_a_device_are_written_as_sysctl_does_and_read_back() {
        let ipv6 = Ipv6Conf::KNOWN
            .iter()
            .map(|&key| Sysctl::ipv6_conf(ConfTarget::All, key));
        let ipv4 = Ipv4Setting::KNOWN.iter().map(|&key| Sysctl::Ipv4(key));
        let vs = VsSetting::KNOWN.iter().map(|&key| Sysctl::Vs(key));
        for sysctl in ipv6.chain(ipv4).chain(vs) {
            assert_eq!(sysctl.to_string().parse::<Sysctl>().unwrap(), sysctl);
        }
        assert_eq!(
            Sysctl::Vs(VsSetting::Conntrack).to_string(),
            "net.ipv4.vs.conntrack"
        );
        assert_eq!(
            Sysctl::Ipv4(Ipv4Setting::IpForward).path(),
            Path::new("/proc/sys/net/ipv4/ip_forward")
        );
    }

    #[test]
    fn every_known_key_is_a_file_of_this_kernel() {
        for &key in Ipv4Conf::KNOWN {
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
            "net.ipv4.no_such_key",
            "net.ipv4.vs.no_such_key",
            "net.ipv6.conf.eth0.arp_ignore",
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
