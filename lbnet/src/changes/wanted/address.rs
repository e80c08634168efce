//! Adds and deletes the addresses that a set-up needs.

use super::{Mark, Transaction, setting};
use crate::{
    Address, AddressStatus, ConfTarget, Conflict, DeviceName, DuplicateState, Error, Host,
    HostError, Ipv4Conf, Ipv6Conf, LinkState, ObjectOutcome, Report, Step, Sysctl,
    changes::journal::{Change, SysctlChange},
    model::{address::check_label, mark},
};

pub(super) async fn check(transaction: &Transaction<'_>, wanted: &Address) -> Result<(), Error> {
    let host = transaction.host;
    check_label(wanted)?;
    // If the loopback device is down, this host cannot reach its own addresses. Another device may
    // come up later, or be added later: the address then starts to work.
    if wanted.device == DeviceName::loopback()
        && host.link(&wanted.device).await?.state == LinkState::Down
    {
        return Err(Error::Host(HostError::LinkDown {
            device: wanted.device.clone(),
        }));
    }
    let vip = wanted.prefix.address();
    if vip.is_ipv6() {
        check_ipv6(host, wanted)?;
    }
    // Its own ones were added without detection.
    if let Some(there) = find(host, wanted)
        .await?
        .filter(|it| it.duplicate != DuplicateState::NoneKnown)
    {
        return Err(Error::Host(HostError::AddressNotUsed {
            address: there.address,
            state: there.duplicate,
        }));
    }
    let elsewhere = host.addresses().await?.into_iter().find(|status| {
        status.address.prefix.address() == vip
            && !status.address.is_same_entry(wanted)
            && !is_replaceable(transaction, status)
    });
    match elsewhere {
        Some(found) => Err(Error::Conflict(Conflict::AddressElsewhere {
            wanted: Box::new(wanted.clone()),
            found: Box::new(found.address),
        })),
        None => Ok(()),
    }
}

/// Refuses an IPv6 address where the kernel would: it says no more than that it is not permitted.
pub(crate) fn check_ipv6(host: &Host, wanted: &Address) -> Result<(), Error> {
    let key = |target| Sysctl::ipv6_conf(target, Ipv6Conf::DisableIpv6);
    let of_device = key(ConfTarget::Device(wanted.device.clone()));
    // A device that is added later starts with the value of `default`.
    for key in [of_device, key(ConfTarget::Default)] {
        match host.read_sysctl(&key) {
            Err(Error::Host(HostError::NoSuchSysctl { .. })) => {}
            Ok(0) => return Ok(()),
            Ok(_) => {
                return Err(Error::Host(HostError::Ipv6Disabled {
                    address: wanted.clone(),
                    key,
                }));
            }
            Err(error) => return Err(error),
        }
    }
    Err(Error::Host(HostError::NoIpv6 {
        address: wanted.clone(),
    }))
}

pub(super) async fn foresee(
    transaction: &mut Transaction<'_>,
    wanted: &Address,
) -> Result<(), Error> {
    if find(transaction.host, wanted).await?.is_none() {
        transaction.foresee(Change::Address(wanted.clone()));
    }
    Ok(())
}

pub(super) async fn fulfil(
    transaction: &mut Transaction<'_>,
    wanted: &Address,
    report: &mut Report,
) -> Result<(), Error> {
    let change = Change::Address(wanted.clone());
    let target = change.target();
    let mut present = find(transaction.host, wanted).await?;
    // The kernel does not change the label of an existing address.
    if let Some(earlier) = present.take_if(|present| {
        label(&present.address) != label(wanted)
            && is_replaceable(transaction, present)
            && !was_added_with_the_label_of(wanted, transaction)
    }) {
        transaction.replaces(Change::Address(earlier.address.clone()));
        report.push(undo(transaction, earlier.address).await?);
    }
    if let Some(present) = present {
        let mark = Mark::of(present.origin == Some(mark::PROTOCOL));
        transaction.found(change, mark);
        report.push(Step::Address {
            address: present.address,
            outcome: ObjectOutcome::AlreadyExists,
        });
        return Ok(());
    }
    transaction.record(change)?;
    let outcome = match transaction.host.add_address(wanted).await {
        Ok(()) => ObjectOutcome::Added,
        // Another program added it at the same time, so it belongs to that program.
        Err(Error::Host(HostError::AddressExists { .. })) => {
            transaction.forget(&target);
            ObjectOutcome::AlreadyExists
        }
        Err(error) => return Err(error),
    };
    report.push(Step::Address {
        address: wanted.clone(),
        outcome,
    });
    Ok(())
}

