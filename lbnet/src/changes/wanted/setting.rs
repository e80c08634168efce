//! Changes the settings that a set-up needs, and restores them.

use super::Transaction;
use crate::{
    ConfTarget, Conflict, DeviceName, Error, Host, HostError, Ipv4Conf, Step, Sysctl,
    SysctlOutcome,
    changes::journal::{Change, SideEffect, SysctlChange, Target},
    host::sysctl::implied,
};

/// A setting that must have a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Setting {
    /// The setting must have this value.
    Exactly { key: Sysctl, value: i64 },
    /// The effective value on a device must be one of several, wherever it is set.
    Effective(Effective),
}

/// The effective value that a device must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Effective {
    pub(crate) device: DeviceName,
    pub(crate) key: Ipv4Conf,
    /// The value to write on the device if the effective value is not sufficient.
    pub(crate) value: i64,
    /// The sufficient values.
    pub(crate) enough: &'static [i64],
}

impl Effective {
    fn on_device(&self) -> Sysctl {
        Sysctl::ipv4_conf(ConfTarget::Device(self.device.clone()), self.key)
    }

    fn on_all(&self) -> Sysctl {
        Sysctl::ipv4_conf(ConfTarget::All, self.key)
    }

    fn is_enough(&self, all: i64, device: i64) -> bool {
        self.enough.contains(&self.key.effective(all, device))
    }
}

impl Setting {
    /// Returns the setting that would be written.
    fn key(&self) -> Sysctl {
        match self {
            Self::Exactly { key, .. } => key.clone(),
            Self::Effective(wanted) => wanted.on_device(),
        }
    }
}

pub(super) fn check(host: &Host, setting: &Setting) -> Result<(), Error> {
    match setting {
        Setting::Exactly { key, .. } => host.read_sysctl(key).map(drop),
        Setting::Effective(wanted) => {
            let all = host.read_sysctl(&wanted.on_all())?;
            let device = host.read_sysctl(&wanted.on_device())?;
            if wanted.is_enough(all, device) || wanted.is_enough(all, wanted.value) {
                Ok(())
            } else {
                Err(Error::Conflict(Conflict::SysctlBlocks {
                    key: wanted.on_all(),
                    value: all,
                    device: wanted.device.clone(),
                    instead: wanted.value,
                }))
            }
        }
    }
}

/// Returns the value that a setting must be given, if it does not suffice as it is.
pub(super) fn needed(host: &Host, setting: &Setting) -> Result<Option<(Sysctl, i64)>, Error> {
    let (key, value) = match setting {
        Setting::Exactly { key, value } => (key.clone(), *value),
        Setting::Effective(wanted) => {
            let all = host.read_sysctl(&wanted.on_all())?;
            let device = host.read_sysctl(&wanted.on_device())?;
            if wanted.is_enough(all, device) {
                return Ok(None);
            }
            (wanted.on_device(), wanted.value)
        }
    };
    let suffices = host.read_sysctl(&key)? == value;
    Ok((!suffices).then_some((key, value)))
}

pub(super) fn foresee(transaction: &mut Transaction<'_>, setting: &Setting) -> Result<(), Error> {
    let host = transaction.host;
    let Some((key, after)) = needed(host, setting)? else {
        transaction.join(&Target::Sysctl(setting.key()));
        return Ok(());
    };
    if transaction.recorded(&Target::Sysctl(key.clone())).is_none() {
        let before = host.read_sysctl(&key)?;
        let also = side_effects(host, &key, before)?;
        transaction.foresee(Change::Sysctl(SysctlChange {
            key,
            before,
            after,
            also,
        }));
    }
    Ok(())
}

pub(super) fn fulfil(transaction: &mut Transaction<'_>, setting: &Setting) -> Result<Step, Error> {
    match setting {
        Setting::Exactly { key, value } => set(transaction, key.clone(), *value),
        Setting::Effective(wanted) => {
            let all = transaction.host.read_sysctl(&wanted.on_all())?;
            let device = transaction.host.read_sysctl(&wanted.on_device())?;
            if !wanted.is_enough(all, device) {
                return set(transaction, wanted.on_device(), wanted.value);
            }
            // If an earlier set-up made it sufficient, it must stay so for this set-up too.
            transaction.join(&Target::Sysctl(wanted.on_device()));
            let (key, value) = if wanted.key.effective(all, device) == device {
                (wanted.on_device(), device)
            } else {
                (wanted.on_all(), all)
            };
            Ok(Step::Sysctl {
                key,
                outcome: SysctlOutcome::AlreadySet { value },
            })
        }
    }
}

