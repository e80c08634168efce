//! Whether a VIP is where it was put.

use super::vip as balanced;
use crate::{
    Director, IpPrefix,
    check::{Finding, FindingKind, view::HostView, vip},
};

pub(super) fn check(view: &HostView, director: &Director) -> Vec<Finding> {
    let (wanted, device) = (director.vip(), director.device());
    let up = format!("ipvs-rs director up --vip {wanted} --device {device}");
    let entries: Vec<_> = view.carriers(wanted.address()).collect();
    let Some(entry) = entries.first() else {
        return vec![balanced::missing(view, wanted.address())];
    };
    if let Some(down) = vip::on_a_device_that_is_down(view, wanted.address()) {
        return vec![down];
    }
    let mut on_device = entries.iter().filter(|it| it.address.device == *device);
    let finding = match on_device.next() {
        None => Finding::problem(
            FindingKind::VipOnWrongDevice,
            format!("{wanted} is on {}, not on {device}", entry.address.device),
            format!(
                "Whoever asks for it behind {device} may get no answer, and announcements are not \
                 heard there."
            ),
        ),
        Some(here) if here.address.prefix == wanted => return Vec::new(),
        Some(here) => wrong_prefix(wanted, here.address.prefix),
    };
    let wrong = entries
        .iter()
        .filter(|it| it.address.prefix != wanted || it.address.device != *device);
    vec![finding.mend_all(wrong.map(|it| vip::delete(it))).mend(up)]
}

fn wrong_prefix(wanted: IpPrefix, there: IpPrefix) -> Finding {
    Finding::warning(
        FindingKind::VipWithWrongPrefix,
        format!(
            "{} has the prefix /{}, not /{}",
            wanted.address(),
            there.length(),
            wanted.length()
        ),
        "This host takes others for its neighbours than it should, and answers clients by another \
         way than it should.",
    )
}
