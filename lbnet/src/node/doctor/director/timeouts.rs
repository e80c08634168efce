//! Whether IPVS keeps idle connections until their first keepalive.

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

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Option<Finding> {
    let mut services = balancing.services();
    services.find(|service| balancing::protocol(service.id) == Some(Protocol::Tcp))?;
    let timeout = balancing.timeouts.tcp?;
    let key = Sysctl::Ipv4(Ipv4Setting::TcpKeepaliveTime);
    let seconds = u64::try_from(view.settings.get(&key)?).ok()?;
    let keepalive = Duration::from_secs(seconds);
    if timeout > keepalive {
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

    #[test]
    fn the_tcp_timeout_should_be_longer_than_the_keepalive_interval() {
        let mut view = HostView::default();
        view.settings.plant("net.ipv4.tcp_keepalive_time", 7200);
        let of_tcp = |seconds| Timeouts::default().tcp(Duration::from_secs(seconds));
        let check = |seconds| {
            let mut balancing = balancing(direct("10.10.10.12"));
            balancing.timeouts = of_tcp(seconds);
            Vec::from_iter(check(&view, &balancing))
        };
        let change = Change::SetTimeouts {
            from: of_tcp(900),
            to: of_tcp(7260),
        };
        let findings = check(900);
        assert_eq!(findings.len(), 1);
        assert!(
            findings
                .iter()
                .all(|it| it.remedies == [Remedy::Change(change.clone())])
        );
        assert_eq!(check(7260), []);
    }
}
