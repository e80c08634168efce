//! The effective value of a setting that exists both in `all` and for the device.

use super::Ipv4Conf;

/// How the kernel combines the value in `all` with that of the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Combination {
    /// The larger value is effective. A setting can be switched on in either place, and `all` is a
    /// lower limit.
    Max,
    /// The setting is on if either value is on. To switch it off, both must be 0.
    Or,
    /// Only the value of the device is effective.
    DeviceOnly,
}

/// Values of `arp_ignore` with which the kernel does not answer for an address of `lo` on another
/// device. It answers only for addresses of the device (1), in addition only to the network of the
/// address (2), or for no address (8). With 3, the result depends on the scope of the address. The
/// values 4 to 7 are reserved, and the kernel answers for all addresses.
pub(crate) const ARP_IGNORE_ENOUGH: &[i64] = &[1, 2, 8];

/// Values of `arp_ignore` with which the kernel does not answer for an address of host scope,
/// whichever device has it.
pub(crate) const ARP_IGNORE_HIDDEN: &[i64] = &[3, 8];

/// Values of `arp_ignore` with which the kernel does not answer for an address of host scope on another
/// device.
pub(crate) const ARP_IGNORE_HIDDEN_ELSEWHERE: &[i64] = &[1, 2, 3, 8];

/// Values of `arp_announce` with which ARP requests never have an address of another device as
/// source. Only 2 does this; larger values count as 0.
pub(crate) const ARP_ANNOUNCE_ENOUGH: &[i64] = &[2];

impl Ipv4Conf {
    /// Returns the rule for this setting.
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
            // This is the rule for hosts. On a router, both must be on.
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

    /// Returns the effective value for a device, given the value in `all` and that of the device.
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
