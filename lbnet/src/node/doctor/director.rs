//! Whether a director is as it should be.

mod carrier;
mod choice;
mod first_address;
mod ftp;
mod lease;
mod masquerade;
mod one_network;
mod one_packet;
mod pair;
mod passing;
mod placement;
mod reach;
mod redirects;
mod services;
mod settings;
mod side;
mod silent;
mod source;
mod sync;
mod taken;
mod timeouts;
mod travel;
mod tunnel_mtu;
mod unanswered;
mod vip;

pub(super) use travel::entrances;

use std::{collections::BTreeSet, net::IpAddr};

use ipvs::SyncDaemon;

use super::{
    balancing::{self, Balancing},
    finding::{Finding, FindingKind},
    findings::Findings,
    managed, passages,
    remedy::Remedy,
    view::{HostView, Presence, Question},
};
use crate::{Director, Error, Host, Module};

/// One subject each, in the order in which an administrator would look.
const CHECKS: [fn(&HostView, &Balancing) -> Vec<Finding>; 22] = [
    kernel,
    services::check,
    carrier::check,
    vip::check,
    taken::check,
    travel::check,
    source::check,
    first_address::check,
    lease::check,
    masquerade::check,
    one_network::check,
    ftp::check,
    one_packet::check,
    reach::check,
    silent::check,
    unanswered::check,
    redirects::check,
    tunnel_mtu::check,
    settings::check,
    |view, balancing| timeouts::check(view, balancing).into_iter().collect(),
    sync::check,
    pair::check,
];

/// Examines a host as the director that balances this, and changes nothing.
///
/// # Errors
/// Devices, addresses or routes could not be read. The doctor leaves out settings that this kernel
/// does not have, and lists that need a privilege.
pub async fn examine_director(host: &Host, balancing: &Balancing) -> Result<Findings, Error> {
    let mut view = HostView::read(host).await?;
    view.find_paths(host, addresses(balancing)).await;
    let entrances = entrances(&view, &balancing.vips());
    view.passages = passages::follow(&view, host, entrances).await;
    view.ask(host, questions(&view, balancing)).await?;
    Ok(findings(&view, balancing).made_possible_on(host))
}

/// The addresses whose paths the checks look at.
pub(super) fn addresses(balancing: &Balancing) -> BTreeSet<IpAddr> {
    let servers = balancing.destinations();
    let servers = servers.map(|(_, status)| status.destination.id.address);
    balancing.vips().into_iter().chain(servers).collect()
}

/// What the network is asked.
pub(super) fn questions(view: &HostView, balancing: &Balancing) -> Vec<Question> {
    let vips = balancing.vips();
    let mut questions = taken::questions(view, &vips);
    questions.extend(vip::questions(view, &vips));
    questions.extend(silent::questions(view, balancing));
    questions
}

/// What is wrong with a director.
pub(super) fn findings(view: &HostView, balancing: &Balancing) -> Findings {
    let checks = CHECKS.iter().flat_map(|check| check(view, balancing));
    let of_devices = managed::of_devices(view, &balancing.vips());
    let by_firewalld = managed::by_firewalld(view, &ports_to_accept(balancing));
    checks.chain(of_devices).chain(by_firewalld).collect()
}

/// Examines whether a host is still as [`Director::up`] left it, and changes nothing.
///
/// What the host balances is not known here: see [`examine_director`].
///
/// # Errors
/// Those of [`examine_director`].
pub async fn examine_set_up(host: &Host, director: &Director) -> Result<Findings, Error> {
    let mut view = HostView::read(host).await?;
    view.find_paths(host, [director.vip().address()]).await;
    let director = view.named(director);
    Ok(findings_of_set_up(&view, &director, &[]).made_possible_on(host))
}

/// What is wrong with a director that was set up, whatever it balances.
pub(super) fn findings_of_set_up(
    view: &HostView,
    director: &Director,
    daemons: &[SyncDaemon],
) -> Findings {
    let vip = director.vip().address();
    let mut findings = Findings::from_iter(placement::check(view, director, daemons));
    findings.extend(passing::check(view, director));
    findings.extend(source::of_vip(view, vip, &[]));
    findings.extend(managed::of_devices(view, &[vip]));
    findings
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
    vec![finding.fix(Remedy::LoadModule(Module::IpVs))]
}

fn ports_to_accept(balancing: &Balancing) -> Vec<String> {
    let ports = balancing.services().filter_map(|it| balancing::port(it.id));
    let options: BTreeSet<_> = ports
        .map(|(protocol, port)| managed::accept_port(protocol, port))
        .collect();
    options.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::testing::{balancing, direct, kinds};

    #[test]
    fn a_kernel_without_ipvs_needs_its_module() {
        let view = HostView {
            ip_vs: Presence::Missing,
            ..HostView::default()
        };
        let findings = kernel(&view, &Balancing::default());
        assert_eq!(kinds(&findings), [FindingKind::IpVsMissing]);
        assert_eq!(kernel(&HostView::default(), &Balancing::default()), []);
    }

    #[test]
    fn every_port_is_accepted_once() {
        let mut balancing = balancing(direct("10.10.10.12"));
        balancing.servers.extend(balancing.servers.clone());
        assert_eq!(ports_to_accept(&balancing), ["--add-port=80/tcp"]);
    }
}
