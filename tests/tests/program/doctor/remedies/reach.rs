//! Real servers that packets of the director do not get to.

use lbnet::doctor::FindingKind;

use super::row::{Clients, More, NO_MORE, Printed, Row, rows};
use super::site::Layout;

rows! {
    a_real_server_does_not_stay_without_a_route_to_it: Row {
        kind: FindingKind::ServerUnreachable,
        site: Layout::IPIP,
        on: "director",
        plant: "ip route delete 10.10.20.0/24",
        clients: Clients::NoneServed,
        remedy: Printed::Completed(&[("GATEWAY", "10.10.10.254")]),
        more: NO_MORE,
    };

    an_ipv6_real_server_does_not_stay_without_a_route_to_it: Row {
        kind: FindingKind::ServerUnreachable,
        site: Layout::IPIP6,
        on: "director",
        plant: "ip -6 route delete fd20::/64",
        clients: Clients::NoneServed,
        remedy: Printed::Completed(&[("GATEWAY", "fd00::254")]),
        more: NO_MORE,
    };

    a_real_server_behind_a_router_does_not_stay_directly_routed: Row {
        kind: FindingKind::ServerBehindGateway,
        site: Layout::IPIP,
        on: "director",
        plant: "nsenter --net=/run/netns/web1 ipvs-rs real-server down --vip 10.10.10.100 --device eth0 --forward ipip
                ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.20.12 -g",
        clients: Clients::SomeUnserved,
        remedy: Printed::Completed(&[("DEVICE", "eth0"), ("GATEWAY", "10.10.20.254")]),
        more: More {
            // Of the other server.
            with: &[FindingKind::TunnelMtu],
            ..NO_MORE
        },
    };

    a_real_server_that_is_down_does_not_keep_getting_clients: Row {
        kind: FindingKind::ServerSilent,
        site: Layout::DIRECT,
        on: "director",
        plant: "ip -n switch link set web1 nomaster",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: More {
            by: &["web2"],
            ..NO_MORE
        },
    };

    an_ipv6_real_server_that_is_down_does_not_keep_getting_clients: Row {
        kind: FindingKind::ServerSilent,
        site: Layout::DIRECT6,
        on: "director",
        plant: "ip -n switch link set web1 nomaster",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: More {
            by: &["web2"],
            ..NO_MORE
        },
    };
}
