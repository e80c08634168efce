//! Other programs that will undo what was set up.

use std::net::IpAddr;

use super::{
    Finding, FindingKind,
    view::{HostView, Managers},
};
use crate::Link;

/// Programs that look after the devices of a VIP.
pub(super) fn of_devices(view: &HostView, vips: &[IpAddr]) -> Vec<Finding> {
    let carrying = view.links.iter().filter(|link| {
        let has = |vip| view.carriers(vip).any(|it| it.address.device == link.name);
        vips.iter().copied().any(has)
    });
    carrying
        .flat_map(|link| {
            [
                by_network_manager(&view.managers, link),
                by_networkd(&view.managers, link),
            ]
        })
        .flatten()
        .collect()
}

fn by_network_manager(managers: &Managers, link: &Link) -> Option<Finding> {
    let device = &link.name;
    managers.network_manager_has(link.index).then(|| {
        let finding = Finding::warning(
            FindingKind::NetworkManagerManages,
            format!("NetworkManager looks after {device}, which has a VIP"),
            format!(
                "When it activates its connection anew, such as after the cable was out, it removes \
                 the VIP, and clients get no answer. Exempted, {device} has to get its other \
                 addresses from something else at boot; or put the VIP on a dummy device."
            ),
        );
        // Taken from it while it is in use, a device may lose all of its addresses.
        finding.mend(format!(
            "printf '[keyfile]\\nunmanaged-devices+=interface-name:{device}\\n' \
             >/etc/NetworkManager/conf.d/ipvs-rs-{device}.conf  # from the next boot on"
        ))
    })
}

fn by_networkd(managers: &Managers, link: &Link) -> Option<Finding> {
    let device = &link.name;
    let networkd = managers.networkd_has(link.index)?;
    let name = networkd.file.as_deref().and_then(|file| file.file_name());
    let name = name.map_or_else(
        || format!("10-{device}.network"),
        |name| name.to_string_lossy().into_owned(),
    );
    let folder = format!("/etc/systemd/network/{name}.d");
    let finding = Finding::warning(
        FindingKind::NetworkdManages,
        format!("systemd-networkd looks after {device}, which has a VIP"),
        "When it is started anew, it removes the VIP as an address that it does not know, and \
         clients get no answer.",
    );
    Some(
        finding
            .mend(format!("mkdir -p {folder}"))
            .mend(format!(
                "printf '[Network]\\nKeepConfiguration=static\\n' >{folder}/ipvs-rs.conf"
            ))
            .mend("networkctl reload"),
    )
}

/// A firewall that has to let the clients in, or their packets in packets: `allow` are options of
/// `firewall-cmd`.
pub(super) fn by_firewalld(view: &HostView, allow: &[String]) -> Option<Finding> {
    if allow.is_empty() || !view.managers.runs("firewalld") {
        return None;
    }
    let finding = Finding::note(
        FindingKind::FirewalldFilters,
        "firewalld runs",
        "Clients are refused (\"no route to host\") unless it lets them in. What it lets in is not \
         looked at here.",
    );
    let commands = allow
        .iter()
        .map(|it| format!("firewall-cmd --permanent {it}"));
    Some(finding.mend_all(commands).mend("firewall-cmd --reload"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::node::doctor::view::tests::{address, link};

    fn planted(files: &[(&str, &str)]) -> (tempfile::TempDir, HostView) {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let view = HostView {
            links: vec![link(1, "lo"), link(2, "eth0")],
            addresses: vec![address("10.10.10.100/24", "eth0")],
            managers: Managers::under(root.path(), root.path()),
            ..HostView::default()
        };
        (root, view)
    }

    fn vips() -> [IpAddr; 1] {
        ["10.10.10.100".parse().unwrap()]
    }

    #[test]
    fn whoever_looks_after_the_vip_s_device_is_exempted_without_being_stopped() {
        let networkd = "ADMIN_STATE=configured\nNETWORK_FILE=/run/systemd/network/10-lan.network\n";
        let (_root, view) = planted(&[
            ("NetworkManager/devices/2", "[device]\nmanaged=true\n"),
            ("systemd/netif/links/2", networkd),
            ("NetworkManager/devices/1", "[device]\nmanaged=true\n"),
        ]);
        let findings = of_devices(&view, &vips());
        let [network_manager, networkd] = findings.as_slice() else {
            panic!("{findings:?}");
        };
        assert_eq!(
            network_manager.remedies,
            [
                "printf '[keyfile]\\nunmanaged-devices+=interface-name:eth0\\n' \
                 >/etc/NetworkManager/conf.d/ipvs-rs-eth0.conf  # from the next boot on",
            ]
        );
        let folder = "/etc/systemd/network/10-lan.network.d";
        assert_eq!(
            networkd.remedies,
            [
                format!("mkdir -p {folder}"),
                format!("printf '[Network]\\nKeepConfiguration=static\\n' >{folder}/ipvs-rs.conf"),
                "networkctl reload".to_owned(),
            ]
        );
    }

    #[test]
    fn nobody_has_to_be_exempted_where_nobody_looks_after_the_device() {
        let (_root, view) = planted(&[("systemd/netif/links/2", "ADMIN_STATE=unmanaged\n")]);
        assert_eq!(of_devices(&view, &vips()), []);
    }

    #[test]
    fn firewalld_is_told_what_to_let_in() {
        let (_root, view) = planted(&[("612/comm", "firewalld\n")]);
        let allow = ["--add-port=80/tcp".to_owned()];
        let finding = by_firewalld(&view, &allow).unwrap();
        assert_eq!(
            finding.remedies,
            [
                "firewall-cmd --permanent --add-port=80/tcp",
                "firewall-cmd --reload",
            ]
        );
        assert_eq!(by_firewalld(&view, &[]), None);
    }
}
