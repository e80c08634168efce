//! Hosts with two devices: in one network, or one of them for the operators alone.

use lbnet::doctor::FindingKind;

use super::row::{Clients, PLAIN, Row, rows};

const ONE_NETWORK: Row = Row {
    section: "Two devices in one network",
    make: "cable eth1
           ip link set eth1 up
           ip address add 10.10.10.1$number/24 dev eth1",
    ..PLAIN
};

const ONE_NETWORK_STRICTLY: Row = Row {
    section: "Two devices in one network",
    make: "cable eth1
           ip link set eth1 up
           ip address add 10.10.10.1$number/24 dev eth1
           sysctl -q -w net.ipv4.conf.all.rp_filter=1",
    ..PLAIN
};

/// The default route leads to the operators. What comes from an own address has a table of its own.
const MANAGED: &str = "ip -n switch link add operators type bridge
    ip -n switch link set operators addrgenmode none up
    cable eth1 operators
    ip link set eth1 up
    ip address add 10.10.40.$number/24 dev eth1
    ip address add fd40::$number/64 dev eth1 nodad
    ip route replace default via 10.10.40.254 dev eth1
    ip -6 route replace default via fd40::254 dev eth1
    ip route add 10.10.10.0/24 dev eth0 table 100
    ip -6 route add fd00::/64 dev eth0 table 100
    default eth0 table 100
    ip rule add from 10.10.10.$number lookup 100
    ip -6 rule add from fd00::$number lookup 100
    sysctl -q -w net.ipv4.conf.all.rp_filter=1";

const DIRECTOR_BESIDE_OPERATORS: Row = Row {
    section: "A management device with the default route",
    make: MANAGED,
    clients: Clients::ServedAfter(&[FindingKind::RpFilterDrops]),
    ..PLAIN
};

const SERVER_BESIDE_OPERATORS: Row = Row {
    clients: Clients::ServedAfter(&[
        FindingKind::RpFilterDrops,
        FindingKind::RepliesLeaveElsewhere,
    ]),
    ..DIRECTOR_BESIDE_OPERATORS
};

rows! {
    a_director_with_two_devices_in_one_network_serves: Director ONE_NETWORK;
    a_real_server_with_two_devices_in_one_network_serves: RealServer ONE_NETWORK;
    a_director_with_two_devices_in_one_network_and_a_strict_filter_serves: Director ONE_NETWORK_STRICTLY;
    a_real_server_with_two_devices_in_one_network_and_a_strict_filter_serves: RealServer ONE_NETWORK_STRICTLY;
    a_director_beside_operators_serves: Director DIRECTOR_BESIDE_OPERATORS;
    a_real_server_beside_operators_serves: RealServer SERVER_BESIDE_OPERATORS;
}
