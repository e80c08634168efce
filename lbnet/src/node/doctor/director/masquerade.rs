//! Whether the answers of masqueraded servers find their way back.

use std::collections::BTreeMap;

use crate::{
    ConfTarget, Ipv4Conf, Ipv4Setting, Ipv6Conf, Reach, Sysctl,
    node::doctor::{
        BalancedServer, BalancedService, Balancing, Finding, FindingKind, ForwardingMethod,
        Transport, view::HostView,
    },
};

/// With so many packets and no answer it is not that the first answers are still to come.
const PACKETS_ENOUGH: u64 = 10;

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let masqueraded = || {
        balancing.servers().filter(|(_, server)| {
            server.forwarding == ForwardingMethod::Masquerade && !view.is_local(server.address)
        })
    };
    let off: BTreeMap<_, _> = masqueraded()
        .filter_map(|(_, server)| forwarding_off(view, server))
        .collect();
    let unanswered = masqueraded().filter_map(|(service, server)| replies(view, service, server));
    off.into_values().chain(unanswered).collect()
}

/// Under the setting that is off, the finding: one for all servers behind it.
fn forwarding_off(view: &HostView, server: &BalancedServer) -> Option<(String, Finding)> {
    let (key, said) = if server.address.is_ipv4() {
        let path = view.paths.get(&server.address)?;
        if path.reach != Reach::Remote {
            return None;
        }
        // `ip_forward` asks the device that a packet came in by.
        let forwarding = view.settings.on(&path.device, Ipv4Conf::Forwarding)?;
        if forwarding.effective != 0 {
            return None;
        }
        let said = format!("packets that come in by {} are not passed on", path.device);
        // Where it is on as a whole, writing that once more changes no device.
        let key = if forwarding.all == 0 {
            Sysctl::Ipv4(Ipv4Setting::IpForward)
        } else {
            let own = ConfTarget::Device(path.device.clone());
            Sysctl::ipv4_conf(own, Ipv4Conf::Forwarding)
        };
        (key, said)
    } else {
        let key = Sysctl::ipv6_conf(ConfTarget::All, Ipv6Conf::Forwarding);
        if view.settings.get(&key)? != 0 {
            return None;
        }
        let said = "packets of IPv6 are not passed on".to_owned();
        (key, said)
    };
    let finding = Finding::problem(
        FindingKind::ForwardingOff,
        format!("{said}, and {} is masqueraded", server.address),
        "Requests arrive at the real server, its answers are dropped here: clients connect and get \
         no answer.",
    );
    let finding = finding.mend(format!("sysctl -w {key}=1"));
    Some((key.to_string(), finding))
}

fn replies(view: &HostView, service: &BalancedService, server: &BalancedServer) -> Option<Finding> {
    // What is sent by UDP need not be answered.
    let answered = service.transport()? != Transport::Udp;
    if !answered || server.packets_in < PACKETS_ENOUGH || server.packets_out > 0 {
        return None;
    }
    let here = view.paths.get(&server.address).and_then(|path| path.source);
    let here = here.map_or_else(|| "DIRECTOR".to_owned(), |here| here.to_string());
    let finding = Finding::problem(
        FindingKind::RepliesDoNotComeBack,
        format!(
            "{} was sent {} packets for {service}, and none of its answers came back through here",
            server.address, server.packets_in
        ),
        "Either it does not answer at all, or by another way, with its own address as the source: \
         clients know of no such connection, and give up.",
    );
    Some(finding.mend(format!(
        "ip route replace default via {here}  # on {}",
        server.address
    )))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::tests::{balancing, kinds, remedies, way};

    fn masqueraded() -> BalancedServer {
        BalancedServer::new("10.10.20.12".parse().unwrap(), ForwardingMethod::Masquerade)
    }

    fn view(forwarding: i64) -> HostView {
        let mut view = HostView::default();
        view.settings
            .plant("net.ipv4.conf.all.forwarding", forwarding);
        view.settings
            .plant("net.ipv4.conf.eth1.forwarding", forwarding);
        let (address, path) = way("10.10.20.12", "eth1");
        view.paths.insert(address, path);
        view
    }

    #[test]
    fn answers_need_forwarding_on_the_device_they_come_in_by() {
        let balancing = balancing(masqueraded());
        let findings = check(&view(0), &balancing);
        assert_eq!(kinds(&findings), [FindingKind::ForwardingOff]);
        assert_eq!(remedies(&findings), ["sysctl -w net.ipv4.ip_forward=1"]);
        assert_eq!(check(&view(1), &balancing), []);
    }

    #[test]
    fn a_server_that_never_answers_through_here_is_told_its_gateway() {
        let silent = balancing(masqueraded().packets(10, 0));
        let findings = check(&view(1), &silent);
        assert_eq!(kinds(&findings), [FindingKind::RepliesDoNotComeBack]);
        let route = "ip route replace default via 10.10.10.11  # on 10.10.20.12";
        assert_eq!(remedies(&findings), [route]);
        for (to_it, back) in [(9, 0), (10, 1)] {
            let balancing = balancing(masqueraded().packets(to_it, back));
            assert_eq!(check(&view(1), &balancing), []);
        }
    }
}
