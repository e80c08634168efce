//! Devices that stand above another one: macvlan and ipvlan, beside their lower device or in a container.

use super::row::{PLAIN, Row, rows};
use super::way::{DIRECT4, DIRECT6, TUNNEL4, TUNNEL6};

const MACVLAN: Row = Row {
    section: "A macvlan device",
    make: "bare
           ip link add link eth0 name mac0 type macvlan mode bridge
           ip link set mac0 addrgenmode none
           address mac0
           default mac0",
    device: "mac0",
    ..PLAIN
};

const MACVLAN_IN_CONTAINER: Row = Row {
    make: "above macvlan mode bridge",
    ..PLAIN
};

const IPVLAN: Row = Row {
    section: "An ipvlan device",
    make: "above ipvlan mode l2",
    ..PLAIN
};

const IPVLAN_SERVER: Row = Row {
    options: "--place device",
    without_options: Some("--place device"),
    ways: &[DIRECT4],
    refused: &[(DIRECT6, "neighbour discovery")],
    ..IPVLAN
};

/// What is inside of tunnels does not arrive on the ipvlan device.
const IPVLAN_SERVER_BEHIND_TUNNEL: Row = Row {
    ways: &[TUNNEL4, TUNNEL6],
    ..IPVLAN
};

rows! {
    a_director_on_a_macvlan_serves: Director MACVLAN;
    a_real_server_on_a_macvlan_serves: RealServer MACVLAN;
    a_director_on_a_macvlan_of_a_container_serves: Director MACVLAN_IN_CONTAINER;
    a_real_server_on_a_macvlan_of_a_container_serves: RealServer MACVLAN_IN_CONTAINER;
    a_director_on_an_ipvlan_serves: Director IPVLAN;
    a_real_server_on_an_ipvlan_has_the_vip_on_the_device: RealServer IPVLAN_SERVER;
    a_real_server_on_an_ipvlan_behind_a_tunnel_serves: RealServer IPVLAN_SERVER_BEHIND_TUNNEL;
}
