//! Hosts whose addresses are not simply there: of a cloud, of a lease, of router advertisements.

use lbnet::doctor::FindingKind;

use super::row::{Clients, Meanwhile, PLAIN, Row, rows};
use super::way::{DIRECT4, DIRECT6, TUNNEL4, TUNNEL6};

const CLOUD: Row = Row {
    section: "An address of a cloud",
    make: "ip address flush dev eth0
           ip address add 10.10.10.$number/32 dev eth0
           ip address add fd00::$number/64 dev eth0 nodad
           ip address add fe80::$number/64 dev eth0 nodad
           ip -6 route flush default
           ip route add default via 10.10.10.254 dev eth0 onlink
           ip -6 route add default via fd00::254 dev eth0",
    ..PLAIN
};

/// A director with such an address reaches real servers through the router alone.
const CLOUD_DIRECTOR: Row = Row {
    ways: &[TUNNEL4, DIRECT6, TUNNEL6],
    ..CLOUD
};

const CLOUD_DIRECTOR_WITHOUT_TUNNEL: Row = Row {
    ways: &[DIRECT4],
    clients: Clients::Unserved(&[FindingKind::ServerBehindGateway]),
    ..CLOUD
};

/// A real server gets another address, and the director is told.
const ANOTHER_LEASE: Row = Row {
    ways: &[TUNNEL4],
    meanwhile: Meanwhile::Moves(
        "ip address delete 10.10.10.$number/24 dev eth0
         ip address add 10.10.10.1$number/24 dev eth0
         ip route add default via 10.10.10.254
         service=10.10.10.101:80
         ipvs-rs --netns director delete-destination -t $service -r 10.10.10.$number
         ipvs-rs --netns director add-destination -t $service -r 10.10.10.1$number --tunnel ipip",
    ),
    ..LEASE
};

/// The lease ends while the set-ups stand, and comes back.
const LEASE: Row = Row {
    section: "An address of a lease",
    make: "ip address delete 10.10.10.$number/24 dev eth0
           ip address add 10.10.10.$number/24 dev eth0 valid_lft 3600 preferred_lft 3600
           ip route add default via 10.10.10.254 dev eth0",
    meanwhile: Meanwhile::Harmless(
        "ip address delete 10.10.10.$number/24 dev eth0
         sleep 1
         ip address add 10.10.10.$number/24 dev eth0 valid_lft 3600 preferred_lft 3600
         ip route replace default via 10.10.10.254 dev eth0",
    ),
    ..PLAIN
};

const LEASE_WITH_PROMOTION: Row = Row {
    make: "sysctl -q -w net.ipv4.conf.eth0.promote_secondaries=1
           ip address delete 10.10.10.$number/24 dev eth0
           ip address add 10.10.10.$number/24 dev eth0 valid_lft 3600 preferred_lft 3600
           ip route add default via 10.10.10.254 dev eth0",
    ..LEASE
};

const ADVERTISED: Row = Row {
    section: "An address of a router advertisement",
    make: "ip address delete fd00::$number/64 dev eth0
           ip address add fd00::$number/64 dev eth0 nodad valid_lft 3600 preferred_lft 3600
           ip -6 route flush default
           ip -6 route add default via fe80::254 dev eth0 proto ra metric 1024",
    ..PLAIN
};

rows! {
    a_director_with_an_address_of_a_cloud_serves: Director CLOUD_DIRECTOR;
    a_real_server_with_an_address_of_a_cloud_serves: RealServer CLOUD;
    a_director_with_an_address_of_a_cloud_cannot_do_without_a_tunnel: Director CLOUD_DIRECTOR_WITHOUT_TUNNEL;
    a_real_server_that_gets_another_address_serves: RealServer ANOTHER_LEASE;
    a_director_whose_lease_ends_serves: Director LEASE;
    a_director_whose_lease_ends_with_promotion_serves: Director LEASE_WITH_PROMOTION;
    a_real_server_whose_lease_ends_serves: RealServer LEASE;
    a_director_with_advertised_addresses_serves: Director ADVERTISED;
    a_real_server_with_advertised_addresses_serves: RealServer ADVERTISED;
}
