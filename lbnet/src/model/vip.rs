//! The addresses that can serve as a VIP.

use std::net::IpAddr;

use crate::Invalid;

/// Refuses addresses that clients cannot connect to.
///
/// The kernel would accept some of them silently: it accepts 0.0.0.0 without adding it, and adds
/// multicast addresses, which are useless.
pub(crate) fn check(vip: IpAddr) -> Result<(), Invalid> {
    let reason = if vip.is_unspecified() {
        "it is the unspecified address"
    } else if vip.is_loopback() {
        "a loopback address never leaves the host"
    } else if vip.is_multicast() {
        "it is a multicast address"
    } else if vip == IpAddr::from([255, 255, 255, 255]) {
        "it is the broadcast address"
    } else if matches!(vip, IpAddr::V6(v6) if v6.is_unicast_link_local()) {
        "a link-local address is not the same on every link"
    } else {
        return Ok(());
    };
    Err(Invalid::Vip { vip, reason })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_clients_can_connect_to_are_taken() {
        for vip in [
            "10.10.10.100",
            "203.0.113.7",
            "169.254.10.1",
            "2001:db8::100",
            "fd00::1",
        ] {
            check(vip.parse().unwrap()).unwrap();
        }
    }

    #[test]
    fn addresses_that_nobody_can_connect_to_are_refused() {
        for vip in [
            "0.0.0.0",
            "::",
            "127.0.0.1",
            "::1",
            "224.0.0.1",
            "ff02::1",
            "255.255.255.255",
            "fe80::1",
        ] {
            let error = check(vip.parse().unwrap()).unwrap_err().to_string();
            assert!(
                error.starts_with(&format!("{vip} cannot be a VIP: ")),
                "{error}"
            );
        }
    }
}
