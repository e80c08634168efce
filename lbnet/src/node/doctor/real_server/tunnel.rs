//! Whether packets are taken out of packets.

mod fit;

use crate::{
    GueListener, Link, LinkKind, LinkState, ListenerProtocol,
    node::doctor::{ExpectedServer, Finding, FindingKind, view::HostView},
};
use fit::{Needed, Unfit};

pub(super) fn check(view: &HostView, expected: &ExpectedServer) -> Vec<Finding> {
    let Some(needed) = Needed::by(view, expected) else {
        return Vec::new();
    };
    let listener = listener(view, &needed, expected);
    let device = match receiving(view, expected) {
        Some(_) => None,
        None => Some(without_device(view, &needed, expected)),
    };
    listener.into_iter().chain(device).collect()
}

/// The device that takes packets apart.
pub(super) fn receiving<'a>(view: &'a HostView, expected: &ExpectedServer) -> Option<&'a Link> {
    fitting(view, &Needed::by(view, expected)?, LinkState::Up)
}

/// A device that would do. The kernel takes one for a single address before one for all, and somebody
/// has made it: those for all came with their modules.
fn fitting<'a>(view: &'a HostView, needed: &Needed<'_>, state: LinkState) -> Option<&'a Link> {
    let fitting = view.links.iter().filter_map(|link| match &link.kind {
        Some(LinkKind::Tunnel(tunnel)) if needed.unfit(tunnel).is_none() => {
            Some((link, tunnel.local.is_none()))
        }
        _ => None,
    });
    let in_state = fitting.filter(|(link, _)| link.state == state);
    in_state
        .min_by_key(|(_, is_for_all)| *is_for_all)
        .map(|(link, _)| link)
}

fn without_device(view: &HostView, needed: &Needed<'_>, expected: &ExpectedServer) -> Finding {
    let encapsulation = needed.encapsulation;
    // IPIP without a device is refused by ICMP, the rest is dropped.
    let effect = format!(
        "{encapsulation} packets from the director are not taken apart: its share of the clients is \
         refused, or gets no answer."
    );
    if let Some(link) = fitting(view, needed, LinkState::Down) {
        let device = &link.name;
        let finding = Finding::problem(
            FindingKind::TunnelDown,
            format!("{device}, which would take {encapsulation} packets apart, is down"),
            effect,
        );
        return finding.mend(format!("ip link set {device} up"));
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
                "there is no {} device, which would take {encapsulation} packets apart",
                needed.device.kind.name()
            ),
            effect,
        ),
    };
    finding.mend(super::set_up(view, expected))
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
        format!("nobody takes GUE packets on UDP port {port} of {family}"),
        "Packets from the director are refused: its share of the clients gets no answer.",
    );
    Some(finding.mend(super::set_up(view, expected)))
}
