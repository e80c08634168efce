//! Whether a VIP depends on an address that another program took for a limited time, such as a DHCP lease.

use std::net::IpAddr;

use super::first_address;
use crate::{
    Lifetime, Rank,
    node::doctor::{
        balancing::Balancing,
        finding::{Finding, FindingKind},
        view::HostView,
    },
};

pub(super) fn check(view: &HostView, balancing: &Balancing) -> Vec<Finding> {
    let vips = balancing.vips().into_iter();
    vips.filter_map(|vip| of_vip(view, vip)).collect()
}

fn of_vip(view: &HostView, vip: IpAddr) -> Option<Finding> {
    let entry = view.carriers(vip).find(|it| it.rank == Rank::Secondary)?;
    let leased = view.addresses.iter().find(|it| it.leads(entry))?;
    let Lifetime::For(_) = leased.address.lifetime else {
        return None;
    };
    let device = &entry.address.device;
    let becomes = if view.promotes_secondaries(device) {
        "the VIP becomes the first address of the network, and the source of what this host sends there: \
         real servers do not answer it, and clients get no answer"
    } else {
        "the kernel deletes the VIP, too, and clients get no answer"
    };
    let finding = Finding::note(
        FindingKind::VipWithLease,
        format!(
            "{} is a secondary address of {}, which has a limited lifetime",
            entry.address, leased.address.prefix
        ),
        format!(
            "As long as the lease is renewed, nothing happens. When it ends, {becomes}. With the prefix /32, \
             the VIP does not depend on it."
        ),
    );
    Some(finding.fix_all(first_address::shortened(view, entry)))
}
