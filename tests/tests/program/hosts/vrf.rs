//! Devices with a routing table of their own.

use lbnet::doctor::FindingKind;

use super::row::{Clients, PLAIN, Row, rows};
use super::way::{ALL, DIRECT4, DIRECT6, TUNNEL4, TUNNEL6};

const VRF: Row = Row {
    section: "A VRF",
    make: "vrf",
    ways: &[DIRECT4, TUNNEL4, DIRECT6],
    refused: &[(TUNNEL6, "VRF")],
    ..PLAIN
};

/// IPVS looks for real servers in the main table.
const DIRECTOR_IN_VRF: Row = Row {
    section: "A plain device",
    ways: ALL,
    refused: &[],
    clients: Clients::Unserved(&[FindingKind::ServerUnreachable]),
    ..VRF
};

/// As the kernel's documentation recommends it: the table of the VRF before that of local addresses.
const VRF_FIRST: Row = Row {
    section: "A VRF whose table comes first",
    make: "vrf
           ip rule add pref 32765 lookup local
           ip rule delete pref 0
           ip -6 rule add pref 32765 lookup local
           ip -6 rule delete pref 0",
    options: "--place device",
    without_options: Some("--place device"),
    ways: &[DIRECT4],
    refused: &[(DIRECT6, "neighbour discovery")],
    ..PLAIN
};

rows! {
    a_director_in_a_vrf_has_no_route_to_real_servers: Director DIRECTOR_IN_VRF;
    a_real_server_in_a_vrf_serves: RealServer VRF;
    a_real_server_in_a_vrf_that_comes_first_has_the_vip_on_the_device: RealServer VRF_FIRST;
}
