//! Checks for the privilege before anything is changed.

use std::{fs, io};

use crate::{Error, error::UserNamespace};

/// `CAP_NET_ADMIN`, as a bit of a capability set.
const NET_ADMIN: u64 = 1 << 12;

/// Refuses to start work that the kernel would refuse half-way.
///
/// A process that has the capability may still be refused, because the namespace may belong to
/// another user namespace. The kernel then refuses later, and the changes are rolled back.
pub(crate) fn require_net_admin(action: String) -> Result<(), Error> {
    let status = fs::read_to_string("/proc/thread-self/status").unwrap_or_default();
    match effective(&status) {
        Some(set) if set & NET_ADMIN == 0 => Err(Error::PermissionDenied {
            action,
            needs: UserNamespace::of_this_process().net_admin(),
            source: io::ErrorKind::PermissionDenied.into(),
        }),
        _ => Ok(()),
    }
}

fn effective(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("CapEff:"))?;
    u64::from_str_radix(line.trim_ascii(), 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_effective_set_is_found_in_the_status_of_a_thread() {
        let status = "Name:\tx\nCapPrm:\t000001ffffffffff\nCapEff:\t0000000000001000\n";
        assert_eq!(effective(status), Some(NET_ADMIN));
        assert_eq!(effective("Name:\tx\n"), None);
        assert_eq!(effective("CapEff:\tnonsense\n"), None);
    }
}
