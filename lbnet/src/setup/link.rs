//! Wanted devices.

use super::Transaction;
use crate::{
    DeviceName, Error, Host, Link, LinkKind, LinkState, NewLink, NewLinkKind, Outcome, Step,
    journal::{Change, Target},
};

pub(super) async fn check(host: &Host, wanted: &NewLink) -> Result<(), Error> {
    let links = host.links().await?;
    let of_this_name = links.iter().find(|link| link.name == wanted.name);
    match of_this_name {
        Some(present) if !present.is_as(wanted) => Err(Error::LinkDiffers {
            wanted: wanted.clone(),
            found: match &present.kind {
                Some(kind) => kind.to_string(),
                None => "no virtual device".to_owned(),
            },
        }),
        // One of ours is switched on again.
        Some(present) if present.state == LinkState::Down && !present.is_marked() => {
            Err(Error::LinkDown {
                device: wanted.name.clone(),
            })
        }
        Some(_) => Ok(()),
        None => match links.iter().find(|link| has_same_ends(link, wanted)) {
            Some(found) => Err(Error::TunnelElsewhere {
                wanted: wanted.clone(),
                found: found.name.clone(),
            }),
            None => Ok(()),
        },
    }
}

pub(super) async fn fulfil(
    transaction: &mut Transaction<'_>,
    wanted: &NewLink,
) -> Result<Step, Error> {
    let outcome = match find(transaction.host, &wanted.name).await? {
        Some(present) if present.is_as(wanted) => {
            transaction.join(&Target::Link(wanted.name.clone()))?;
            match present.state {
                LinkState::Up => Outcome::AlreadyThere,
                LinkState::Down => {
                    let up = transaction.host.set_link_state(&wanted.name, LinkState::Up);
                    up.await?;
                    Outcome::SwitchedOn
                }
            }
        }
        _ => {
            transaction.record(Change::Link(wanted.clone()))?;
            transaction.host.add_link(wanted).await?;
            Outcome::Added
        }
    };
    Ok(Step::Link {
        link: wanted.clone(),
        outcome,
    })
}

pub(super) async fn undo(host: &Host, link: NewLink) -> Result<Step, Error> {
    let outcome = match find(host, &link.name).await? {
        None => Outcome::AlreadyGone,
        Some(present) if !present.is_marked() || !present.is_as(&link) => Outcome::NotOurs,
        Some(_) => match host.delete_link(&link.name).await {
            Ok(()) => Outcome::Deleted,
            Err(Error::NoSuchDevice { .. }) => Outcome::AlreadyGone,
            Err(error) => return Err(error),
        },
    };
    Ok(Step::Link { link, outcome })
}

async fn find(host: &Host, name: &DeviceName) -> Result<Option<Link>, Error> {
    match host.link(name).await {
        Ok(link) => Ok(Some(link)),
        Err(Error::NoSuchDevice { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the kernel would refuse a second tunnel like this one: it tells them apart by their kind
/// and ends alone.
fn has_same_ends(link: &Link, wanted: &NewLink) -> bool {
    match (&link.kind, wanted.kind) {
        (Some(LinkKind::Tunnel(tunnel)), NewLinkKind::Tunnel(wanted)) => {
            (tunnel.kind, tunnel.local, tunnel.remote) == (wanted.kind, wanted.local, wanted.remote)
        }
        _ => false,
    }
}
