//! A director, looked at.

mod masquerade;
mod passing;
mod placement;
mod reach;
mod redirects;
mod services;
mod settings;
mod source;
mod sync;
mod timeouts;
mod tunnel_mtu;
mod typed;
mod vip;

use std::collections::BTreeSet;

use super::{
    BalancedService, Balancing, Finding, FindingKind, Findings, managed,
    view::{HostView, Presence},
};
use crate::{Director, Error, Host};

/// One subject each, in the order in which somebody would look.
const CHECKS: [fn(&HostView, &Balancing) -> Vec<Finding>; 11] = [
    kernel,
    services::check,
    vip::check,
    source::check,
    masquerade::check,
    reach::check,
    redirects::check,
    tunnel_mtu::check,
    settings::check,
    timeouts::check,
    sync::check,
];

impl Host {
    /// Looks at this host as a director that balances this, and changes nothing.
    ///
    /// # Errors
    /// What cannot be read of devices, addresses and routes is an error; a setting that this kernel
    /// does not have, or a list that takes a privilege, is left out.
    pub async fn check_director(&self, balancing: &Balancing) -> Result<Findings, Error> {
        let servers = balancing.servers().map(|(_, server)| server.address);
        let ways_to: BTreeSet<_> = balancing.vips().into_iter().chain(servers).collect();
        let view = HostView::read(self, ways_to).await?;
        let mut findings: Findings = CHECKS
            .iter()
            .flat_map(|check| check(&view, balancing))
            .collect();
        findings.extend(managed::of_devices(&view, &balancing.vips()));
        findings.extend(managed::by_firewalld(&view, &ports_to_let_in(balancing)));
        Ok(findings)
    }
}

impl Director {
    /// Looks whether a host is still as [`Director::up`] left it, and changes nothing.
    ///
    /// What it balances is not known here: see [`Host::check_director`].
    pub async fn check(&self, host: &Host) -> Result<Findings, Error> {
        let vip = self.vip().address();
        let view = HostView::read(host, [vip]).await?;
        let mut findings = Findings::from_iter(placement::check(&view, self));
        findings.extend(passing::check(&view, self));
        findings.extend(source::of_vip(&view, vip, source::Tunnels::default()));
        // Of IPv6 the kernel sends some whatever is set.
        if vip.is_ipv4() {
            findings.extend(redirects::on_devices(&view, &[self.device()], &[]));
        }
        findings.extend(managed::of_devices(&view, &[vip]));
        Ok(findings)
    }
}

fn kernel(view: &HostView, _balancing: &Balancing) -> Vec<Finding> {
    if view.ip_vs == Presence::There {
        return Vec::new();
    }
    let finding = Finding::problem(
        FindingKind::IpVsMissing,
        "the kernel has no IPVS: its module ip_vs is not loaded",
        "Nothing is balanced: clients are refused, or get no answer.",
    );
    vec![finding.mend("modprobe ip_vs")]
}

fn ports_to_let_in(balancing: &Balancing) -> Vec<String> {
    let ports = balancing.services.iter().filter_map(BalancedService::port);
    let options: BTreeSet<_> = ports
        .map(|(transport, port)| format!("--add-port={port}/{}", transport.name()))
        .collect();
    options.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::tests::{balancing, direct};

    #[test]
    fn a_kernel_without_ipvs_is_told_to_load_it() {
        let view = HostView {
            ip_vs: Presence::Missing,
            ..HostView::default()
        };
        let findings = kernel(&view, &Balancing::new());
        let found: Vec<_> = findings.iter().map(|it| it.kind).collect();
        assert_eq!(found, [FindingKind::IpVsMissing]);
        assert_eq!(kernel(&HostView::default(), &Balancing::new()), []);
    }

    #[test]
    fn every_port_is_let_in_once() {
        let balancing = balancing(direct("10.10.10.12"));
        let twice = balancing.services.first().cloned().unwrap();
        let options = ports_to_let_in(&balancing.service(twice));
        assert_eq!(options, ["--add-port=80/tcp"]);
    }
}
