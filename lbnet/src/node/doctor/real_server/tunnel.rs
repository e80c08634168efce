//! Whether the host decapsulates the packets of a tunnel.

pub(super) mod fit;

use super::side::set_up;
use crate::{
    GueListener, LinkKind, LinkState, ListenerProtocol,
    node::doctor::{
        expected::ExpectedServer,
        finding::{Finding, FindingKind},
        remedy::Remedy,
        view::HostView,
    },
};
use fit::{Needed, Unfit};

pub(super) fn check(view: &HostView, expected: &ExpectedServer) -> Vec<Finding> {
    let Some(needed) = Needed::by(view, expected) else {
        return Vec::new();
    };
    let listener = listener(view, &needed, expected);
    let device = match fit::receiving(view, expected) {
        Some(_) => None,
        None => Some(without_device(view, &needed, expected)),
    };
    listener.into_iter().chain(device).collect()
}

fn without_device(view: &HostView, needed: &Needed<'_>, expected: &ExpectedServer) -> Finding {
    let decapsulation = needed.decapsulation;
    // Without a device the kernel refuses IPIP by ICMP, and drops the rest.
    let effect = format!(
        "This host does not decapsulate {decapsulation} packets from the director: this server's \
         clients are refused, or get no answer."
    );
    if let Some(link) = fit::fitting(view, needed, LinkState::Down) {
        let device = &link.name;
        let finding = Finding::problem(
            FindingKind::TunnelDown,
            format!("{device}, which would decapsulate {decapsulation} packets, is down"),
            effect,
        );
        return finding.fix(Remedy::SwitchOn(device.clone()));
    }
    let up = view.links.iter().filter(|link| link.state == LinkState::Up);
    let wrong = up
        .filter_map(|link| match &link.kind {
            Some(LinkKind::Tunnel(tunnel)) => Some((link, needed.unfit(tunnel)?)),
            _ => None,
        })
        .find_map(|(link, unfit)| match unfit {
            Unfit::OtherKind => None,
            Unfit::Mode(reason) => Some((link, reason)),
        });
    let finding = match wrong {
        Some((link, reason)) => Finding::problem(
            FindingKind::TunnelOfWrongMode,
            format!("{} {reason}", link.name),
            effect,
        ),
        None => Finding::problem(
            FindingKind::TunnelMissing,
            format!(
                "there is no {} device to decapsulate {decapsulation} packets",
                needed.device.kind.name()
            ),
            effect,
        ),
    };
    finding.fix(set_up(view, expected))
}

fn listener(view: &HostView, needed: &Needed<'_>, expected: &ExpectedServer) -> Option<Finding> {
    let GueListener { port, family, .. } = needed.listener?;
    let mut listeners = view.listeners.as_ref()?.iter();
    let there = listeners.any(|listener| {
        listener.port == port.get()
            && listener.family == family
            && listener.protocol == ListenerProtocol::Gue
    });
    if there {
        return None;
    }
    let finding = Finding::problem(
        FindingKind::GueListenerMissing,
        format!("there is no GUE listener on UDP port {port} of {family}"),
        "This host refuses packets from the director: this server's clients get no answer.",
    );
    Some(finding.fix(set_up(view, expected)))
}
