//! Whether this host sends ICMP redirects to masqueraded real servers, which make them bypass it.

use std::net::IpAddr;

use ipvs::ServiceId;

use super::side;
use crate::{
    ConfTarget, DeviceName, Ipv4Conf, Reach, Sysctl,
    node::doctor::{
        balancing::{self, Balancing},
        finding::{Finding, FindingKind},
        remedy::Remedy,
        view::HostView,
    },
};

/// The kernel sends a redirect when it forwards a packet by the device that it came in by. Packets to a
/// VIP are not forwarded: they end in this host, and IPVS sends them on. Replies of masqueraded real
/// servers are forwarded.
pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let masqueraded = balancing.masqueraded();
    let mut devices: Vec<_> = masqueraded
        .filter_map(|(service, status)| {
            replies_turn_at(view, service.id, status.destination.id.address)
        })
        .filter(|device| {
            is_on(view, device, Ipv4Conf::Forwarding)
                && is_on(view, device, Ipv4Conf::SendRedirects)
        })
        .collect();
    devices.sort_unstable();
    devices.dedup();
    sent_on(view, &devices).into_iter().collect()
}

/// The device that a real server's replies come in by, if clients are behind it, too.
fn replies_turn_at(view: &HostView, service: ServiceId, server: IpAddr) -> Option<&DeviceName> {
    let path = view.paths.get(&server)?;
    // Hosts ignore redirects that do not come from their gateway.
    let is_beside = path.reach == Reach::Remote && path.gateway.is_none();
    let turns = server.is_ipv4()
        && is_beside
        && clients_side(view, balancing::vip(service), server).contains(&&path.device);
    turns.then_some(&path.device)
}

/// The devices on the clients' side, else those with a default route.
fn clients_side(view: &HostView, vip: Option<IpAddr>, server: IpAddr) -> Vec<&DeviceName> {
    let side: Vec<_> = vip.map_or_else(Vec::new, |vip| side::clients_side(view, vip).collect());
    if !side.is_empty() {
        return side.into_iter().map(|link| &link.name).collect();
    }
    let routes = view.routes.iter();
    let by_default = routes.filter(|route| route.is_default_for(server));
    by_default.map(|route| &route.device).collect()
}

fn is_on(view: &HostView, device: &DeviceName, key: Ipv4Conf) -> bool {
    let both = view.settings.on(device, key);
    both.is_some_and(|both| both.effective != 0)
}

fn sent_on(view: &HostView, devices: &[&DeviceName]) -> Option<Finding> {
    devices.first()?;
    let names: Vec<_> = devices.iter().map(|device| device.as_str()).collect();
    let finding = Finding::warning(
        FindingKind::RedirectsSent,
        format!(
            "this host sends ICMP redirects to masqueraded real servers on {} (send_redirects is on for \
             all or for the device)",
            names.join(", ")
        ),
        "Clients are behind the same device. Real servers that accept redirects learn to answer them past \
         this host: clients get replies from an address that they do not know, and time out.",
    );
    let own = devices
        .iter()
        .map(|device| ConfTarget::Device(DeviceName::clone(device)));
    let keys = [ConfTarget::All].into_iter().chain(own);
    let keys = keys.map(|target| Sysctl::ipv4_conf(target, Ipv4Conf::SendRedirects));
    let on = keys.filter(|key| view.settings.get(key).is_some_and(|value| value != 0));
    Some(finding.fix_all(on.map(|key| Remedy::set(key, 0))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Route,
        node::doctor::{
            testing::{balancing, direct, masqueraded, remedies, way},
            view::tests::{address, link},
        },
    };

    const SERVER: &str = "10.10.20.12";
    const ALL: &str = "net.ipv4.conf.all.send_redirects";
    const OWN: &str = "net.ipv4.conf.eth0.send_redirects";

    /// A director with the VIP on eth0 that forwards packets; the real server is behind this device.
    fn view(device: &str) -> HostView {
        let mut view = HostView {
            links: vec![link(2, "eth0"), link(3, "eth1")],
            addresses: vec![address("10.10.10.100/24", "eth0")],
            paths: [way(SERVER, device)].into(),
            ..HostView::default()
        };
        for target in ["all", "eth0", "eth1"] {
            let conf = format!("net.ipv4.conf.{target}");
            view.settings.plant(&format!("{conf}.forwarding"), 1);
            view.settings.plant(&format!("{conf}.send_redirects"), 1);
        }
        view
    }

    #[test]
    fn redirects_have_to_be_off_for_all_and_for_the_device() {
        let mut view = view("eth0");
        for (in_all, on_device, fixes) in [
            (0, 0, String::new()),
            (0, 1, format!("set {OWN} to 0")),
            (1, 0, format!("set {ALL} to 0")),
            (1, 1, format!("set {ALL} to 0; set {OWN} to 0")),
        ] {
            view.settings.plant(ALL, in_all);
            view.settings.plant(OWN, on_device);
            let found = check(&view, &balancing(masqueraded(SERVER)));
            assert_eq!(remedies(&found).join("; "), fixes);
        }
    }

    #[test]
    fn nobody_is_warned_of_redirects_that_the_kernel_does_not_send() {
        // Nothing is forwarded.
        assert_eq!(check(&view("eth0"), &balancing(direct(SERVER))), []);
        let masqueraded = balancing(masqueraded(SERVER));
        let mut off = view("eth0");
        off.settings.plant("net.ipv4.conf.eth0.forwarding", 0);
        assert_eq!(check(&off, &masqueraded), []);
        // Replies leave by another device than they came by.
        assert_eq!(check(&view("eth1"), &masqueraded), []);
    }

    #[test]
    fn clients_of_a_vip_in_no_network_are_behind_the_default_route() {
        let mut view = view("eth0");
        view.addresses = vec![address("10.10.10.100/32", "lo")];
        let masqueraded = balancing(masqueraded(SERVER));
        assert_eq!(check(&view, &masqueraded), []);
        view.routes = vec![Route {
            destination: None,
            gateway: "10.10.20.1".parse().ok(),
            device: DeviceName::from_kernel("eth0".to_owned()),
            ..Route::default_through(DeviceName::from_kernel("eth0".to_owned()))
        }];
        assert_eq!(check(&view, &masqueraded).len(), 1);
    }
}
