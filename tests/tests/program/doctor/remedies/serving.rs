//! Real servers on which nobody serves, or which clients' packets do not arrive at.

use lbnet::doctor::FindingKind;

use super::row::{Clients, More, NO_MORE, Printed, Row, rows};
use super::site::Layout;

rows! {
    a_port_that_nobody_listens_on_is_not_fixed_by_a_command: Row {
        kind: FindingKind::PortClosed,
        site: Layout::DIRECT,
        on: "web1",
        plant: ":",
        clients: Clients::Served,
        remedy: Printed::Shows("which program serves it is known to its operator"),
        more: More {
            doctor: Some("doctor --port 8080"),
            ..NO_MORE
        },
    };

    a_host_that_serves_nothing_is_not_fixed_by_a_command: Row {
        kind: FindingKind::NothingListens,
        site: Layout::DIRECT,
        on: "client",
        plant: "ipvs-rs real-server up --vip 10.10.10.101 --device eth0",
        clients: Clients::Served,
        remedy: Printed::Shows("which program serves clients is known to its operator"),
        more: NO_MORE,
    };

    a_device_that_is_gone_is_not_guessed: Row {
        kind: FindingKind::DeviceMissing,
        site: Layout::DIRECT,
        on: "web1",
        plant: "ip link add eth9 type veth peer name cable9
                ip link set eth9 up
                ipvs-rs real-server up --vip 10.10.10.101 --device eth9
                ip link delete eth9",
        clients: Clients::Served,
        remedy: Printed::Nothing("which device it is now is known to the operator"),
        more: NO_MORE,
    };
}
