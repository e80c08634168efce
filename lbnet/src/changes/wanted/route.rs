//! Adds and deletes the host routes that a set-up needs.

use super::{Mark, Transaction};
use crate::{
    Conflict, Error, Host, HostError, HostRoute, HostRouteStatus, LinkState, ObjectOutcome, Step,
    changes::journal::Change, model::mark,
};

pub(super) async fn check(host: &Host, wanted: &HostRoute) -> Result<(), Error> {
    if host.link(&wanted.device).await?.state == LinkState::Down {
        return Err(Error::Host(HostError::LinkDown {
            device: wanted.device.clone(),
        }));
    }
    let elsewhere = host.host_routes().await?.into_iter().find(|status| {
        status.route.destination == wanted.destination
            && status.route.kind == wanted.kind
            && status.route.device != wanted.device
    });
    match elsewhere {
        Some(found) => Err(Error::Conflict(Conflict::RouteElsewhere {
            wanted: wanted.clone(),
            found: found.route,
        })),
        None => Ok(()),
    }
}

pub(super) async fn foresee(
    transaction: &mut Transaction<'_>,
    wanted: &HostRoute,
) -> Result<(), Error> {
    if !is_there(transaction.host, wanted).await? {
        transaction.foresee(Change::Route(wanted.clone()));
    }
    Ok(())
}

pub(super) async fn fulfil(
    transaction: &mut Transaction<'_>,
    wanted: &HostRoute,
) -> Result<Step, Error> {
    let change = Change::Route(wanted.clone());
    let target = change.target();
    if let Some(present) = find(transaction.host, wanted).await? {
        transaction.found(change, Mark::of(present.protocol == mark::PROTOCOL));
        return Ok(Step::Route {
            route: wanted.clone(),
            outcome: ObjectOutcome::AlreadyExists,
        });
    }
    transaction.record(change)?;
    let outcome = match transaction.host.add_host_route(wanted).await {
        Ok(()) => ObjectOutcome::Added,
        Err(Error::Host(HostError::RouteExists { route })) => {
            transaction.forget(&target);
            // Another program added it at the same time, so it belongs to that program; or there is
            // a route with a gateway.
            if !is_there(transaction.host, wanted).await? {
                return Err(Error::Host(HostError::RouteExists { route }));
            }
            ObjectOutcome::AlreadyExists
        }
        Err(error) => return Err(error),
    };
    Ok(Step::Route {
        route: wanted.clone(),
        outcome,
    })
}

pub(in crate::changes) async fn undo(host: &Host, route: HostRoute) -> Result<Step, Error> {
    let outcome = match host.delete_host_route(&route).await {
        Ok(()) => ObjectOutcome::Deleted,
        Err(Error::Host(HostError::RouteNotFound { .. } | HostError::NoSuchDevice { .. })) => {
            // The kernel finds only routes with our mark: one that stays belongs to another
            // program.
            if is_there(host, &route).await? {
                ObjectOutcome::AddedByOthers
            } else {
                ObjectOutcome::AlreadyGone
            }
        }
        Err(error) => return Err(error),
    };
    Ok(Step::Route { route, outcome })
}

async fn is_there(host: &Host, wanted: &HostRoute) -> Result<bool, Error> {
    Ok(find(host, wanted).await?.is_some())
}

async fn find(host: &Host, wanted: &HostRoute) -> Result<Option<HostRouteStatus>, Error> {
    let routes = host.host_routes().await?;
    Ok(routes.into_iter().find(|status| status.route == *wanted))
}