pub(super) fn set(
    transaction: &mut Transaction<'_>,
    key: Sysctl,
    value: i64,
) -> Result<Step, Error> {
    let target = Target::Sysctl(key.clone());
    let current = transaction.host.read_sysctl(&key)?;
    if current == value {
        transaction.join(&target);
        return Ok(Step::Sysctl {
            key,
            outcome: SysctlOutcome::AlreadySet { value },
        });
    }
    let (before, also) = match transaction.recorded(&target) {
        // This crate set the present value, so it may change it.
        Some(Change::Sysctl(earlier)) if current == earlier.after => {
            (earlier.before, earlier.also.clone())
        }
        // A crash happened before the change was made, or while it was being undone. Finish the
        // undoing first: otherwise, values that the kernel set would be recorded as intended.
        Some(Change::Sysctl(earlier)) if current == earlier.before => {
            undo_side_effects(transaction.host, &earlier.also, current)?;
            (current, side_effects(transaction.host, &key, current)?)
        }
        // Another program has set this value since, so it is the one to restore later.
        _ => (current, side_effects(transaction.host, &key, current)?),
    };
    let change = SysctlChange {
        key: key.clone(),
        before,
        after: value,
        also,
    };
    transaction.record(Change::Sysctl(change))?;
    transaction.host.write_sysctl(&key, value)?;
    Ok(Step::Sysctl {
        key,
        outcome: SysctlOutcome::Set {
            value,
            was: current,
        },
    })
}

/// Returns the other settings that the kernel changes when `key` is written, if writing `before`
/// again would not restore them.
fn side_effects(host: &Host, key: &Sysctl, before: i64) -> Result<Vec<SideEffect>, Error> {
    let mut also = Vec::new();
    for key in host.set_along_with(key)? {
        let value = match host.read_sysctl(&key) {
            Err(Error::Host(HostError::NoSuchSysctl { .. })) => continue,
            value => value?,
        };
        if value != implied(&key, before) {
            also.push(SideEffect { key, before: value });
        }
    }
    Ok(also)
}

/// Restores the old value of a setting, unless another program has changed it.
pub(in crate::changes) fn undo(host: &Host, change: SysctlChange) -> Result<Step, Error> {
    let key = change.key.clone();
    let outcome = match restore(host, change) {
        // Its device may be deleted at any moment.
        Err(Error::Host(HostError::NoSuchSysctl { .. })) => SysctlOutcome::AlreadyGone,
        outcome => outcome?,
    };
    Ok(Step::Sysctl { key, outcome })
}

fn restore(host: &Host, change: SysctlChange) -> Result<SysctlOutcome, Error> {
    let SysctlChange {
        key,
        before,
        after,
        also,
    } = change;
    let current = host.read_sysctl(&key)?;
    Ok(if current == before {
        undo_side_effects(host, &also, before)?;
        SysctlOutcome::AlreadyRestored { value: before }
    } else if current == after {
        host.write_sysctl(&key, before)?;
        undo_side_effects(host, &also, before)?;
        SysctlOutcome::Restored {
            value: before,
            was: after,
        }
    } else {
        SysctlOutcome::ChangedByOthers {
            value: current,
            set_to: after,
            was: before,
        }
    })
}

/// Restores the settings that the kernel changed along with another one, unless another program has
/// changed them since. It can safely run again after a crash, and goes on to the end whatever one of them
/// meets.
fn undo_side_effects(host: &Host, also: &[SideEffect], written: i64) -> Result<(), Error> {
    let undo = |SideEffect { key, before }: &SideEffect| {
        if host.read_sysctl(key)? == implied(key, written) {
            host.write_sysctl(key, *before)?;
        }
        Ok(())
    };
    let undone = also.iter().map(|effect| match undo(effect) {
        Err(Error::Host(HostError::NoSuchSysctl { .. })) => Ok(()),
        undone => undone,
    });
    undone.fold(Ok(()), Result::and)
}
