//! The settings that checks ask for.

use std::{collections::HashMap, fs};

use crate::{
    ConfTarget, DeviceName, Error, Host, Ipv4Conf, Ipv4Setting, Ipv6Conf, Link, Sysctl, VsSetting,
};

/// What is asked of each device.
const OF_DEVICES: [Ipv4Conf; 7] = [
    Ipv4Conf::AcceptLocal,
    Ipv4Conf::ArpAnnounce,
    Ipv4Conf::ArpIgnore,
    Ipv4Conf::Forwarding,
    Ipv4Conf::PromoteSecondaries,
    Ipv4Conf::RpFilter,
    Ipv4Conf::SendRedirects,
];

/// Settings by their keys; one that the kernel does not have, or this namespace, is not among them.
#[derive(Debug, Default)]
pub(in crate::node::doctor) struct Settings(HashMap<Sysctl, i64>);

/// A setting in both places where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::node::doctor) struct Both {
    pub(in crate::node::doctor) all: i64,
    pub(in crate::node::doctor) device: i64,
    pub(in crate::node::doctor) effective: i64,
}

impl Settings {
    pub(super) fn read(host: &Host, links: &[Link]) -> Result<Self, Error> {
        let mut keys = vec![
            Sysctl::ipv6_conf(ConfTarget::All, Ipv6Conf::Forwarding),
            Sysctl::Ipv4(Ipv4Setting::IpForward),
            Sysctl::Ipv4(Ipv4Setting::TcpKeepaliveTime),
        ];
        keys.extend(VsSetting::KNOWN.iter().copied().map(Sysctl::Vs));
        let devices = links.iter().map(|link| link.name.clone());
        let targets = devices
            .map(ConfTarget::Device)
            .chain([ConfTarget::All, ConfTarget::Default]);
        for target in targets {
            let of_target = |key| Sysctl::ipv4_conf(target.clone(), key);
            keys.extend(OF_DEVICES.map(of_target));
            keys.push(Sysctl::ipv6_conf(target.clone(), Ipv6Conf::AcceptRedirects));
            keys.push(Sysctl::ipv6_conf(target.clone(), Ipv6Conf::AcceptRa));
        }
        // All at once: each time a namespace is entered takes a thread.
        let read = host.netns().run(|| {
            let read = |key: Sysctl| {
                let text = fs::read_to_string(key.path()).ok()?;
                Some((key, text.trim_ascii().parse().ok()?))
            };
            keys.into_iter().filter_map(read).collect()
        })?;
        Ok(Self(read))
    }

    pub(in crate::node::doctor) fn get(&self, key: &Sysctl) -> Option<i64> {
        self.0.get(key).copied()
    }

    pub(in crate::node::doctor) fn vs(&self, key: VsSetting) -> Option<i64> {
        self.get(&Sysctl::Vs(key))
    }

    /// The settings that have to be written before this host forwards IPv6 packets: otherwise it would
    /// ignore router advertisements from then on, and lose the routes that it has by them.
    pub(in crate::node::doctor) fn kept_by_advertisements(&self, links: &[Link]) -> Vec<Sysctl> {
        let devices = links
            .iter()
            .map(|link| ConfTarget::Device(link.name.clone()));
        let keys = devices.map(|device| Sysctl::ipv6_conf(device, Ipv6Conf::AcceptRa));
        keys.filter(|key| self.get(key) == Some(1)).collect()
    }

    /// What holds on a device, and why.
    pub(in crate::node::doctor) fn on(&self, device: &DeviceName, key: Ipv4Conf) -> Option<Both> {
        let all = self.get(&Sysctl::ipv4_conf(ConfTarget::All, key))?;
        let own = ConfTarget::Device(device.clone());
        let device = self.get(&Sysctl::ipv4_conf(own, key))?;
        Some(Both {
            all,
            device,
            effective: key.effective(all, device),
        })
    }

    #[cfg(test)]
    pub(in crate::node::doctor) fn plant(&mut self, key: &str, value: i64) {
        self.0.insert(key.parse().unwrap(), value);
    }
}
