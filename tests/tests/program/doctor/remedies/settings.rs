//! Settings of the kernel and of IPVS that harm some clients, or harm on another day.

use lbnet::doctor::FindingKind;

use super::row::{Asked, Clients, More, NO_MORE, Printed, Row, rows};
use super::site::Layout;

/// Clients and real servers are behind the same device of the director. These servers ignore redirects:
/// whether one is learned depends on when it comes, and it is believed for five minutes.
const BEHIND_ONE_DEVICE: &str = "for web in web1 web2; do
         ip -n switch link set $web master bridge
         nsenter --net=/run/netns/$web sysctl -w net.ipv4.conf.all.accept_redirects=0
         nsenter --net=/run/netns/$web sysctl -w net.ipv4.conf.eth0.accept_redirects=0
     done
     ip address flush dev eth1
     ip address add 10.10.20.11/24 dev eth0";

rows! {
    busy_clients_do_not_stay_with_a_drained_server: Row {
        kind: FindingKind::ConnectionReuseOff,
        site: Layout::DIRECT,
        on: "director",
        plant: "sysctl -w net.ipv4.vs.conn_reuse_mode=0",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    udp_clients_do_not_stay_with_a_server_that_was_deleted: Row {
        kind: FindingKind::DeletedServerKeepsClients,
        site: Layout::MASQUERADED,
        on: "director",
        plant: "ipvs-rs add-service -u 10.10.10.100:53 -s rr
                ipvs-rs add-destination -u 10.10.10.100:53 -r 10.10.20.12 -m
                ipvs-rs add-destination -u 10.10.10.100:53 -r 10.10.20.13 -m",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: More {
            asked: Asked::Udp,
            ..NO_MORE
        },
    };

    persistent_clients_do_not_stay_with_a_drained_server: Row {
        kind: FindingKind::DrainedServerKeepsClients,
        site: Layout::DIRECT,
        on: "director",
        plant: "ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.10.13 -w 0",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: More {
            before: "ipvs-rs edit-service -t 10.10.10.100:80 -p 300",
            by: &["web1"],
            ..NO_MORE
        },
    };

    clients_that_reuse_a_port_do_not_return_to_a_drained_server: Row {
        kind: FindingKind::DrainedServerKeepsPorts,
        site: Layout::DIRECT,
        on: "director",
        plant: "ipvs-rs edit-destination -t 10.10.10.100:80 -r 10.10.10.13 -w 0",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: More {
            before: "for client in 1 2 3 4; do
                         nsenter --net=/run/netns/client bash -c 'cat < /dev/tcp/10.10.10.100/80'
                     done",
            by: &["web1"],
            ..NO_MORE
        },
    };

    idle_clients_do_not_stay_forgotten_before_their_first_keepalive: Row {
        kind: FindingKind::IdleConnectionsForgotten,
        site: Layout::DIRECT,
        on: "director",
        plant: "ipvs-rs timeouts --tcp 600",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    real_servers_do_not_go_on_learning_a_way_past_the_director: Row {
        kind: FindingKind::RedirectsSent,
        site: Layout::MASQUERADED,
        on: "director",
        plant: "sysctl -w net.ipv4.conf.eth0.send_redirects=1",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: More {
            before: BEHIND_ONE_DEVICE,
            ..NO_MORE
        },
    };

    real_servers_do_not_go_on_learning_a_way_past_the_director_on_any_device: Row {
        kind: FindingKind::RedirectsSent,
        site: Layout::MASQUERADED,
        on: "director",
        plant: "sysctl -w net.ipv4.conf.all.send_redirects=1",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: More {
            before: BEHIND_ONE_DEVICE,
            ..NO_MORE
        },
    };

    flows_that_are_older_than_a_setting_are_not_broken_by_a_command: Row {
        kind: FindingKind::FlowsBeforeOnePacket,
        site: Layout::DIRECT,
        on: "director",
        plant: "nsenter --net=/run/netns/client bash -c 'echo hello >/dev/udp/10.10.10.100/53'
                ipvs-rs edit-service -u 10.10.10.100:53 -o",
        clients: Clients::Served,
        remedy: Printed::Nothing("these flows work, and end by themselves"),
        more: More {
            before: "ipvs-rs add-service -u 10.10.10.100:53 -s rr
                     ipvs-rs add-destination -u 10.10.10.100:53 -r 10.10.10.12
                     ipvs-rs add-destination -u 10.10.10.100:53 -r 10.10.10.13",
            ..NO_MORE
        },
    };
}
