//! Whether IPVS keeps idle connections until their first keepalive, once somebody has chosen how long.

use std::time::Duration;

use ipvs::{Change, Protocol, Timeouts};

use crate::{
    Ipv4Setting, Sysctl,
    node::doctor::{
        balancing::{self, Balancing},
        finding::{Finding, FindingKind},
        remedy::Remedy,
        view::HostView,
    },
};

/// How much longer than the keepalive interval the timeout should be, so that a reply is in time.
const SPARE: Duration = Duration::from_secs(60);

/// The kernel's own values. They do not fit, but they say nothing about this host: all hosts have them.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(900);
const DEFAULT_KEEPALIVE: Duration = Duration::from_secs(7200);

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Option<Finding> {
    let mut services = balancing.services();
    services.find(|service| balancing::protocol(service.id) == Some(Protocol::Tcp))?;
    let timeout = balancing.timeouts.tcp?;
    let key = Sysctl::Ipv4(Ipv4Setting::TcpKeepaliveTime);
    let seconds = u64::try_from(view.settings.get(&key)?).ok()?;
    let keepalive = Duration::from_secs(seconds);
    let is_chosen = (timeout, keepalive) != (DEFAULT_TIMEOUT, DEFAULT_KEEPALIVE);
    if !is_chosen || timeout > keepalive {
        return None;
    }
    // This host stands for clients and servers: all have the same default.
    let finding = Finding::note(
        FindingKind::IdleConnectionsForgotten,
        format!(
            "IPVS drops idle TCP connections after {} s, before the first keepalive after {seconds} s",
            timeout.as_secs()
        ),
        "A client that was idle for longer gets \"connection reset\" when it sends again.",
    );
    let change = Change::SetTimeouts {
        from: Timeouts::default().tcp(timeout),
        to: Timeouts::default().tcp(keepalive + SPARE),
    };
    Some(finding.fix(Remedy::Change(change)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::testing::{balancing, direct};

    fn of_tcp(seconds: u64) -> Timeouts {
        Timeouts::default().tcp(Duration::from_secs(seconds))
    }

    fn check(timeout: u64, keepalive: i64) -> Option<Finding> {
        let mut view = HostView::default();
        view.settings
            .plant("net.ipv4.tcp_keepalive_time", keepalive);
        let mut balancing = balancing(direct("10.10.10.12"));
        balancing.timeouts = of_tcp(timeout);
        super::check(&view, &balancing)
    }

    #[test]
    fn values_that_nobody_chose_are_not_noted() {
        assert_eq!(check(900, 7200), None);
    }

    #[test]
    fn a_chosen_timeout_should_be_longer_than_the_keepalive_interval() {
        for (timeout, keepalive, fits) in [(1800, 7200, 7260), (900, 1200, 1260), (900, 900, 960)] {
            let change = Change::SetTimeouts {
                from: of_tcp(timeout),
                to: of_tcp(fits),
            };
            let finding = check(timeout, keepalive).unwrap();
            assert_eq!(finding.remedies, [Remedy::Change(change)]);
        }
        for (timeout, keepalive) in [(7260, 7200), (900, 600)] {
            assert_eq!(check(timeout, keepalive), None);
        }
    }
}
