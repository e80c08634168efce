//! Real servers that clients reach past the director.

use lbnet::doctor::FindingKind;

use super::row::{Clients, NO_MORE, Printed, Row, rows};
use super::site::Layout;

rows! {
    a_real_server_does_not_go_on_answering_for_the_vip: Row {
        kind: FindingKind::ArpAnswered,
        site: Layout::DIRECT,
        on: "web1",
        plant: "sysctl -w net.ipv4.conf.eth0.arp_ignore=0",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_value_for_all_devices_does_not_go_on_outweighing_that_of_the_device: Row {
        kind: FindingKind::ArpAnswered,
        site: Layout::DIRECT,
        on: "web1",
        // It is no value, and the kernel answers for all addresses.
        plant: "sysctl -w net.ipv4.conf.all.arp_ignore=4",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_real_server_behind_a_tunnel_does_not_go_on_answering_for_the_vip: Row {
        kind: FindingKind::ArpAnswered,
        site: Layout::IPIP,
        on: "web1",
        plant: "sysctl -w net.ipv4.conf.eth0.arp_ignore=0",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    settings_of_lo_do_not_stay_where_they_have_no_effect: Row {
        kind: FindingKind::ArpSettingsOnLoOnly,
        site: Layout::DIRECT,
        on: "web1",
        plant: "sysctl -w net.ipv4.conf.lo.arp_ignore=1 net.ipv4.conf.eth0.arp_ignore=0",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_second_device_in_the_segment_does_not_go_on_answering_for_the_vip: Row {
        kind: FindingKind::ArpAnsweredOnSecondDevice,
        site: Layout::DIRECT,
        on: "web1",
        plant: "ip -n switch link add web1b type veth peer name eth1 netns web1
                ip -n switch link set web1b master bridge up
                ip link set eth1 up
                ip address add 10.10.10.22/24 dev eth1",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    clients_do_not_go_on_learning_the_vip_from_requests_of_a_real_server: Row {
        kind: FindingKind::ArpAnnouncesVip,
        site: Layout::DIRECT,
        on: "web1",
        plant: "sysctl -w net.ipv4.conf.eth0.arp_announce=0",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_route_that_real_server_up_adds_does_not_stay_away: Row {
        kind: FindingKind::HostRouteMissing,
        site: Layout::DIRECT,
        on: "web1",
        plant: "ip route delete 10.10.10.100 dev lo",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: NO_MORE,
    };
}
