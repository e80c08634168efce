//! Whether this host sends ICMP redirects, which make others bypass it.

use std::net::IpAddr;

use crate::{
    ConfTarget, DeviceName, Ipv4Conf, Sysctl,
    node::doctor::{
        balancing::Balancing,
        finding::{Finding, FindingKind},
        remedy::Remedy,
        view::HostView,
    },
};

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let vips = balancing.vips().into_iter().filter(IpAddr::is_ipv4);
    let mut clients_side: Vec<_> = vips
        .flat_map(|vip| {
            let carrying = view.carriers(vip).filter_map(|it| view.link_of(it));
            carrying.chain(view.networks_of(vip).map(|(link, _)| link))
        })
        .filter(|link| link.resolves_neighbours())
        .map(|link| &link.name)
        .collect();
    clients_side.sort_unstable();
    clients_side.dedup();
    let masqueraded = balancing.masqueraded();
    let masqueraded = masqueraded.map(|(_, status)| status.destination.id.address);
    let ways = masqueraded
        .filter(IpAddr::is_ipv4)
        .filter_map(|address| view.paths.get(&address));
    let servers_side: Vec<_> = ways.map(|path| &path.device).collect();
    let findings = on_devices(view, &clients_side, &servers_side);
    findings.into_iter().collect()
}

/// Redirects on the clients' side; masqueraded servers are on `servers_side`.
pub(super) fn on_devices(
    view: &HostView,
    clients_side: &[&DeviceName],
    servers_side: &[&DeviceName],
) -> Option<Finding> {
    let sent_by = |device: &&&DeviceName| {
        let both = view.settings.on(device, Ipv4Conf::SendRedirects);
        both.is_some_and(|both| both.effective != 0)
    };
    let devices: Vec<&DeviceName> = clients_side.iter().filter(sent_by).copied().collect();
    devices.first()?;
    let names: Vec<_> = devices.iter().map(|device| device.as_str()).collect();
    let on_one_network = devices.iter().any(|device| servers_side.contains(device));
    let effect = if on_one_network {
        "Masqueraded real servers in the clients' network learn to bypass this host: clients get replies \
         from an address that they do not know, and time out."
    } else {
        "Clients whose packets this host forwards learn a shorter route, and bypass IPVS from then on."
    };
    let finding = Finding::warning(
        FindingKind::RedirectsSent,
        format!(
            "this host sends ICMP redirects on {} (send_redirects is on for all or for the device)",
            names.join(", ")
        ),
        effect,
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
    use crate::node::doctor::testing::remedies;

    #[test]
    fn redirects_have_to_be_off_for_all_and_for_the_device() {
        let eth0 = DeviceName::from_kernel("eth0".to_owned());
        let mut view = HostView::default();
        let found = |view: &HostView| {
            let findings: Vec<_> = on_devices(view, &[&eth0], &[]).into_iter().collect();
            remedies(&findings).join("; ")
        };
        let (all, own) = (
            "net.ipv4.conf.all.send_redirects",
            "net.ipv4.conf.eth0.send_redirects",
        );
        for (in_all, on_device, fixes) in [
            (0, 0, String::new()),
            (0, 1, format!("set {own} to 0")),
            (1, 0, format!("set {all} to 0")),
            (1, 1, format!("set {all} to 0; set {own} to 0")),
        ] {
            view.settings.plant(all, in_all);
            view.settings.plant(own, on_device);
            assert_eq!(found(&view), fixes);
        }
    }
}
