//! Lets decapsulated packets pass the kernel's reverse-path filter.

use super::{Transaction, setting};
use crate::{
    ConfTarget, DeviceName, Error, HostError, Ipv4Conf, Report, Step, Sysctl, SysctlOutcome,
    changes::journal::{Change, Target},
};

/// Makes the kernel accept packets from any source on a device. All other devices stay as strict as
/// before.
///
/// Decapsulated packets arrive on a tunnel device, but replies leave by another device, so
/// `rp_filter` drops the packets. The kernel uses the larger of the values in `all` and on the
/// device. The value in `all` must therefore become 0, and every other device needs the previous
/// value of `all` as its own.
pub(super) fn fulfil(
    transaction: &mut Transaction<'_>,
    device: &DeviceName,
    others: &[DeviceName],
    report: &mut Report,
) -> Result<(), Error> {
    for (key, value) in raised(transaction, others)? {
        let step = setting::set(transaction, key, value)?;
        if !is_nothing_new(&step) {
            report.push(step);
        }
    }
    let all = key(ConfTarget::All);
    for target in [all, key(ConfTarget::Device(device.clone()))] {
        report.push(setting::set(transaction, target, 0)?);
    }
    Ok(())
}

/// Returns the settings that must be changed, except for those of a device that is not there yet.
pub(super) fn needed(
    transaction: &Transaction<'_>,
    device: &DeviceName,
    others: &[DeviceName],
) -> Result<Vec<(Sysctl, i64)>, Error> {
    let mut needed = raised(transaction, others)?;
    let off = [ConfTarget::All, ConfTarget::Device(device.clone())];
    needed.extend(off.map(|target| (key(target), 0)));
    needed.retain(|(key, value)| {
        let current = transaction.host.read_sysctl(key);
        current.is_ok_and(|current| current != *value)
    });
    Ok(needed)
}

/// Returns the values that keep other devices as strict as they are.
fn raised(
    transaction: &Transaction<'_>,
    others: &[DeviceName],
) -> Result<Vec<(Sysctl, i64)>, Error> {
    let floor = floor(transaction, &key(ConfTarget::All))?;
    let mut raised = Vec::new();
    if floor > 0 {
        let others = others.iter().cloned().map(ConfTarget::Device);
        for target in others.chain([ConfTarget::Default]) {
            match transaction.host.read_sysctl(&key(target.clone())) {
                // The device was deleted since it was listed.
                Err(Error::Host(HostError::NoSuchSysctl { .. })) => {}
                own => raised.push((key(target), own?.max(floor))),
            }
        }
    }
    Ok(raised)
}

/// Returns the lower limit that `all` sets, or set until an earlier set-up lowered it.
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
