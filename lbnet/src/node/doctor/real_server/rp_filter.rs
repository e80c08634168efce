//! Whether packets that come out of a tunnel are dropped for where they came from.

use std::net::IpAddr;

use super::tunnel;
use crate::{
    ConfTarget, DeviceName, Ipv4Conf, Sysctl,
    node::doctor::{ExpectedServer, Finding, FindingKind, view::HostView},
};

pub(super) fn check(view: &HostView, expected: &ExpectedServer) -> Vec<Finding> {
    let finding = dropped(view, expected);
    finding.into_iter().collect()
}

fn dropped(view: &HostView, expected: &ExpectedServer) -> Option<Finding> {
    expected.vip().filter(IpAddr::is_ipv4)?;
    let device = &tunnel::receiving(view, expected)?.name;
    let both = view.settings.on(device, Ipv4Conf::RpFilter)?;
    // The client is behind another device, which strict filtering (1) minds. Loose filtering (2)
    // wants any way back, but looks for it with an address of the device.
    let dropped = match both.effective {
        0 => false,
        1 => true,
        _ => !has_ipv4(view, device),
    };
    if !dropped {
        return None;
    }
    let finding = Finding::problem(
        FindingKind::RpFilterDrops,
        format!(
            "rp_filter is {} on {device} (the larger of all, {}, and the device, {})",
            both.effective, both.all, both.device
        ),
        "Packets of clients are dropped when they come out of the tunnel, as answers leave by \
         another device: its share of the clients gets no answer.",
    );
    let mut remedies = Vec::new();
    if both.all != 0 {
        // Without this they would be less strict than they were.
        let devices = view
            .links
            .iter()
            .filter(|link| link.name != *device && !link.is_marked());
        let devices = devices.map(|link| ConfTarget::Device(link.name.clone()));
        let looser = |target: &ConfTarget| {
            let key = Sysctl::ipv4_conf(target.clone(), Ipv4Conf::RpFilter);
            view.settings.get(&key).is_some_and(|own| own < both.all)
        };
        let others = devices.chain([ConfTarget::Default]).filter(looser);
        remedies.extend(others.map(|target| set(target, both.all)));
        remedies.push(set(ConfTarget::All, 0));
    }
    // What is written to `default` reaches devices that were never written themselves.
    if both.device != 0 || both.all != 0 {
        remedies.push(set(ConfTarget::Device(device.clone()), 0));
    }
    Some(finding.mend_all(remedies))
}

fn has_ipv4(view: &HostView, device: &DeviceName) -> bool {
    let mut own = view
        .addresses
        .iter()
        .filter(|it| it.address.device == *device);
    own.any(|it| it.address.prefix.address().is_ipv4())
}

fn set(target: ConfTarget, value: i64) -> String {
    let key = Sysctl::ipv4_conf(target, Ipv4Conf::RpFilter);
    format!("sysctl -w {key}={value}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        LinkKind, Tunnel, TunnelKind, TunnelLink,
        node::doctor::{
            tests::remedies,
            view::tests::{address, link},
        },
    };

    fn check(all: i64, own: i64, on_tunnel: &[&str]) -> Vec<Finding> {
        let mut tunl0 = link(3, "tunl0");
        let mut kind = TunnelLink::receiving(TunnelKind::Ipip, "10.10.10.12".parse().unwrap());
        kind.local = None;
        tunl0.kind = Some(LinkKind::Tunnel(kind));
        let mut view = HostView {
            links: vec![link(2, "eth0"), tunl0],
            addresses: vec![address("10.10.10.12/24", "eth0")],
            ..HostView::default()
        };
        view.addresses
            .extend(on_tunnel.iter().map(|prefix| address(prefix, "tunl0")));
        view.settings.plant("net.ipv4.conf.all.rp_filter", all);
        view.settings.plant("net.ipv4.conf.tunl0.rp_filter", own);
        view.settings.plant("net.ipv4.conf.eth0.rp_filter", 0);
        let vip = "10.10.10.100".parse().unwrap();
        super::check(&view, &ExpectedServer::tunnel(vip, Tunnel::ipip()))
    }

    #[test]
    fn strict_always_drops_and_loose_unless_there_is_an_address() {
        let vip = ["10.10.10.100/32"];
        assert_eq!(check(0, 0, &[]), []);
        assert_eq!(check(0, 2, &vip), []);
        assert_eq!(
            remedies(&check(0, 2, &[])),
            ["sysctl -w net.ipv4.conf.tunl0.rp_filter=0"]
        );
        assert_eq!(
            remedies(&check(0, 1, &vip)),
            ["sysctl -w net.ipv4.conf.tunl0.rp_filter=0"]
        );
    }

    #[test]
    fn where_all_is_strict_the_other_devices_stay_so() {
        assert_eq!(
            remedies(&check(1, 1, &[])),
            [
                "sysctl -w net.ipv4.conf.eth0.rp_filter=1",
                "sysctl -w net.ipv4.conf.all.rp_filter=0",
                "sysctl -w net.ipv4.conf.tunl0.rp_filter=0",
            ]
        );
    }
}
