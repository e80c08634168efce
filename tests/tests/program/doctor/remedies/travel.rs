//! Packets that do not get into a host where they arrive, and replies that take another way out.

use lbnet::doctor::FindingKind;

use super::row::{Clients, More, NO_MORE, Printed, Row, rows};
use super::site::Layout;

/// The client is in another network, behind itself as the router.
const FAR_CLIENT: &str = "nsenter --net=/run/netns/client ip address add 198.18.0.1/32 dev lo
     nsenter --net=/run/netns/client ip route replace 10.10.10.0/24 dev eth0 src 198.18.0.1
     nsenter --net=/run/netns/director ip route add default via 10.10.10.1
     nsenter --net=/run/netns/web1 ip route add default via 10.10.10.1
     nsenter --net=/run/netns/web2 ip route add default via 10.10.10.1";

rows! {
    a_real_server_that_is_managed_by_another_device_does_not_drop_clients: Row {
        kind: FindingKind::RpFilterDrops,
        site: Layout::DIRECT,
        on: "web1",
        plant: "ip link add eth1 type dummy
                ip link set eth1 up
                ip address add 192.168.9.12/24 dev eth1
                ip route replace default via 192.168.9.1 dev eth1
                sysctl -w net.ipv4.conf.all.rp_filter=1
                ip route add 10.10.10.0/24 dev eth0 table 100
                ip route add default via 10.10.10.1 dev eth0 table 100
                ip rule add from 10.10.10.12 lookup 100",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: More {
            before: FAR_CLIENT,
            ..NO_MORE
        },
    };

    a_director_that_is_managed_by_another_device_does_not_drop_clients: Row {
        kind: FindingKind::RpFilterDrops,
        site: Layout::DIRECT,
        on: "director",
        plant: "ip link add eth1 type dummy
                ip link set eth1 up
                ip address add 192.168.9.11/24 dev eth1
                ip route replace default via 192.168.9.1 dev eth1
                sysctl -w net.ipv4.conf.all.rp_filter=1
                ip route add 10.10.10.0/24 dev eth0 table 100
                ip route add default via 10.10.10.1 dev eth0 table 100
                ip rule add from 10.10.10.11 lookup 100",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: More {
            before: FAR_CLIENT,
            ..NO_MORE
        },
    };

    a_second_device_in_the_network_does_not_drop_the_clients_that_it_announced_the_vip_to: Row {
        kind: FindingKind::RpFilterDrops,
        site: Layout::DIRECT,
        on: "director",
        plant: "ipvs-rs director down --vip 10.10.10.100/24 --device eth0
                ip -n switch link add director2 type veth peer name eth1 netns director
                ip -n switch link set director2 master bridge up
                ip link set eth1 up
                ip address add 10.10.10.21/24 dev eth1
                sysctl -w net.ipv4.conf.all.arp_ignore=1
                sysctl -w net.ipv4.conf.all.rp_filter=1
                ipvs-rs director up --vip 10.10.10.100/32 --device eth1 --claim",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    replies_of_a_real_server_behind_a_tunnel_do_not_leave_by_the_device_that_manages_it: Row {
        kind: FindingKind::RepliesLeaveElsewhere,
        site: Layout::IPIP,
        on: "web1",
        plant: "ip link add eth1 type dummy
                ip link set eth1 up
                ip address add 192.168.9.12/24 dev eth1
                ip route replace default via 192.168.9.1 dev eth1 advmss 1200
                ip route add 10.10.20.0/24 dev eth0 table 100
                ip route add default via 10.10.20.254 dev eth0 table 100
                ip rule add from 10.10.20.12 lookup 100",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    replies_of_an_ipv6_real_server_do_not_leave_by_the_device_that_manages_it: Row {
        kind: FindingKind::RepliesLeaveElsewhere,
        site: Layout::IPIP6,
        on: "web1",
        plant: "ip link add eth1 type dummy
                ip link set eth1 addrgenmode none up
                ip address add fd09::12/64 dev eth1 nodad
                ip -6 route delete default
                ip -6 route add default via fd09::1 dev eth1 advmss 1200
                ip -6 route add fd20::/64 dev eth0 table 100
                ip -6 route add default via fd20::254 dev eth0 table 100
                ip -6 rule add from fd20::12 lookup 100",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_real_server_whose_device_is_down_does_not_stay_unreached: Row {
        kind: FindingKind::NoCarrier,
        site: Layout::DIRECT,
        on: "web1",
        plant: "ip link set eth0 down",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_director_whose_cable_is_out_does_not_blame_its_real_servers: Row {
        kind: FindingKind::NoCarrier,
        site: Layout::DIRECT,
        on: "director",
        plant: "ip -n switch link set director down",
        clients: Clients::NoneServed,
        remedy: Printed::Nothing("somebody has to look at the cable"),
        more: NO_MORE,
    };

    a_vip_on_lo_that_the_table_of_a_vrf_hides_is_reported_without_a_command: Row {
        kind: FindingKind::VipNotReceived,
        site: Layout::DIRECT,
        on: "web1",
        plant: "ip link add red type vrf table 10
                ip link set red up
                ip link set eth0 master red
                ip rule add pref 32765 lookup local
                ip rule delete pref 0
                sysctl -w net.ipv4.tcp_l3mdev_accept=1",
        clients: Clients::SomeUnserved,
        remedy: Printed::Nothing("the VIP moves to another device, or a rule of all VRFs changes"),
        more: NO_MORE,
    };
}
