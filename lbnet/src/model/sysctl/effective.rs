//! What the kernel makes of a setting that stands both in `all` and with the device.

use super::Ipv4Conf;

/// How the kernel combines the value in `all` with the device's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Combination {
    /// The larger of the two holds: it can be switched on in either place, and `all` is a floor.
    Max,
    /// On if either is on: to switch it off, both have to be 0.
    Or,
    /// Only the device's own holds.
    DeviceOnly,
}

/// Values of `arp_ignore` that keep an address of `lo` quiet on another device: answer for
/// addresses of the device only (1), also only to its network (2), or for none (8). With 3 it would
/// depend on the address's scope; 4 to 7 are reserved and answer for all.
pub(crate) const ARP_IGNORE_ENOUGH: &[i64] = &[1, 2, 8];

/// Only 2 never uses an address of another device as sender; larger values count as 0.
pub(crate) const ARP_ANNOUNCE_ENOUGH: &[i64] = &[2];

impl Ipv4Conf {
    /// The rule for this key.
    ///
    /// # Kernel
    /// The macros `IN_DEV_MAXCONF`, `IN_DEV_ORCONF` and `IN_DEV_CONF_GET` of
    /// `include/linux/inetdevice.h`.
    pub fn combination(self) -> Combination {
        match self {
            Self::ArpAccept
            | Self::ArpAnnounce
            | Self::ArpIgnore
            | Self::ArpNotify
            | Self::RpFilter => Combination::Max,
            // On a host, that is: a router wants both.
            Self::AcceptLocal
            | Self::AcceptRedirects
            | Self::ArpFilter
            | Self::PromoteSecondaries
            | Self::ProxyArp
            | Self::RouteLocalnet
            | Self::SendRedirects => Combination::Or,
            Self::Forwarding => Combination::DeviceOnly,
        }
    }

    /// The value that holds on a device, given what stands in `all` and with the device.
    ///
    /// # Examples
    /// ```
    /// use lbnet::Ipv4Conf;
    ///
    /// assert_eq!(Ipv4Conf::ArpIgnore.effective(1, 0), 1);
    /// assert_eq!(Ipv4Conf::SendRedirects.effective(0, 1), 1);
    /// ```
    pub fn effective(self, all: i64, device: i64) -> i64 {
        match self.combination() {
            Combination::Max => all.max(device),
            Combination::Or => i64::from(all != 0 || device != 0),
            Combination::DeviceOnly => device,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_larger_value_of_arp_settings_holds() {
        for key in [
            Ipv4Conf::ArpIgnore,
            Ipv4Conf::ArpAnnounce,
            Ipv4Conf::RpFilter,
        ] {
            assert_eq!(key.effective(0, 2), 2);
            assert_eq!(key.effective(2, 0), 2);
            assert_eq!(key.effective(2, 1), 2);
        }
    }

    #[test]
    fn redirects_are_off_only_if_both_are() {
        assert_eq!(Ipv4Conf::SendRedirects.effective(0, 1), 1);
        assert_eq!(Ipv4Conf::SendRedirects.effective(1, 0), 1);
        assert_eq!(Ipv4Conf::SendRedirects.effective(0, 0), 0);
    }

    #[test]
    fn forwarding_is_the_device_s_own_affair() {
        assert_eq!(Ipv4Conf::Forwarding.effective(1, 0), 0);
    }
}
