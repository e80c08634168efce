//! Whether `rp_filter` drops the packets that come out of a tunnel.

use std::net::IpAddr;

use super::tunnel::fit;
use crate::{
    ConfTarget, DeviceName, Ipv4Conf, Sysctl,
    node::doctor::{
        expected::ExpectedServer,
        finding::{Finding, FindingKind},
        remedy::Remedy,
        view::HostView,
    },
};

pub(super) fn check(view: &HostView, expected: &ExpectedServer) -> Vec<Finding> {
    let finding = dropped(view, expected);
    finding.into_iter().collect()
}

fn dropped(view: &HostView, expected: &ExpectedServer) -> Option<Finding> {
    expected.vip().filter(IpAddr::is_ipv4)?;
    let device = &fit::receiving(view, expected)?.name;
    let both = view.settings.on(device, Ipv4Conf::RpFilter)?;
    // Strict filtering (1) drops them, because the client is behind another device. Loose filtering
    // (2) accepts any route back, but looks for it with an address of the device.
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
            "rp_filter is {} on {device} (the larger value of all, {}, and of the device, {}, applies)",
            both.effective, both.all, both.device
        ),
        "The kernel drops clients' packets when they come out of the tunnel, because replies leave by \
         another device: this server's clients get no answer.",
    );
    let mut remedies = Vec::new();
    if both.all != 0 {
        // Without this, other devices would become less strict.
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
    // A value written to `default` also reaches devices whose own value was never written.
    if both.device != 0 || both.all != 0 {
        remedies.push(set(ConfTarget::Device(device.clone()), 0));
    }
    Some(finding.fix_all(remedies))
}

fn has_ipv4(view: &HostView, device: &DeviceName) -> bool {
    let mut own = view
        .addresses
        .iter()
        .filter(|it| it.address.device == *device);
    own.any(|it| it.address.prefix.address().is_ipv4())
}

fn set(target: ConfTarget, value: i64) -> Remedy {
    Remedy::set(Sysctl::ipv4_conf(target, Ipv4Conf::RpFilter), value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        LinkKind, Tunnel, TunnelKind, TunnelLink,
        node::doctor::{
            testing::remedies,
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
    fn strict_filtering_always_drops_and_loose_filtering_without_an_address() {
        let vip = ["10.10.10.100/32"];
        assert_eq!(check(0, 0, &[]), []);
        assert_eq!(check(0, 2, &vip), []);
        assert_eq!(
            remedies(&check(0, 2, &[])),
            ["set net.ipv4.conf.tunl0.rp_filter to 0"]
        );
        assert_eq!(
            remedies(&check(0, 1, &vip)),
            ["set net.ipv4.conf.tunl0.rp_filter to 0"]
        );
    }

    #[test]
    fn other_devices_stay_as_strict_as_they_were() {
        assert_eq!(
            remedies(&check(1, 1, &[])),
            [
                "set net.ipv4.conf.eth0.rp_filter to 1",
                "set net.ipv4.conf.all.rp_filter to 0",
                "set net.ipv4.conf.tunl0.rp_filter to 0",
            ]
        );
    }
}
