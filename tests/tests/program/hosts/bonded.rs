//! Devices made of others: bonds, VLANs, bridges.

use super::row::{PLAIN, Row, rows};
use super::way::{DIRECT4, DIRECT6};

const BOND: Row = Row {
    section: "A bond",
    make: "bond
           address bond0
           default bond0",
    device: "bond0",
    ..PLAIN
};

const VLAN_ON_BOND: Row = Row {
    section: "A VLAN",
    make: "bond
           ip link set bond0 up
           ip link add link bond0 name bond0.10 type vlan id 10
           ip link set bond0.10 addrgenmode none
           ip -n switch link set $me nomaster
           ip -n switch link add link $me name $me-10 type vlan id 10
           ip -n switch link set $me-10 master bridge up
           address bond0.10
           default bond0.10",
    device: "bond0.10",
    ..PLAIN
};

const BRIDGE: Row = Row {
    section: "A bridge",
    make: "bare
           modprobe tun || true
           mkdir -p /dev/net
           [ -e /dev/net/tun ] || mknod /dev/net/tun c 10 200
           ip link add br0 type bridge
           ip link set br0 addrgenmode none
           ip tuntap add tap0 mode tap
           ip link set tap0 addrgenmode none
           ip link set tap0 master br0 up
           ip link set eth0 master br0
           address br0
           default br0",
    device: "br0",
    ..PLAIN
};

const PORT: Row = Row {
    device: "eth0",
    ways: &[],
    refused: &[(DIRECT4, "br0"), (DIRECT6, "br0")],
    ..BRIDGE
};

rows! {
    a_director_on_a_bond_serves: Director BOND;
    a_real_server_on_a_bond_serves: RealServer BOND;
    a_director_on_a_vlan_of_a_bond_serves: Director VLAN_ON_BOND;
    a_real_server_on_a_vlan_of_a_bond_serves: RealServer VLAN_ON_BOND;
    a_director_on_a_bridge_serves: Director BRIDGE;
    a_real_server_on_a_bridge_serves: RealServer BRIDGE;
    a_port_of_a_bridge_is_no_device_of_a_director: Director PORT;
    a_port_of_a_bridge_is_no_device_of_a_real_server: RealServer PORT;
}
