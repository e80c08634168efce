//! Whether idle connections live until somebody asks whether they do.

use std::time::Duration;

use crate::{
    Ipv4Setting, Sysctl,
    node::doctor::{Balancing, Finding, FindingKind, Transport, view::HostView},
};

/// What an answer may take, so that the timeout is longer than the pause between two questions.
const SPARE: Duration = Duration::from_secs(60);

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let finding = shorter_than_keepalive(view, balancing);
    finding.into_iter().collect()
}

fn shorter_than_keepalive(view: &HostView, balancing: &Balancing) -> Option<Finding> {
    let mut services = balancing.services.iter();
    services.find(|service| service.transport() == Some(Transport::Tcp))?;
    let timeout = balancing.tcp_timeout?;
    let key = Sysctl::Ipv4(Ipv4Setting::TcpKeepaliveTime);
    let seconds = u64::try_from(view.settings.get(&key)?).ok()?;
    let keepalive = Duration::from_secs(seconds);
    if timeout > keepalive {
        return None;
    }
    // The one of this host stands for those of clients and servers: all have the same default.
    let finding = Finding::note(
        FindingKind::IdleConnectionsForgotten,
        format!(
            "idle TCP connections are forgotten after {} s, and asked whether they live after \
             {seconds} s",
            timeout.as_secs()
        ),
        "A client that was idle for longer gets \"connection reset\" at its next packet.",
    );
    let longer = (keepalive + SPARE).as_secs();
    Some(finding.mend(format!("ipvs-rs timeouts --tcp {longer}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::tests::{balancing, direct, remedies};

    #[test]
    fn a_connection_should_be_remembered_until_it_is_asked_for() {
        let mut view = HostView::default();
        view.settings.plant("net.ipv4.tcp_keepalive_time", 7200);
        let check = |seconds| {
            let balancing = balancing(direct("10.10.10.12"));
            check(&view, &balancing.tcp_timeout(Duration::from_secs(seconds)))
        };
        assert_eq!(remedies(&check(900)), ["ipvs-rs timeouts --tcp 7260"]);
        assert_eq!(check(7260), []);
    }
}
