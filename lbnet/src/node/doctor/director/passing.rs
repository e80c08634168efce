//! Whether a director forwards the packets that it was set up to forward.

use super::masquerade;
use crate::{
    ConfTarget, DeviceName, Director, Ipv4Conf, Ipv4Setting, Ipv6Conf, Sysctl, VsSetting,
    node::doctor::{
        finding::{Finding, FindingKind},
        remedy::Remedy,
        view::HostView,
    },
};

pub(super) fn check(view: &HostView, director: &Director) -> Vec<Finding> {
    let mut findings = Vec::new();
    if director.forwards_packets() {
        findings.extend(forwarding_off(view, director));
    }
    if let Some(device) = director.gateway() {
        if director.vip().address().is_ipv4() {
            findings.extend(accept_local_off(view, device));
            findings.extend(reverse_path(view, device));
        }
    }
    if director.tracks_connections() && view.settings.vs(VsSetting::Conntrack) == Some(0) {
        findings.push(untracked());
    }
    findings
}

fn forwarding_off(view: &HostView, director: &Director) -> Option<Finding> {
    let key = if director.vip().address().is_ipv4() {
        Sysctl::Ipv4(Ipv4Setting::IpForward)
    } else {
        Sysctl::ipv6_conf(ConfTarget::All, Ipv6Conf::Forwarding)
    };
    if view.settings.get(&key)? != 0 {
        return None;
    }
    let finding = Finding::problem(
        FindingKind::ForwardingOff,
        format!("{key} is 0, and replies of real servers pass this host"),
        "Requests reach the real server, but this host drops its replies: clients connect and get no \
         answer.",
    );
    Some(finding.fix_all(masquerade::switched_on(view, key)))
}

fn accept_local_off(view: &HostView, device: &DeviceName) -> Option<Finding> {
    let both = view.settings.on(device, Ipv4Conf::AcceptLocal)?;
    if both.effective != 0 {
        return None;
    }
    let own = own(device, Ipv4Conf::AcceptLocal);
    let finding = Finding::problem(
        FindingKind::AcceptLocalOff,
        format!("{own} is 0, and replies of real servers arrive on {device}"),
        "Replies come from the VIP, which is an address of this host, so the kernel drops them: clients \
         connect and get no answer.",
    );
    Some(finding.fix(Remedy::set(own, 1)))
}

fn reverse_path(view: &HostView, device: &DeviceName) -> Option<Finding> {
    let both = view.settings.on(device, Ipv4Conf::RpFilter)?;
    if both.effective != 1 {
        return None;
    }
    let finding = Finding::problem(
        FindingKind::RpFilterDrops,
        format!("rp_filter is strict on {device}, and replies of real servers arrive on it"),
        "Replies come from the VIP, and packets to the VIP would not leave by that device, so the \
         kernel drops them: clients connect and get no answer.",
    );
    let own = own(device, Ipv4Conf::RpFilter);
    Some(finding.fix(Remedy::set(own, 2)))
}

fn untracked() -> Finding {
    let key = Sysctl::Vs(VsSetting::Conntrack);
    let finding = Finding::warning(
        FindingKind::ConnectionsUntracked,
        format!("{key} is 0, although this host was set up to track connections"),
        "Firewall rules that match on connection state do not know clients' connections, and may drop \
         them.",
    );
    finding.fix(Remedy::set(key, 1))
}

fn own(device: &DeviceName, key: Ipv4Conf) -> Sysctl {
    Sysctl::ipv4_conf(ConfTarget::Device(device.clone()), key)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::testing::{kinds, remedies};

    fn director() -> Director {
        let vip = "10.10.10.100".parse().unwrap();
        let director = Director::new(vip, "eth0".parse().unwrap());
        director.gateway_on("eth1".parse().unwrap())
    }

    fn view(forward: i64, accept_local: i64, rp_filter: i64, conntrack: i64) -> HostView {
        let mut view = HostView::default();
        for (key, value) in [
            ("net.ipv4.ip_forward", forward),
            ("net.ipv4.conf.all.accept_local", 0),
            ("net.ipv4.conf.eth1.accept_local", accept_local),
            ("net.ipv4.conf.all.rp_filter", 0),
            ("net.ipv4.conf.eth1.rp_filter", rp_filter),
            ("net.ipv4.vs.conntrack", conntrack),
        ] {
            view.settings.plant(key, value);
        }
        view
    }

    #[test]
    fn a_gateway_needs_forwarding_and_settings_that_accept_replies() {
        assert_eq!(check(&view(1, 1, 2, 0), &director()), []);
        let all = check(&view(0, 0, 1, 0), &director());
        let found = [
            FindingKind::ForwardingOff,
            FindingKind::AcceptLocalOff,
            FindingKind::RpFilterDrops,
        ];
        assert_eq!(kinds(&all), found);
        let fixes = [
            "set net.ipv4.ip_forward to 1",
            "set net.ipv4.conf.eth1.accept_local to 1",
            "set net.ipv4.conf.eth1.rp_filter to 2",
        ];
        assert_eq!(remedies(&all), fixes);
    }

    #[test]
    fn connections_should_be_tracked_if_that_was_asked_for() {
        let tracking = director().track_connections();
        let found = check(&view(1, 1, 0, 0), &tracking);
        assert_eq!(kinds(&found), [FindingKind::ConnectionsUntracked]);
        assert_eq!(check(&view(1, 1, 0, 1), &tracking), []);
    }
}
