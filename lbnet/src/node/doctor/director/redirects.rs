//! Whether this host tells others of shorter ways, which lead past it.

use std::net::IpAddr;

use crate::{
    ConfTarget, DeviceName, Ipv4Conf, Sysctl,
    node::doctor::{Balancing, Finding, FindingKind, ForwardingMethod, view::HostView},
};

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let vips = balancing.vips().into_iter().filter(IpAddr::is_ipv4);
    let mut clients_side: Vec<_> = vips
        .flat_map(|vip| {
            let carrying = view.carriers(vip).filter_map(|it| view.link_of(it));
            carrying.chain(view.networks_of(vip).map(|(link, _)| link))
        })
        .filter(|link| link.is_asking())
        .map(|link| &link.name)
        .collect();
    clients_side.sort_unstable();
    clients_side.dedup();
    let masqueraded = balancing.servers().filter(|(_, server)| {
        server.forwarding == ForwardingMethod::Masquerade && server.address.is_ipv4()
    });
    let ways = masqueraded.filter_map(|(_, server)| view.paths.get(&server.address));
    let servers_side: Vec<_> = ways.map(|path| &path.device).collect();
    let findings = on_devices(view, &clients_side, &servers_side);
    findings.into_iter().collect()
}

/// Redirects on the clients' side; `servers_side` is where masqueraded servers are.
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
        "Masqueraded servers on the clients' network are told to answer past this host: clients get \
         answers from an address that they know nothing of, and give up."
    } else {
        "A client whose packets are passed on here is told of a shorter way, and goes past IPVS from \
         then on."
    };
    let finding = Finding::warning(
        FindingKind::RedirectsSent,
        format!(
            "ICMP redirects are sent on {} (send_redirects counts if it is on in all or on the \
             device)",
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
    Some(finding.mend_all(on.map(|key| format!("sysctl -w {key}=0"))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::tests::remedies;

    #[test]
    fn both_places_have_to_be_off() {
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
        for (in_all, on_device, mended) in [
            (0, 0, String::new()),
            (0, 1, format!("sysctl -w {own}=0")),
            (1, 0, format!("sysctl -w {all}=0")),
            (1, 1, format!("sysctl -w {all}=0; sysctl -w {own}=0")),
        ] {
            view.settings.plant(all, in_all);
            view.settings.plant(own, on_device);
            assert_eq!(found(&view), mended);
        }
    }
}
