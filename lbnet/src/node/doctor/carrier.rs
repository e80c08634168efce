//! Devices that receive nothing, and the device that must change.

use super::{
    finding::{Finding, FindingKind},
    remedy::Remedy,
    view::HostView,
};
use crate::{DeviceName, Link, NoCarrier, NoCarrierReason};

/// A device on the clients' or the real servers' side that receives nothing.
pub(super) fn check(view: &HostView, link: &Link) -> Option<Finding> {
    let missing = NoCarrier::of(link, &view.links)?;
    let (device, cause) = (&link.name, &missing.must_change);
    let state = missing.reason.state();
    let said = if cause == device {
        format!("nobody is reached on {device}, which {state}")
    } else {
        format!("nobody is reached on {device}: {cause}, which it depends on, {state}")
    };
    let look = match missing.reason {
        NoCarrierReason::SwitchedOff => String::new(),
        NoCarrierReason::NoPorts => format!(" Add a device to {cause}."),
        NoCarrierReason::NotConnected => {
            format!(" Look at the cable of {cause}, or at what is at its other end.")
        }
    };
    let finding = Finding::problem(
        FindingKind::NoCarrier,
        said,
        format!("This host receives nothing there: whoever is behind it gets no answer.{look}"),
    );
    Some(finding.fix_all(switched_off(&missing).cloned().map(Remedy::SwitchOn)))
}

/// The device that has to be brought up for this one, if that is all.
pub(super) fn to_switch_on(view: &HostView, link: &Link) -> DeviceName {
    let missing = NoCarrier::of(link, &view.links);
    let lower = missing.as_ref().and_then(switched_off);
    lower.unwrap_or(&link.name).clone()
}

fn switched_off(missing: &NoCarrier) -> Option<&DeviceName> {
    (missing.reason == NoCarrierReason::SwitchedOff).then_some(&missing.must_change)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Carrier, LinkKind, LinkState, LowerDevice,
        node::doctor::{testing::remedies, view::tests::link},
    };

    fn without_carrier(index: u32, name: &str, state: LinkState) -> Link {
        let mut link = link(index, name);
        link.carrier = Carrier::Missing;
        link.state = state;
        link
    }

    fn found(links: &[Link]) -> Vec<Finding> {
        let view = HostView {
            links: links.to_vec(),
            ..HostView::default()
        };
        links
            .first()
            .and_then(|it| check(&view, it))
            .into_iter()
            .collect()
    }

    #[test]
    fn a_cable_that_is_out_is_for_somebody_to_look_at() {
        assert_eq!(found(&[link(2, "eth0")]), []);
        let findings = found(&[without_carrier(2, "eth0", LinkState::Up)]);
        let said = "nobody is reached on eth0, which has no carrier";
        assert_eq!(findings[0].problem, said);
        assert_eq!(findings[0].remedies, []);
    }

    #[test]
    fn the_device_below_a_vlan_is_the_one_to_bring_up() {
        let mut vlan = without_carrier(3, "eth0.10", LinkState::Down);
        vlan.kind = Some(LinkKind::Other("vlan".to_owned()));
        vlan.lower = Some(LowerDevice::Here { index: 2 });
        let parent = without_carrier(2, "eth0", LinkState::Down);
        let findings = found(&[vlan, parent]);
        assert_eq!(remedies(&findings), ["bring eth0 up"]);
    }
}
