//! Whether the replies of a masqueraded real server go to the director.

use std::net::IpAddr;

use crate::{
    ConfTarget, DeviceName, GatewayCheck, Ipv6Conf, Link, Route, Sysctl,
    node::doctor::{
        expected::{ExpectedServer, Forwarded, Replies},
        finding::{Finding, FindingKind},
        remedy::Remedy,
        view::{HostView, Question},
    },
};

pub(super) fn check(view: &HostView, expected: &ExpectedServer) -> Vec<Finding> {
    let Forwarded::Masqueraded {
        replies: Replies::Through(director),
    } = expected.forwarded
    else {
        return Vec::new();
    };
    let another = another(view, director);
    another
        .into_iter()
        .chain(redirected(view, director))
        .collect()
}

/// For IPv6 a director cannot be told to send no redirects (there is no `send_redirects`).
fn redirected(view: &HostView, director: IpAddr) -> Option<Finding> {
    if director.is_ipv4() {
        return None;
    }
    let mut ways = view.routes.iter();
    let way = ways.find(|route| route.destination.is_none() && route.gateway == Some(director))?;
    let own = ConfTarget::Device(way.device.clone());
    let key = Sysctl::ipv6_conf(own, Ipv6Conf::AcceptRedirects);
    if view.settings.get(&key)? == 0 {
        return None;
    }
    let finding = Finding::note(
        FindingKind::RedirectsAccepted,
        format!("{key} is not 0"),
        "If clients are behind the same device, the director tells this host a shorter route to them: \
         from the second connection on, clients get replies from an address that they do not know.",
    );
    Some(finding.fix(Remedy::set(key, 0)))
}

/// Whether two addresses are of one neighbour: a gateway is often known by its link-local address.
fn is_same_host(view: &HostView, device: &DeviceName, one: IpAddr, other: IpAddr) -> bool {
    let macs = |address: IpAddr| {
        let answered = view.answers.holders();
        let answered = answered.filter(move |it| it.address == address && it.device == *device);
        let known = view.neighbours.iter();
        let known = known.filter(move |it| it.address == address && it.device == *device);
        let known = known.filter_map(|it| it.mac);
        answered.map(|it| it.mac).chain(known).collect::<Vec<_>>()
    };
    let others = macs(other);
    one == other || macs(one).iter().any(|mac| others.contains(mac))
}

/// The neighbours that may be one host.
pub(in crate::node::doctor) fn questions(
    view: &HostView,
    expected: &ExpectedServer,
) -> Vec<Question> {
    let Forwarded::Masqueraded {
        replies: Replies::Through(director),
    } = expected.forwarded
    else {
        return Vec::new();
    };
    let ways = view.routes.iter();
    let others = ways.filter(|route| route.is_default_for(director));
    let others = others.filter_map(|route| Some((route.gateway?, &route.device)));
    let asked = others.filter(|(gateway, device)| {
        let link = view.link(device);
        *gateway != director && link.is_some_and(Link::resolves_neighbours)
    });
    asked
        .flat_map(|(gateway, device)| [(gateway, device.clone()), (director, device.clone())])
        .collect()
}

fn another(view: &HostView, director: IpAddr) -> Option<Finding> {
    let everywhere = view
        .routes
        .iter()
        .filter(|route| route.is_default_for(director));
    let by_gateway = everywhere.filter_map(|route| Some((route, route.gateway?)));
    let best = by_gateway.min_by_key(|(route, _)| route.metric);
    let said = match best {
        Some((route, gateway)) if is_same_host(view, &route.device, gateway, director) => {
            return None;
        }
        Some((_, gateway)) => {
            format!("the default gateway is {gateway}, not the director {director}")
        }
        None => format!("there is no default route, and the director is {director}"),
    };
    let finding = Finding::problem(
        FindingKind::GatewayIsNotTheDirector,
        said,
        "Replies bypass the director, which would replace their source by the VIP: clients get them from \
         an address that they do not know, or not at all.",
    );
    // A new route with another metric would not take the place of the old one.
    let leads_to_director = |route: &Route| {
        let mut networks = view.networks_of(director);
        route.gateway_check == GatewayCheck::OnLink
            || networks.any(|(link, _)| link.name == route.device)
    };
    Some(finding.fix(match best {
        Some((route, _)) if leads_to_director(route) => Remedy::ChangeGateway {
            route: route.clone(),
            gateway: director,
        },
        _ => Remedy::ReplaceDefaultGateway(director),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::node::doctor::testing::remedies;

    #[test]
    fn redirects_make_an_ipv6_server_bypass_the_director() {
        let director: IpAddr = "fd00::11".parse().unwrap();
        let mut view = HostView {
            routes: vec![Route {
                destination: None,
                gateway: Some(director),
                device: DeviceName::from_kernel("eth0".to_owned()),
                ..Route::default_through(DeviceName::from_kernel("eth0".to_owned()))
            }],
            ..HostView::default()
        };
        let key = "net.ipv6.conf.eth0.accept_redirects";
        view.settings.plant(key, 1);
        let expected = ExpectedServer::masquerade(Replies::Through(director));
        let findings = check(&view, &expected);
        let off = ["set net.ipv6.conf.eth0.accept_redirects to 0"];
        assert_eq!(remedies(&findings), off);
        view.settings.plant(key, 0);
        assert_eq!(check(&view, &expected), []);
    }

    #[test]
    fn no_way_of_replies_is_wrong_behind_source_nat() {
        let expected = ExpectedServer::masquerade(Replies::ToDirector);
        assert_eq!(check(&HostView::default(), &expected), []);
    }

    #[test]
    fn replies_take_the_best_default_route() {
        let route = |gateway: &str, metric| Route {
            gateway: gateway.parse().ok(),
            metric,
            ..Route::default_through(DeviceName::from_kernel("eth0".to_owned()))
        };
        let found = |routes| {
            let view = HostView {
                routes,
                ..HostView::default()
            };
            let through = Replies::Through("10.10.10.11".parse().unwrap());
            check(&view, &ExpectedServer::masquerade(through))
        };
        let (director, other) = ("10.10.10.11", "10.10.10.1");
        assert_eq!(found(vec![route(other, 100), route(director, 0)]), []);
        let wrong = found(vec![route(other, 0), route(director, 100)]);
        let fix = ["make 10.10.10.11 the default gateway"];
        assert_eq!(remedies(&wrong), fix);
        assert_eq!(remedies(&found(Vec::new())), fix);
        assert_eq!(remedies(&found(vec![route("fd00::11", 0)])), fix);
    }
}
