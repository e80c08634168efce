//! Real servers that packets arrive at through a tunnel.

use lbnet::doctor::FindingKind;

use super::row::{Clients, More, NO_MORE, Printed, Row, rows};
use super::site::Layout;

rows! {
    an_ipip_tunnel_does_not_stay_down: Row {
        kind: FindingKind::TunnelDown,
        site: Layout::IPIP,
        on: "web1",
        plant: "ip link set ipvs-ipip down",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    an_ipv6_ipip_tunnel_does_not_stay_down: Row {
        kind: FindingKind::TunnelDown,
        site: Layout::IPIP6,
        on: "web1",
        plant: "ip link set ipvs-ip6tnl down",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_gue_tunnel_does_not_stay_down: Row {
        kind: FindingKind::TunnelDown,
        site: Layout::GUE,
        on: "web1",
        plant: "ip link set ipvs-ipip down",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    an_ipv6_gue_tunnel_does_not_stay_down: Row {
        kind: FindingKind::TunnelDown,
        site: Layout::GUE6,
        on: "web1",
        plant: "ip link set ipvs-ip6tnl down",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_gre_tunnel_does_not_stay_down: Row {
        kind: FindingKind::TunnelDown,
        site: Layout::GRE,
        on: "web1",
        plant: "ip link set ipvs-gre down",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    an_ipv6_gre_tunnel_does_not_stay_down: Row {
        kind: FindingKind::TunnelDown,
        site: Layout::GRE6,
        on: "web1",
        plant: "ip link set ipvs-ip6gre down",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_tunnel_does_not_stay_without_its_device: Row {
        kind: FindingKind::TunnelDown,
        site: Layout::IPIP,
        on: "web1",
        // The device that came with the module will do, once it is up.
        plant: "ip link delete ipvs-ipip",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_gre_tunnel_with_checksums_does_not_stay_without_its_device: Row {
        kind: FindingKind::TunnelMissing,
        site: Layout::GRE_WITH_CHECKSUMS,
        on: "web1",
        plant: "ip link delete ipvs-gre",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    an_ipv6_gre_tunnel_with_checksums_does_not_stay_without_its_device: Row {
        kind: FindingKind::TunnelMissing,
        site: Layout::GRE6_WITH_CHECKSUMS,
        on: "web1",
        plant: "ip link delete ipvs-ip6gre",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_gre_tunnel_does_not_stay_with_a_device_that_drops_its_checksums: Row {
        kind: FindingKind::TunnelOfWrongMode,
        site: Layout::GRE_WITH_CHECKSUMS,
        on: "web1",
        plant: "ip link delete ipvs-gre
                ip link set gre0 up",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    an_ipv6_gue_listener_does_not_stay_away: Row {
        kind: FindingKind::GueListenerMissing,
        site: Layout::GUE6,
        on: "web1",
        plant: "ip -6 fou del port 6080",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_gue_listener_does_not_stay_away: Row {
        kind: FindingKind::GueListenerMissing,
        site: Layout::GUE,
        on: "web1",
        plant: "ip fou del port 6080",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    what_comes_out_of_a_tunnel_does_not_stay_filtered: Row {
        kind: FindingKind::RpFilterDrops,
        site: Layout::IPIP,
        on: "web1",
        plant: "sysctl -w net.ipv4.conf.ipvs-ipip.rp_filter=1",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    what_comes_out_of_a_tunnel_does_not_stay_filtered_on_all_devices: Row {
        kind: FindingKind::RpFilterDrops,
        site: Layout::GRE,
        on: "web1",
        plant: "sysctl -w net.ipv4.conf.all.rp_filter=1",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    clients_of_a_real_server_do_not_go_on_sending_what_does_not_fit: Row {
        kind: FindingKind::TunnelMtu,
        site: Layout::IPIP,
        on: "web1",
        plant: "ip route change default via 10.10.20.254 dev eth0",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    ipv6_clients_of_a_real_server_do_not_go_on_sending_what_does_not_fit: Row {
        kind: FindingKind::TunnelMtu,
        site: Layout::IPIP6,
        on: "web1",
        plant: "ip -6 route change default via fd20::254 dev eth0",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    packets_of_clients_do_not_stay_too_large_for_the_network_of_the_servers: Row {
        kind: FindingKind::TunnelMtu,
        site: Layout::RETURNING,
        on: "director",
        plant: "ip link set eth1 mtu 1500",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: More {
            before: "for web in web1 web2; do
                     nsenter --net=/run/netns/$web ipvs-rs real-server down --vip 10.10.10.100 --device eth0
                     nsenter --net=/run/netns/$web ip link set eth0 mtu 1600
                     nsenter --net=/run/netns/$web ipvs-rs real-server up --vip 10.10.10.100 --device eth0 --forward ipip
                     done
                     ip link set eth1 mtu 1600
                     ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.20.12 --ipip
                     ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.20.13 --ipip",
            ..NO_MORE
        },
    };
}
