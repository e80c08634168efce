//! Other programs that may undo a set-up.

use std::{net::IpAddr, num::NonZeroU16, path::Path};

use ipvs::Protocol;

use super::{
    finding::{Finding, FindingKind},
    remedy::{ConfigurationRead, Remedy},
    view::{HostView, Managers},
};
use crate::Link;

/// Programs that manage the devices of a VIP.
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
            format!("NetworkManager manages {device}, which has a VIP"),
            format!(
                "When it activates its connection again, for example after the cable was unplugged, \
                 it removes the VIP, and clients get no answer. If you exempt {device}, something \
                 else has to add its other addresses at boot. You can also put the VIP on a dummy \
                 device."
            ),
        );
        // Taken from it while it is in use, a device may lose all of its addresses.
        let file = format!("ipvs-rs-{device}.conf");
        finding.fix(Remedy::WriteFile {
            path: Path::new("/etc/NetworkManager/conf.d").join(file),
            text: format!("[keyfile]\nunmanaged-devices+=interface-name:{device}\n"),
            read: ConfigurationRead::AtBoot,
        })
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
    let folder = Path::new("/etc/systemd/network").join(format!("{name}.d"));
    let finding = Finding::warning(
        FindingKind::NetworkdManages,
        format!("systemd-networkd manages {device}, which has a VIP"),
        "When it is restarted, it removes the VIP, because it removes all addresses that it does not \
         know, and clients get no answer.",
    );
    Some(
        finding
            .fix(Remedy::WriteFile {
                path: folder.join("ipvs-rs.conf"),
                text: "[Network]\nKeepConfiguration=static\n".to_owned(),
                read: ConfigurationRead::OnReload,
            })
            .fix(Remedy::command("networkctl", ["reload"])),
    )
}

/// A firewall that has to accept the clients, or their encapsulated packets: `allow` are options of
/// `firewall-cmd`.
pub(super) fn by_firewalld(view: &HostView, allow: &[String]) -> Option<Finding> {
    if allow.is_empty() || !view.managers.runs("firewalld") {
        return None;
    }
    let finding = Finding::note(
        FindingKind::FirewalldFilters,
        "firewalld is running",
        "Clients are refused (\"no route to host\") unless firewalld accepts them. The doctor does not \
         check what it accepts.",
    );
    let permanent = |it: &String| Remedy::command("firewall-cmd", ["--permanent", it]);
    let reload = Remedy::command("firewall-cmd", ["--reload"]);
    Some(finding.fix_all(allow.iter().map(permanent)).fix(reload))
}

/// The option of `firewall-cmd` that accepts a port.
pub(super) fn accept_port(protocol: Protocol, port: NonZeroU16) -> String {
    let protocol = protocol.to_string().to_ascii_lowercase();
    format!("--add-port={port}/{protocol}")
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
    fn the_program_that_manages_the_device_of_a_vip_is_made_to_leave_it_alone_without_being_stopped()
     {
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
            [Remedy::WriteFile {
                path: "/etc/NetworkManager/conf.d/ipvs-rs-eth0.conf".into(),
                text: "[keyfile]\nunmanaged-devices+=interface-name:eth0\n".to_owned(),
                read: ConfigurationRead::AtBoot,
            }]
        );
        assert_eq!(
            networkd.remedies,
            [
                Remedy::WriteFile {
                    path: "/etc/systemd/network/10-lan.network.d/ipvs-rs.conf".into(),
                    text: "[Network]\nKeepConfiguration=static\n".to_owned(),
                    read: ConfigurationRead::OnReload,
                },
                Remedy::command("networkctl", ["reload"]),
            ]
        );
    }

    #[test]
    fn a_device_that_no_program_manages_needs_nothing() {
        let (_root, view) = planted(&[("systemd/netif/links/2", "ADMIN_STATE=unmanaged\n")]);
        assert_eq!(of_devices(&view, &vips()), []);
    }

    #[test]
    fn firewalld_is_told_what_to_accept() {
        let (_root, view) = planted(&[("612/comm", "firewalld\n")]);
        let allow = ["--add-port=80/tcp".to_owned()];
        let finding = by_firewalld(&view, &allow).unwrap();
        assert_eq!(
            finding.remedies,
            [
                Remedy::command("firewall-cmd", ["--permanent", "--add-port=80/tcp"]),
                Remedy::command("firewall-cmd", ["--reload"]),
            ]
        );
        assert_eq!(by_firewalld(&view, &[]), None);
    }
}
