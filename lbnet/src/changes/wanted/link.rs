//! Adds and deletes the devices that a set-up needs.

use std::net::IpAddr;

use super::{Mark, Transaction, udev};
use crate::{
    Address, Conflict, DeviceName, Error, Host, HostError, Link, LinkKind, LinkState, NewLink,
    NewLinkKind, ObjectOutcome, Report, Step, TunnelLink,
    changes::journal::{Change, Target},
};

pub(super) async fn check(transaction: &Transaction<'_>, wanted: &NewLink) -> Result<(), Error> {
    let links = transaction.host.links().await?;
    let of_this_name = links.iter().find(|link| link.name == wanted.name);
    match of_this_name {
        Some(present) if !present.is_as(wanted) && !is_replaceable(transaction, present) => {
            Err(differs(wanted, present))
        }
        // A device of this crate is switched on again.
        Some(present) if present.state == LinkState::Down && !present.is_marked() => {
            Err(Error::Host(HostError::LinkDown {
                device: wanted.name.clone(),
            }))
        }
        Some(_) => Ok(()),
        None => match links.iter().find(|link| has_same_ends(link, wanted)) {
            Some(found) => Err(Error::Conflict(Conflict::TunnelExists {
                wanted: Box::new(wanted.clone()),
                found: found.name.clone(),
            })),
            None => Ok(()),
        },
    }
}

fn differs(wanted: &NewLink, present: &Link) -> Error {
    Error::Conflict(Conflict::LinkDiffers {
        wanted: Box::new(wanted.clone()),
        found: match &present.kind {
            Some(kind) => kind.to_string(),
            None => "not a virtual device".to_owned(),
        },
    })
}

pub(super) async fn fulfil(
    transaction: &mut Transaction<'_>,
    wanted: &NewLink,
    report: &mut Report,
) -> Result<(), Error> {
    let host = transaction.host;
    let mut present = find(host, &wanted.name).await?;
    if let Some(earlier) = present.take_if(|present| !present.is_as(wanted)) {
        report.push(replace(transaction, wanted, &earlier).await?);
    }
    let outcome = if let Some(present) = present {
        let mark = Mark::of(present.is_marked());
        transaction.found(Change::Link(wanted.clone()), mark);
        match present.state {
            LinkState::Up => ObjectOutcome::AlreadyExists,
            LinkState::Down => {
                host.set_link_state(&wanted.name, LinkState::Up).await?;
                ObjectOutcome::SwitchedOn
            }
        }
    } else {
        transaction.record(Change::Link(wanted.clone()))?;
        host.add_link(wanted).await?;
        if let Some(added) = find(host, &wanted.name).await? {
            udev::settle(host, &added).await;
        }
        ObjectOutcome::Added
    };
    report.push(Step::Link {
        link: wanted.clone(),
        outcome,
    });
    Ok(())
}

/// Returns whether only this set-up added the device, with other options.
fn is_replaceable(transaction: &Transaction<'_>, present: &Link) -> bool {
    match transaction.recorded_for_this_alone(&Target::Link(present.name.clone())) {
        Some(Change::Link(earlier)) => present.is_marked() && present.is_as(earlier),
        _ => false,
    }
}

/// Deletes a device that has the name of the wanted one, if only earlier options of this set-up
/// needed it.
async fn replace(
    transaction: &mut Transaction<'_>,
    wanted: &NewLink,
    present: &Link,
) -> Result<Step, Error> {
    let target = Target::Link(wanted.name.clone());
    let earlier = match transaction.recorded_for_this_alone(&target) {
        Some(Change::Link(earlier)) if is_replaceable(transaction, present) => earlier.clone(),
        _ => return Err(differs(wanted, present)),
    };
    let step = undo(transaction.host, earlier.clone()).await?;
    if let Step::Link {
        outcome: ObjectOutcome::UsedByOthers,
        ..
    } = step
    {
        return Err(differs(wanted, present));
    }
    transaction.replaces(Change::Link(earlier));
    Ok(step)
}

/// Restores a device that was replaced, with its recorded settings.
pub(in crate::changes) async fn restore(
    transaction: &mut Transaction<'_>,
    link: NewLink,
) -> Result<(), Error> {
    let host = transaction.host;
    if find(host, &link.name).await?.is_some() {
        host.delete_link(&link.name).await?;
    }
    transaction.record(Change::Link(link.clone()))?;
    host.add_link(&link).await?;
    for (key, value) in transaction.settings_of(&link.name) {
        host.write_sysctl(&key, value)?;
    }
    Ok(())
}

pub(in crate::changes) async fn undo(host: &Host, link: NewLink) -> Result<Step, Error> {
    let outcome = match find(host, &link.name).await? {
        None => ObjectOutcome::AlreadyGone,
        Some(present) if !present.is_marked() || !present.is_as(&link) => {
            ObjectOutcome::AddedByOthers
        }
        Some(_) if has_addresses_of_others(host, &link.name).await? => ObjectOutcome::UsedByOthers,
        Some(_) => match host.delete_link(&link.name).await {
            Ok(()) => ObjectOutcome::Deleted,
            Err(Error::Host(HostError::NoSuchDevice { .. })) => ObjectOutcome::AlreadyGone,
            Err(error) => return Err(error),
        },
    };
    Ok(Step::Link { link, outcome })
}

/// Returns whether the device has addresses that no set-up added. Addresses of set-ups have been
/// deleted by now, and link-local addresses belong to nobody.
async fn has_addresses_of_others(host: &Host, device: &DeviceName) -> Result<bool, Error> {
    let all = host.addresses().await?;
    Ok(all.into_iter().any(|status| {
        let Address {
            prefix, device: on, ..
        } = status.address;
        on == *device && !is_of_the_link(prefix.address())
    }))
}

/// Returns whether the kernel added the address by itself. Every device gets a link-local address.
/// A `sit` device also gets the IPv4 address of its endpoint after 96 zero bits.
fn is_of_the_link(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(_) => false,
        IpAddr::V6(ip) => ip.is_unicast_link_local() || ip.to_bits() >> 32 == 0,
    }
}

async fn find(host: &Host, name: &DeviceName) -> Result<Option<Link>, Error> {
    match host.link(name).await {
        Ok(link) => Ok(Some(link)),
        Err(Error::Host(HostError::NoSuchDevice { .. })) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Returns whether the kernel would refuse a second tunnel like this one. It distinguishes tunnels
/// only by kind, endpoints and key.
fn has_same_ends(link: &Link, wanted: &NewLink) -> bool {
    match (&link.kind, wanted.kind) {
        (Some(LinkKind::Tunnel(tunnel)), NewLinkKind::Tunnel(wanted)) => {
            let ends = |it: &TunnelLink| (it.kind, it.local, it.remote, it.key);
            ends(tunnel) == ends(&wanted)
        }
        _ => false,
    }
}
