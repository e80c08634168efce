//! Directors that are the gateway of real servers with direct routing, or track connections.

use lbnet::doctor::FindingKind;

use super::row::{Clients, More, NO_MORE, Printed, Row, rows};
use super::site::Layout;

rows! {
    a_gateway_does_not_go_on_dropping_replies_that_come_from_its_own_address: Row {
        kind: FindingKind::AcceptLocalOff,
        site: Layout::RETURNING,
        on: "director",
        plant: "sysctl -w net.ipv4.conf.eth1.accept_local=0",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_gateway_does_not_go_on_dropping_replies_for_the_way_that_they_take: Row {
        kind: FindingKind::RpFilterDrops,
        site: Layout::RETURNING,
        on: "director",
        plant: "sysctl -w net.ipv4.conf.eth1.rp_filter=1",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_gateway_that_stopped_forwarding_does_not_go_on_dropping_replies: Row {
        kind: FindingKind::ForwardingOff,
        site: Layout::RETURNING,
        on: "director",
        plant: "sysctl -w net.ipv4.ip_forward=0",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    connections_that_were_to_be_tracked_do_not_stay_untracked: Row {
        kind: FindingKind::ConnectionsUntracked,
        site: Layout::MASQUERADED,
        on: "director",
        plant: "sysctl -w net.ipv4.vs.conntrack=0",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: More {
            before: "ipvs-rs director down --vip 10.10.10.100/24 --device eth0 --forward masquerade
                     ipvs-rs director up --vip 10.10.10.100/24 --device eth0 --forward masquerade --conntrack",
            ..NO_MORE
        },
    };
}
