//! Packets that come out of a tunnel, and the kernel's check of where they come from.

use super::{Transaction, setting};
use crate::{
    ConfTarget, DeviceName, Error, HostError, Ipv4Conf, Report, Step, Sysctl, SysctlOutcome,
    changes::journal::{Change, Target},
};

/// Has the kernel take packets from any source on a device, and be as strict as before on all
/// others.
///
/// Clients' packets leave a tunnel by a device that no answer would go by, so `rp_filter` drops
/// them. What holds is the larger of the value in `all` and on the device: for it to be off here,
/// it must be off in `all`, and then every other device needs the value of `all` for itself.
pub(super) fn fulfil(
    transaction: &mut Transaction<'_>,
    device: &DeviceName,
    others: &[DeviceName],
    report: &mut Report,
) -> Result<(), Error> {
    let all = key(ConfTarget::All);
    let floor = floor(transaction, &all)?;
    if floor > 0 {
        let others = others.iter().cloned().map(ConfTarget::Device);
        for target in others.chain([ConfTarget::Default]) {
            let own = match transaction.host.read_sysctl(&key(target.clone())) {
                // It went since it was listed.
                Err(Error::Host(HostError::NoSuchSysctl { .. })) => continue,
                own => own?,
            };
            let step = setting::set(transaction, key(target), own.max(floor))?;
            if !is_nothing_new(&step) {
                report.push(step);
            }
        }
    }
    for target in [all, key(ConfTarget::Device(device.clone()))] {
        report.push(setting::set(transaction, target, 0)?);
    }
    Ok(())
}

/// What `all` holds for every device, or held until an earlier set-up lowered it.
fn floor(transaction: &Transaction<'_>, all: &Sysctl) -> Result<i64, Error> {
    let current = transaction.host.read_sysctl(all)?;
    let lowered_from = match transaction.recorded(&Target::Sysctl(all.clone())) {
        Some(Change::Sysctl(earlier)) if current == earlier.after => earlier.before,
        _ => current,
    };
    Ok(current.max(lowered_from))
}

fn key(target: ConfTarget) -> Sysctl {
    Sysctl::ipv4_conf(target, Ipv4Conf::RpFilter)
}

fn is_nothing_new(step: &Step) -> bool {
    matches!(
        step,
        Step::Sysctl {
            outcome: SysctlOutcome::AlreadySet { .. },
            ..
        }
    )
}