/// Returns the label in the kernel, which labels an IPv4 address with the name of its device if the
/// request has no label.
fn label(address: &Address) -> &str {
    let label = address.label.as_deref();
    label.unwrap_or(address.device.as_str())
}

/// Returns whether the address was added with this label, although it has another one now. The kernel
/// changes labels when it renames a device: `eth0` may become `lan0:2`.
fn was_added_with_the_label_of(wanted: &Address, transaction: &Transaction<'_>) -> bool {
    let target = Change::Address(wanted.clone()).target();
    match transaction.recorded(&target) {
        Some(Change::Address(earlier)) => earlier.label == wanted.label,
        _ => false,
    }
}

/// Returns whether only this set-up added the address, with other options.
fn is_replaceable(transaction: &Transaction<'_>, present: &AddressStatus) -> bool {
    let target = Change::Address(present.address.clone()).target();
    let is_marked = present.origin.is_none_or(|origin| origin == mark::PROTOCOL);
    is_marked && transaction.recorded_for_this_alone(&target).is_some()
}

/// Restores an address that was replaced.
pub(in crate::changes) async fn restore(
    transaction: &mut Transaction<'_>,
    address: Address,
) -> Result<(), Error> {
    if find(transaction.host, &address).await?.is_some() {
        transaction.host.delete_address(&address).await?;
    }
    transaction.record(Change::Address(address.clone()))?;
    transaction.host.add_address(&address).await
}

pub(in crate::changes) async fn undo(
    transaction: &mut Transaction<'_>,
    address: Address,
) -> Result<Step, Error> {
    let all = transaction.host.addresses().await?;
    let outcome = match all
        .iter()
        .find(|status| status.address.is_same_entry(&address))
    {
        None => ObjectOutcome::AlreadyGone,
        Some(present) if !is_ours(present, &all) => ObjectOutcome::AddedByOthers,
        Some(present) => {
            if present.has_followers(&all) {
                delete_keeping_followers(transaction, &address).await?
            } else {
                delete(transaction.host, &address).await?
            }
        }
    };
    Ok(Step::Address { address, outcome })
}

/// Returns a step about an existing address, for a report that would not mention it.
pub(in crate::changes) async fn mention_if_there(
    host: &Host,
    wanted: &Address,
) -> Result<Option<Step>, Error> {
    let present = find(host, wanted).await?;
    Ok(present.map(|status| Step::Address {
        address: status.address,
        outcome: ObjectOutcome::AddedByOthers,
    }))
}

async fn find(host: &Host, wanted: &Address) -> Result<Option<AddressStatus>, Error> {
    let addresses = host.addresses().await?;
    Ok(addresses
        .into_iter()
        .find(|status| status.address.is_same_entry(wanted)))
}

async fn delete(host: &Host, address: &Address) -> Result<ObjectOutcome, Error> {
    match host.delete_address(address).await {
        Ok(()) => Ok(ObjectOutcome::Deleted),
        Err(Error::Host(HostError::AddressNotFound { .. } | HostError::NoSuchDevice { .. })) => {
            Ok(ObjectOutcome::AlreadyGone)
        }
        Err(error) => Err(error),
    }
}

/// Returns whether the address still is the one that was added. Another program may have deleted it
/// and added its own. Some kernels keep no marks and show none on any address, not even on
/// 127.0.0.1. With these kernels, the entry in the journal has to suffice.
fn is_ours(present: &AddressStatus, all: &[AddressStatus]) -> bool {
    let kernel_keeps_marks = all.iter().any(|status| status.origin.is_some());
    present.origin == Some(mark::PROTOCOL) || !kernel_keeps_marks
}

/// Deletes an address, and makes the kernel promote the next address of the network instead of
/// deleting all. The journal records the setting for this while it is changed.
async fn delete_keeping_followers(
    transaction: &mut Transaction<'_>,
    address: &Address,
) -> Result<ObjectOutcome, Error> {
    let device = ConfTarget::Device(address.device.clone());
    let key = Sysctl::ipv4_conf(device, Ipv4Conf::PromoteSecondaries);
    let before = transaction.host.read_sysctl(&key)?;
    if before != 0 {
        return delete(transaction.host, address).await;
    }
    let change = SysctlChange {
        key,
        before,
        after: 1,
        also: Vec::new(),
    };
    let target = Change::Sysctl(change.clone()).target();
    transaction.record(Change::Sysctl(change.clone()))?;
    transaction.host.write_sysctl(&change.key, change.after)?;
    let outcome = delete(transaction.host, address).await;
    setting::undo(transaction.host, change)?;
    transaction.forget(&target);
    outcome
}
