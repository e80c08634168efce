//! Masqueraded real servers whose replies do not come back as they should.

use lbnet::doctor::FindingKind;

use super::row::{Asked, Clients, More, NO_MORE, Printed, Row, Seen, rows};
use super::site::Layout;

rows! {
    a_director_that_stopped_forwarding_does_not_go_on_dropping_replies: Row {
        kind: FindingKind::ForwardingOff,
        site: Layout::MASQUERADED,
        on: "director",
        plant: "sysctl -w net.ipv4.ip_forward=0",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_device_that_stopped_forwarding_does_not_go_on_dropping_replies: Row {
        kind: FindingKind::ForwardingOff,
        site: Layout::MASQUERADED,
        on: "director",
        plant: "sysctl -w net.ipv4.conf.eth1.forwarding=0",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_director_that_stopped_forwarding_ipv6_does_not_go_on_dropping_replies: Row {
        kind: FindingKind::ForwardingOff,
        site: Layout::MASQUERADED6,
        on: "director",
        plant: "sysctl -w net.ipv6.conf.all.forwarding=0",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    replies_that_never_passed_the_director_do_not_go_on_another_way: Row {
        kind: FindingKind::RepliesDoNotComeBack,
        site: Layout::MASQUERADED,
        on: "director",
        plant: "nsenter --net=/run/netns/web1 ip route replace default via 10.10.20.13
                for client in $(seq 24); do
                nsenter --net=/run/netns/client timeout 0.2 bash -c 'exec 3<>/dev/tcp/10.10.10.100/80' || true
                done",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: More {
            seen: Seen::AfterClients,
            ..NO_MORE
        },
    };

    a_real_server_does_not_keep_another_gateway_than_the_director: Row {
        kind: FindingKind::GatewayIsNotTheDirector,
        site: Layout::MASQUERADED,
        on: "web1",
        plant: "ip route replace default via 10.10.20.13",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: More {
            // The director sees replies, too.
 seen: Seen::AfterClients,
            ..NO_MORE
        },
    };

    a_real_server_does_not_keep_another_gateway_that_a_lease_gave_it: Row {
        kind: FindingKind::GatewayIsNotTheDirector,
        site: Layout::MASQUERADED,
        on: "web1",
        plant: "ip route delete default
                ip route add default via 10.10.20.13 dev eth0 proto dhcp src 10.10.20.12 metric 100",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: More {
            // The director sees replies, too.
 seen: Seen::AfterClients,
            ..NO_MORE
        },
    };

    a_real_server_does_not_stay_without_a_default_route: Row {
        kind: FindingKind::GatewayIsNotTheDirector,
        site: Layout::MASQUERADED,
        on: "web1",
        plant: "ip route delete default",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: More {
            // The director sees replies, too.
 seen: Seen::AfterClients,
            ..NO_MORE
        },
    };

    a_real_server_does_not_keep_another_ipv6_gateway_than_the_director: Row {
        kind: FindingKind::GatewayIsNotTheDirector,
        site: Layout::MASQUERADED6,
        on: "web1",
        plant: "ip -6 route replace default via fd20::13",
        clients: Clients::SomeUnserved,
        remedy: Printed::Commands,
        more: More {
            // The director sees replies, too.
 seen: Seen::AfterClients,
            ..NO_MORE
        },
    };

    a_real_server_does_not_go_on_accepting_redirects: Row {
        kind: FindingKind::RedirectsAccepted,
        site: Layout::MASQUERADED6,
        on: "web1",
        plant: "sysctl -w net.ipv6.conf.eth0.accept_redirects=1",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    replies_do_not_go_on_coming_from_an_address_that_clients_do_not_know: Row {
        kind: FindingKind::OnePacketMasqueraded,
        site: Layout::MASQUERADED,
        on: "director",
        plant: "ipvs-rs edit-service -u 10.10.10.100:53 -o",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: More {
            before: "ipvs-rs add-service -u 10.10.10.100:53 -s rr
                     ipvs-rs add-destination -u 10.10.10.100:53 -r 10.10.20.12 -m
                     ipvs-rs add-destination -u 10.10.10.100:53 -r 10.10.20.13 -m",
            asked: Asked::Udp,
            ..NO_MORE
        },
    };

    masqueraded_servers_beside_their_clients_are_not_given_a_command_that_does_not_help: Row {
        kind: FindingKind::ServersInClientsNetwork,
        site: Layout::DIRECT,
        on: "director",
        plant: "ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.10.12 -m
                ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.10.13 -m",
        clients: Clients::NoneServed,
        remedy: Printed::Nothing(
            "what helps is another network, or source NAT: each is more than a command",
        ),
        more: More {
            before: "sysctl -w net.ipv4.ip_forward=1
                     sysctl -w net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0",
            ..NO_MORE
        },
    };
}
