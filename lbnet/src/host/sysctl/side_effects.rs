//! Settings that the kernel changes when another one is written.

use std::{fs, io};

use crate::{ConfTarget, DeviceName, Error, Host, Ipv4Conf, Ipv4Setting, Ipv6Conf, Sysctl};

impl Host {
    /// Returns the settings that the kernel changes when `key` is written.
    ///
    /// # Kernel
    /// `inet_forward_change` and `addrconf_fixup_forwarding`.
    pub(crate) fn set_along_with(&self, key: &Sysctl) -> Result<Vec<Sysctl>, Error> {
        match key {
            Sysctl::Ipv4(Ipv4Setting::IpForward) => {
                let targets = self.targets("/proc/sys/net/ipv4/conf")?.into_iter();
                let forwarding =
                    targets.map(|target| Sysctl::ipv4_conf(target, Ipv4Conf::Forwarding));
                let redirects = Sysctl::ipv4_conf(ConfTarget::All, Ipv4Conf::AcceptRedirects);
                Ok(forwarding.chain([redirects]).collect())
            }
            Sysctl::Ipv6Conf {
                target: ConfTarget::All,
                key: Ipv6Conf::Forwarding,
            } => {
                let targets = self.targets("/proc/sys/net/ipv6/conf")?.into_iter();
                let forwarding =
                    targets.map(|target| Sysctl::ipv6_conf(target, Ipv6Conf::Forwarding));
                Ok(forwarding.collect())
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Returns `default` and all devices that have settings of an IP family.
    fn targets(&self, directory: &str) -> Result<Vec<ConfTarget>, Error> {
        let names = self.netns().run(|| -> io::Result<Vec<_>> {
            fs::read_dir(directory)?
                .map(|entry| Ok(entry?.file_name()))
                .collect()
        })?;
        let names = names.map_err(|source| Error::Kernel {
            action: format!("reading {directory}"),
            source,
        })?;
        let devices = names.into_iter().filter_map(|name| {
            // `all` and `default` are not device names.
            let name = name.into_string().ok()?;
            name.parse::<DeviceName>().ok().map(ConfTarget::Device)
        });
        Ok(devices.chain([ConfTarget::Default]).collect())
    }
}

/// Returns the value that the kernel gives one of these settings when forwarding is written for all
/// devices.
pub(crate) fn implied(key: &Sysctl, forwarding: i64) -> i64 {
    match key {
        // A router does not accept redirects.
        Sysctl::Ipv4Conf {
            key: Ipv4Conf::AcceptRedirects,
            ..
        } => i64::from(forwarding == 0),
        _ => forwarding,
    }
}
