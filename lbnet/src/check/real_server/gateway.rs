//! Whether answers of a masqueraded server go back to the director.

use std::net::IpAddr;

use crate::check::{ExpectedServer, Finding, FindingKind, expected::Arrival, view::HostView};

pub(super) fn check(view: &HostView, expected: &ExpectedServer) -> Vec<Finding> {
    let Arrival::Masquerade { director } = expected.arrival else {
        return Vec::new();
    };
    let finding = another(view, director);
    finding.into_iter().collect()
}

fn another(view: &HostView, director: IpAddr) -> Option<Finding> {
    let of_family = |gateway: IpAddr| gateway.is_ipv4() == director.is_ipv4();
    let everywhere = view
        .routes
        .iter()
        .filter(|route| route.destination.is_none());
    let by_gateway = everywhere.filter_map(|route| {
        let gateway = route.gateway.filter(|gateway| of_family(*gateway))?;
        Some((route.metric, gateway))
    });
    let said = match by_gateway.min_by_key(|(metric, _)| *metric) {
        Some((_, gateway)) if gateway == director => return None,
        Some((_, gateway)) => format!("the gateway is {gateway}, not the director {director}"),
        None => format!("there is no default route, and the director is {director}"),
    };
    let finding = Finding::problem(
        FindingKind::GatewayIsNotTheDirector,
        said,
        "Answers do not pass the director, which would put the VIP in: clients get them from an \
         address that they know nothing of, or not at all.",
    );
    Some(finding.mend(format!("ip route replace default via {director}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{DeviceName, Route, check::tests::remedies};

    #[test]
    fn answers_go_where_the_best_default_route_leads() {
        let route = |gateway: &str, metric| Route {
            destination: None,
            gateway: gateway.parse().ok(),
            device: DeviceName::from_kernel("eth0".to_owned()),
            mtu: None,
            advertised_mss: None,
            metric,
        };
        let found = |routes| {
            let view = HostView {
                routes,
                ..HostView::default()
            };
            let expected = ExpectedServer::masquerade("10.10.10.11".parse().unwrap());
            check(&view, &expected)
        };
        let (director, other) = ("10.10.10.11", "10.10.10.1");
        assert_eq!(found(vec![route(other, 100), route(director, 0)]), []);
        let wrong = found(vec![route(other, 0), route(director, 100)]);
        let mended = ["ip route replace default via 10.10.10.11"];
        assert_eq!(remedies(&wrong), mended);
        assert_eq!(remedies(&found(Vec::new())), mended);
        assert_eq!(remedies(&found(vec![route("fd00::11", 0)])), mended);
    }
}
