//! Hosts on which IPv6 is off.

use super::row::{PLAIN, Row, rows};
use super::way::{DIRECT6, IPV4, TUNNEL6};

const EVERYWHERE: Row = Row {
    section: "A host without IPv6",
    make: "sysctl -q -w net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1",
    ways: IPV4,
    refused: &[(DIRECT6, "disable_ipv6"), (TUNNEL6, "disable_ipv6")],
    ..PLAIN
};

const ON_DEVICE: Row = Row {
    make: "sysctl -q -w net.ipv6.conf.eth0.disable_ipv6=1",
    refused: &[
        (DIRECT6, "net.ipv6.conf.eth0.disable_ipv6"),
        (TUNNEL6, "net.ipv6.conf.eth0.disable_ipv6"),
    ],
    ..EVERYWHERE
};

const ON_LOOPBACK: Row = Row {
    make: "sysctl -q -w net.ipv6.conf.lo.disable_ipv6=1",
    refused: &[
        (DIRECT6, "net.ipv6.conf.lo.disable_ipv6"),
        (TUNNEL6, "net.ipv6.conf.lo.disable_ipv6"),
    ],
    ..EVERYWHERE
};

rows! {
    a_director_without_ipv6_serves_ipv4: Director EVERYWHERE;
    a_real_server_without_ipv6_serves_ipv4: RealServer EVERYWHERE;
    a_director_without_ipv6_on_its_device_serves_ipv4: Director ON_DEVICE;
    a_real_server_without_ipv6_on_its_device_serves_ipv4: RealServer ON_DEVICE;
    a_real_server_without_ipv6_on_loopback_serves_ipv4: RealServer ON_LOOPBACK;
}
