//! Sync daemons, and directors that are each other's standby.

use lbnet::doctor::FindingKind;

use super::row::{Clients, More, NO_MORE, Printed, Row, rows};
use super::site::Layout;

rows! {
    a_sync_daemon_does_not_stay_on_a_device_that_is_gone: Row {
        kind: FindingKind::SyncDeviceMissing,
        site: Layout::DIRECT,
        on: "director",
        plant: "ip link add sync0 type veth peer name sync1
                ip link set sync0 up
                ipvs-rs start-sync master --interface sync0 --syncid 7
                ip link delete sync0",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    a_sync_daemon_does_not_stay_on_a_device_that_is_down: Row {
        kind: FindingKind::SyncDeviceDown,
        site: Layout::DIRECT,
        on: "director",
        plant: "ip link add sync0 type veth peer name sync1
                ip link set sync0 up
                ipvs-rs start-sync master --interface sync0 --syncid 7
                ip link set sync0 down",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: NO_MORE,
    };

    sync_ids_that_may_be_meant_are_not_changed_by_a_command: Row {
        kind: FindingKind::SyncIdsDiffer,
        site: Layout::DIRECT,
        on: "director",
        plant: "ipvs-rs start-sync master --interface eth0 --syncid 7
                ipvs-rs start-sync backup --interface eth0 --syncid 8",
        clients: Clients::Served,
        remedy: Printed::Nothing("two directors that both serve have two ids, each the other way round"),
        more: NO_MORE,
    };

    a_standby_that_is_a_real_server_does_not_go_on_balancing: Row {
        kind: FindingKind::DirectorsServeEachOther,
        site: Layout::DIRECT,
        on: "web1",
        plant: "ipvs-rs start-sync backup --interface eth0 --syncid 7
                ipvs-rs timeouts --tcp 7260
                ipvs-rs add-service -t 10.10.10.100:80 -s rr
                ipvs-rs add-destination -t 10.10.10.100:80 -r 10.10.10.12
                ipvs-rs add-destination -t 10.10.10.100:80 -r 10.10.10.13",
        clients: Clients::Served,
        remedy: Printed::Commands,
        more: More {
            before: "sysctl -w net.ipv4.conf.all.send_redirects=0 net.ipv4.conf.eth0.send_redirects=0",
            ..NO_MORE
        },
    };

    a_director_does_not_stay_a_backup_only: Row {
        kind: FindingKind::BackupOnlyStopsBalancing,
        site: Layout::DIRECT,
        on: "director",
        plant: "ipvs-rs start-sync backup --interface eth0 --syncid 7
                sysctl -w net.ipv4.vs.backup_only=1",
        clients: Clients::NoneServed,
        remedy: Printed::Commands,
        more: NO_MORE,
    };
}
