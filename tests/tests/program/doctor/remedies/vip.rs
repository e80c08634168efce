//! VIPs that are not where clients find them, or where they should not be found.

use lbnet::doctor::FindingKind;

use super::row::{Clients, More, NO_MORE, Printed, Row, rows};
use super::site::Layout;

/// Clients that ask for the VIP would learn it from announcements that are still to come.
const ANNOUNCED: &str = "sleep 3";

rows! {
    a_director_without_its_vip_does_not_stay_without: Row {
        kind: FindingKind::VipMissing,
        site: Layout::DIRECT,
        on: "director",
        plant: "ip address delete 10.10.10.100/24 dev eth0",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_director_without_its_ipv6_vip_does_not_stay_without: Row {
        kind: FindingKind::VipMissing,
        site: Layout::DIRECT6,
        on: "director",
        plant: "ip address delete fd00::100/128 dev eth0",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_real_server_without_the_vip_does_not_stay_without: Row {
        kind: FindingKind::VipMissing,
        site: Layout::DIRECT,
        on: "web1",
        plant: "ip address delete 10.10.10.100/32 dev lo",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_real_server_without_the_ipv6_vip_does_not_stay_without: Row {
        kind: FindingKind::VipMissing,
        site: Layout::DIRECT6,
        on: "web1",
        plant: "ip address delete fd00::100/128 dev lo",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_real_server_behind_a_tunnel_does_not_stay_without_the_vip: Row {
        kind: FindingKind::VipMissing,
        site: Layout::IPIP,
        on: "web1",
        plant: "ip address delete 10.10.10.100/32 dev lo",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_vip_does_not_stay_behind_a_cable_that_is_down: Row {
        kind: FindingKind::VipDeviceDown,
        site: Layout::MASQUERADED,
        on: "director",
        plant: "ip link set eth0 down",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_director_whose_only_device_is_down_is_not_told_to_add_routes: Row {
        kind: FindingKind::VipDeviceDown,
        site: Layout::DIRECT,
        on: "director",
        plant: "ip link set eth0 down",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: More {
            with: &[FindingKind::ServerUnreachable],
            ..NO_MORE
        },
    };

    a_vip_does_not_stay_on_the_device_of_the_real_servers: Row {
        kind: FindingKind::VipOnWrongDevice,
        site: Layout::MASQUERADED,
        on: "director",
        plant: "ip address delete 10.10.10.100/24 dev eth0
                ip address add 10.10.10.100/24 dev eth1",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: More {
            before: "sysctl -w net.ipv4.conf.eth1.send_redirects=0",
            ..NO_MORE
        },
    };

    a_real_server_does_not_keep_the_vip_where_neighbours_notice_it: Row {
        kind: FindingKind::VipOnWrongDevice,
        site: Layout::DIRECT,
        on: "web1",
        plant: "ip address delete 10.10.10.100/32 dev lo
                ip address add 10.10.10.100/24 dev eth0",
        clients: Clients::Either,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_real_server_does_not_keep_the_ipv6_vip_where_neighbours_notice_it: Row {
        kind: FindingKind::VipOnWrongDevice,
        site: Layout::DIRECT6,
        on: "web1",
        plant: "ip address delete fd00::100/128 dev lo
                ip address add fd00::100/128 dev eth0 nodad",
        clients: Clients::Either,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_director_does_not_keep_the_network_of_its_clients_on_lo: Row {
        kind: FindingKind::VipWithWrongPrefix,
        site: Layout::DIRECT,
        on: "director",
        plant: "ip address delete 10.10.10.100/24 dev eth0
                ip address add 10.10.10.100/24 dev lo",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: More {
            with: &[FindingKind::VipOnWrongDevice],
            ..NO_MORE
        },
    };

    a_vip_does_not_keep_another_prefix_than_it_was_set_up_with: Row {
        kind: FindingKind::VipWithWrongPrefix,
        site: Layout::DIRECT,
        on: "director",
        plant: "ip address delete 10.10.10.100/24 dev eth0
                ip address add 10.10.10.100/16 dev eth0",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_real_server_does_not_keep_the_network_of_its_clients_on_lo: Row {
        kind: FindingKind::VipWithWrongPrefix,
        site: Layout::DIRECT,
        on: "web1",
        plant: "ip address delete 10.10.10.100/32 dev lo
                ip address add 10.10.10.100/24 dev lo",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_real_server_does_not_keep_the_ipv6_network_of_its_clients_on_lo: Row {
        kind: FindingKind::VipWithWrongPrefix,
        site: Layout::DIRECT6,
        on: "web1",
        plant: "ip address delete fd00::100/128 dev lo
                ip address add fd00::100/64 dev lo",
        // Until eth0 has been down for a moment.
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_vip_on_lo_that_nobody_answers_for_does_not_stay_there: Row {
        kind: FindingKind::VipNotAnswered,
        site: Layout::DIRECT,
        on: "director",
        plant: "ip address delete 10.10.10.100/24 dev eth0
                ip address add 10.10.10.100/32 dev lo
                sysctl -w net.ipv4.conf.all.arp_ignore=1",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: More {
            before: ANNOUNCED,
            with: &[FindingKind::VipOnWrongDevice],
            ..NO_MORE
        },
    };

    a_vip_that_was_put_on_lo_does_not_stay_unanswered: Row {
        kind: FindingKind::VipNotAnswered,
        site: Layout::DIRECT,
        on: "director",
        plant: "sysctl -w net.ipv4.conf.all.arp_ignore=1",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: More {
            before: "ipvs-rs director down --vip 10.10.10.100/24 --device eth0
                     ipvs-rs director up --vip 10.10.10.100 --device eth0 --place lo --wait",
            ..NO_MORE
        },
    };

    an_ipv6_vip_on_lo_that_nobody_answers_for_does_not_stay_there: Row {
        kind: FindingKind::VipNotAnswered,
        site: Layout::DIRECT6,
        on: "director",
        plant: "ip address delete fd00::100/128 dev eth0
                ip address add fd00::100/128 dev lo",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: More {
            before: ANNOUNCED,
            with: &[FindingKind::VipOnWrongDevice],
            ..NO_MORE
        },
    };

    health_checks_of_a_director_do_not_stay_from_the_vip: Row {
        kind: FindingKind::VipPreferredAsSource,
        site: Layout::DIRECT6,
        on: "director",
        plant: "ip address change fd00::100/128 dev eth0 preferred_lft forever",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    tunnels_do_not_stay_from_the_vip: Row {
        kind: FindingKind::VipPreferredAsSource,
        site: Layout::IPIP6,
        on: "director",
        plant: "ip address change fd00::100/128 dev eth0 preferred_lft forever",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    real_servers_are_not_asked_with_a_vip_that_came_before_the_own_address: Row {
        kind: FindingKind::VipPreferredAsSource,
        site: Layout::DIRECT,
        on: "director",
        plant: "ip -4 address flush dev eth0
                ip address add 10.10.10.100/24 dev eth0
                ip address add 10.10.10.11/24 dev eth0
                ip neighbour flush dev eth0",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    real_servers_are_not_asked_with_a_vip_that_was_added_by_hand: Row {
        kind: FindingKind::VipPreferredAsSource,
        site: Layout::DIRECT,
        on: "director",
        plant: "ipvs-rs director down --vip 10.10.10.100/24 --device eth0
                sysctl -w net.ipv4.conf.eth0.promote_secondaries=0
                ip -4 address flush dev eth0
                ip address add 10.10.10.100/24 dev eth0
                ip address add 10.10.10.11/24 dev eth0
                ip neighbour flush dev eth0",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    real_servers_are_not_asked_with_a_vip_that_is_alone: Row {
        kind: FindingKind::VipPreferredAsSource,
        site: Layout::DIRECT,
        on: "director",
        plant: "ip -4 address flush dev eth0
                ip address add 10.10.10.100/24 dev eth0
                ip neighbour flush dev eth0",
        clients: Clients::NoneServed,
        remedy: Printed::Completed(&[("ADDRESS/PREFIX", "10.10.10.11/24")]),
        more: NO_MORE,
    };

    ipv4_tunnels_do_not_stay_from_the_vip: Row {
        kind: FindingKind::VipPreferredAsSource,
        site: Layout::IPIP,
        on: "director",
        plant: "ip -4 address flush dev eth0
                ip address add 10.10.10.100/24 dev eth0
                ip address add 10.10.10.11/24 dev eth0
                ip route add 10.10.20.0/24 via 10.10.10.254",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_vip_does_not_stay_dependent_on_a_lease: Row {
        kind: FindingKind::VipWithLease,
        site: Layout::DIRECT,
        on: "director",
        plant: "ip address change 10.10.10.11/24 dev eth0 valid_lft 3600 preferred_lft 3600",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_vip_that_another_host_answers_for_is_not_taken_from_it_by_a_command: Row {
        kind: FindingKind::VipTaken,
        site: Layout::DIRECT,
        on: "director",
        plant: "nsenter --net=/run/netns/web1 sysctl -w net.ipv4.conf.eth0.arp_ignore=0",
        clients: Clients::Either,
        remedy: Printed::Nothing("which of the two hosts should have it is known to the operator"),
        more: NO_MORE,
    };

    an_address_that_may_be_of_a_router_is_not_made_a_vip_by_a_command: Row {
        kind: FindingKind::PossibleVip,
        site: Layout::DIRECT,
        on: "web1",
        plant: "ip address add 192.0.2.79/32 dev lo",
        clients: Clients::Served,
        remedy: Printed::Nothing("it may be something else, such as the identifier of a router"),
        more: NO_MORE,
    };
}
