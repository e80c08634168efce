//! Mistakes of directors.

use std::{process::Command, time::Duration};

use ipvs::{
    Destination, DestinationStatus, Encapsulation, Endpoint, Forwarding, Service, ServiceStatus,
    Stats, SyncDaemon, SyncRole, VirtualServerStatus,
};
use lbnet::Placement;
use lbnet::doctor::{Balancing, FindingKind, Findings, Severity, examine_director, examine_set_up};

use super::{Mistake, asked, each_is_found_and_fixed, notes, serious, sh};
use crate::machine::{Machine, VIP, director};

/// A director as the library sets it up, with IPVS loaded.
fn machine() -> Machine {
    let modules = ["--quiet", "--all", "ip_vs", "ipv6"];
    let _ = Command::new("modprobe").args(modules).status();
    let machine = Machine::new();
    machine.host(async |host| director("10.10.10.100/24").up(host).await.unwrap());
    for server in ["10.10.10.12", "10.10.10.13", "10.10.20.12", "10.10.10.1"] {
        is_there(&machine, server, "eth0");
    }
    machine
}

/// A neighbour that needs no host: the kernel does not ask for one that was added by hand.
fn is_there(machine: &Machine, server: &str, device: &str) {
    let by_hand = "lladdr 02:00:00:00:00:12 nud permanent";
    sh(
        machine,
        &format!("ip neighbour replace {server} dev {device} {by_hand}"),
    );
}

fn direct() -> Destination {
    to("10.10.10.12", Forwarding::Direct)
}

fn to(server: &str, forwarding: Forwarding) -> Destination {
    let id = Endpoint::new(server.parse().unwrap(), 80);
    Destination::new(id).forwarding(forwarding)
}

fn service(vip: &str) -> Service {
    let id = Endpoint::new(vip.parse().unwrap(), 80);
    Service::tcp(id).scheduler("rr".parse().unwrap())
}

fn with<const N: usize>(service: Service, destinations: [Destination; N]) -> VirtualServerStatus {
    let service = ServiceStatus::new(service, Stats::default());
    let unused = |destination| DestinationStatus::new(destination, Stats::default());
    VirtualServerStatus::new(service, destinations.map(unused))
}

fn balancing<const N: usize>(servers: [VirtualServerStatus; N]) -> Balancing {
    let mut balancing = Balancing::default();
    balancing.servers = servers.into();
    balancing
}

fn web(destination: Destination) -> Balancing {
    balancing([with(service(VIP), [destination])])
}

fn check(machine: &Machine, balancing: &Balancing) -> Findings {
    asked(machine, async |host| {
        examine_director(host, balancing).await
    })
}

#[track_caller]
fn found_and_fixed(balancing: &Balancing, mistakes: &[Mistake<'_>]) {
    let check = |machine: &Machine| check(machine, balancing);
    each_is_found_and_fixed(&machine(), &check, mistakes);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_that_clients_do_not_find_is_brought_back() {
    let on_lo = "ip address delete 10.10.10.100/24 dev eth0
                 ip address add 10.10.10.100/32 dev lo
                 sysctl -w net.ipv4.conf.all.arp_ignore=1";
    let by_route = "ip address delete 10.10.10.100/24 dev eth0
                    ip route add local 10.10.10.100 dev lo
                    sysctl -w net.ipv4.conf.eth0.arp_ignore=2";
    let network_on_lo = "ip address delete 10.10.10.100/24 dev eth0
                         ip address add 10.10.10.100/24 dev lo";
    let gone = "ip address delete 10.10.10.100/24 dev eth0";
    // A server that is there whatever happens to the network.
    let here = to("127.0.0.1", Forwarding::Direct);
    found_and_fixed(
        &web(here),
        &[
            Mistake::new(gone, FindingKind::VipMissing),
            Mistake::new(on_lo, FindingKind::VipNotAnswered),
            Mistake::new(by_route, FindingKind::VipNotAnswered),
            Mistake::new(network_on_lo, FindingKind::VipWithWrongPrefix),
            Mistake::new("ip link set eth0 down", FindingKind::VipDeviceDown),
        ],
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn redirects_count_wherever_they_are_on() {
    let machine = machine();
    let masqueraded = web(to("10.10.20.12", Forwarding::Masquerade));
    sh(&machine, "ip address add 10.10.20.11/24 dev eth0");
    sh(&machine, "sysctl -w net.ipv4.ip_forward=1");
    each_is_found_and_fixed(
        &machine,
        &|machine| check(machine, &masqueraded),
        &[
            Mistake::new(
                "sysctl -w net.ipv4.conf.all.send_redirects=1",
                FindingKind::RedirectsSent,
            ),
            Mistake::new(
                "sysctl -w net.ipv4.conf.eth0.send_redirects=1",
                FindingKind::RedirectsSent,
            ),
        ],
    );
    // Packets of direct routing are not forwarded.
    sh(&machine, "sysctl -w net.ipv4.conf.all.send_redirects=1");
    assert_eq!(serious(&check(&machine, &web(direct()))), []);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn masquerading_needs_packets_to_be_passed_on() {
    let machine = machine();
    let masqueraded = web(to("10.10.20.12", Forwarding::Masquerade));
    sh(&machine, "ip address add 10.10.20.11/24 dev eth0");
    sh(&machine, "sysctl -w net.ipv4.ip_forward=1");
    // Written once more: forwarding makes hosts routers, which send redirects.
    sh(&machine, "sysctl -w net.ipv4.conf.all.send_redirects=0");
    each_is_found_and_fixed(
        &machine,
        &|machine| check(machine, &masqueraded),
        &[
            Mistake::new(
                "sysctl -w net.ipv4.ip_forward=0",
                FindingKind::ForwardingOff,
            ),
            Mistake::new(
                "sysctl -w net.ipv4.conf.eth0.forwarding=0",
                FindingKind::ForwardingOff,
            ),
        ],
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn settings_that_hurt_are_set_right() {
    let dns = Service::udp(Endpoint::new(VIP.parse().unwrap(), 53));
    let sticky = service(VIP).persistent(Duration::from_secs(300));
    let drained = to("10.10.10.13", Forwarding::Direct).weight(0);
    let all = balancing([with(dns, [direct()]), with(sticky, [direct(), drained])]);
    let machine = machine();
    for setting in ["expire_nodest_conn", "expire_quiescent_template"] {
        sh(&machine, &format!("sysctl -w net.ipv4.vs.{setting}=1"));
    }
    let off = |setting: &str| format!("sysctl -w net.ipv4.vs.{setting}=0");
    sh(&machine, &off("expire_nodest_conn"));
    let noted = notes(&check(&machine, &all));
    assert!(
        noted.contains(&FindingKind::DeletedServerKeepsClients),
        "{noted:?}"
    );
    each_is_found_and_fixed(
        &machine,
        &|machine| check(machine, &all),
        &[
            Mistake::new(&off("conn_reuse_mode"), FindingKind::ConnectionReuseOff),
            Mistake::new(
                &off("expire_quiescent_template"),
                FindingKind::DrainedServerKeepsClients,
            ),
        ],
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_server_that_packets_do_not_get_to_is_named() {
    let machine = machine();
    let found = |balancing: &Balancing| serious(&check(&machine, balancing));
    assert_eq!(found(&web(direct())), []);
    sh(&machine, "ip neighbour delete 10.10.10.12 dev eth0");
    assert_eq!(found(&web(direct())), [FindingKind::ServerSilent]);
    assert_eq!(
        found(&web(direct().weight(0))),
        [FindingKind::ServiceWithoutServers]
    );
    let far = |forwarding| web(to("10.10.20.12", forwarding));
    let direct = far(Forwarding::Direct);
    assert_eq!(found(&direct), [FindingKind::ServerUnreachable]);
    sh(&machine, "ip route add 10.10.20.12 via 10.10.10.1");
    assert_eq!(found(&direct), [FindingKind::ServerBehindGateway]);
    let tunnel = Forwarding::Tunnel(Encapsulation::Ipip);
    assert_eq!(found(&far(tunnel)), []);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_tunnel_that_is_too_narrow_is_noted_and_fragments_are_warned_of() {
    let machine = machine();
    sh(&machine, "ip link add eth1 type dummy");
    sh(&machine, "ip link set eth1 arp on up");
    sh(&machine, "ip address add 10.10.20.11/24 dev eth1");
    is_there(&machine, "10.10.20.12", "eth1");
    let tunnel = web(to("10.10.20.12", Forwarding::Tunnel(Encapsulation::Ipip)));
    let findings = check(&machine, &tunnel);
    assert_eq!(notes(&findings), [FindingKind::TunnelMtu]);
    let said = "packets of more than 1480 bytes do not fit through eth1 to 10.10.20.12";
    assert!(findings.iter().any(|it| it.problem == said), "{findings}");
    each_is_found_and_fixed(
        &machine,
        &|machine| check(machine, &tunnel),
        &[Mistake::new(
            "sysctl -w net.ipv4.vs.pmtu_disc=0",
            FindingKind::TunnelMtu,
        )],
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_ipv6_vip_is_deprecated_and_on_the_clients_device() {
    let machine = machine();
    sh(&machine, "ip address add fd00::11/64 dev eth0 nodad");
    machine.host(async |host| director("fd00::100/128").up(host).await.unwrap());
    is_there(&machine, "fd00::12", "eth0");
    let to_server =
        |server, forwarding| balancing([with(service("fd00::100"), [to(server, forwarding)])]);
    let service = |forwarding| to_server("fd00::12", forwarding);
    let direct = service(Forwarding::Direct);
    let preferred = "ip address change fd00::100/128 dev eth0 preferred_lft forever";
    let on_lo = "ip address delete fd00::100/128 dev eth0; ip address add fd00::100/128 dev lo";
    each_is_found_and_fixed(
        &machine,
        &|machine| check(machine, &direct),
        &[
            Mistake::new(preferred, FindingKind::VipPreferredAsSource),
            Mistake::new(on_lo, FindingKind::VipNotAnswered),
        ],
    );
    let forwarding = "net.ipv6.conf.all.forwarding";
    sh(&machine, &format!("sysctl -w {forwarding}=1"));
    sh(&machine, "ip address add fd20::11/64 dev eth0 nodad");
    is_there(&machine, "fd20::12", "eth0");
    let masqueraded = to_server("fd20::12", Forwarding::Masquerade);
    each_is_found_and_fixed(
        &machine,
        &|machine| check(machine, &masqueraded),
        &[Mistake::new(
            &format!("sysctl -w {forwarding}=0"),
            FindingKind::ForwardingOff,
        )],
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_preferred_ipv6_vip_is_worse_where_packets_leave_with_it() {
    let machine = machine();
    sh(&machine, "ip address add fd00::11/64 dev eth0 nodad");
    sh(&machine, "ip address add fd00::100/128 dev eth0 nodad");
    let severity = |forwarding| {
        let server = to("fd00::12", forwarding);
        let balancing = balancing([with(service("fd00::100"), [server])]);
        let findings = check(&machine, &balancing);
        let kind = FindingKind::VipPreferredAsSource;
        let finding = findings.iter().find(|it| it.kind == kind).unwrap();
        finding.severity
    };
    let tunnel = Forwarding::Tunnel(Encapsulation::Ipip);
    assert_eq!(severity(tunnel), Severity::Problem);
    assert_eq!(severity(Forwarding::Direct), Severity::Warning);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn sync_daemons_need_a_device_that_is_up() {
    let machine = machine();
    sh(&machine, "ip link add eth1 type dummy; ip link set eth1 up");
    let with = |role, device| {
        let mut balancing = web(direct());
        balancing.sync_daemons = vec![SyncDaemon::new(role, device).sync_id(7)];
        balancing
    };
    let backup = with(SyncRole::Backup, "eth1");
    each_is_found_and_fixed(
        &machine,
        &|machine| check(machine, &backup),
        &[Mistake::new(
            "ip link set eth1 down",
            FindingKind::SyncDeviceDown,
        )],
    );
    let gone = with(SyncRole::Master, "eth9");
    assert_eq!(
        serious(&check(&machine, &gone)),
        [FindingKind::SyncDeviceMissing]
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_was_set_up_is_checked_for_being_as_it_was() {
    let machine = machine();
    let wanted = director("10.10.10.100/24");
    let delete = "ip address delete 10.10.10.100/24 dev eth0";
    let elsewhere = format!("{delete}; ip address add 10.10.10.100/24 dev cable");
    let narrower = format!("{delete}; ip address add 10.10.10.100/25 dev eth0");
    each_is_found_and_fixed(
        &machine,
        &|machine| asked(machine, async |host| examine_set_up(host, &wanted).await),
        &[
            Mistake::new(delete, FindingKind::VipMissing),
            Mistake::new(&elsewhere, FindingKind::VipOnWrongDevice),
            Mistake::new(&narrower, FindingKind::VipWithWrongPrefix),
        ],
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_gateway_goes_on_taking_and_tracking_answers() {
    let machine = machine();
    let wanted = director("10.10.10.200")
        .gateway_on("cable".parse().unwrap())
        .track_connections();
    machine.host(async |host| wanted.up(host).await.unwrap());
    let strict = "sysctl -w net.ipv4.conf.cable.rp_filter=1";
    each_is_found_and_fixed(
        &machine,
        &|machine| asked(machine, async |host| examine_set_up(host, &wanted).await),
        &[
            Mistake::new(
                "sysctl -w net.ipv4.conf.cable.accept_local=0",
                FindingKind::AcceptLocalOff,
            ),
            Mistake::new(strict, FindingKind::RpFilterDrops),
            Mistake::new(
                "sysctl -w net.ipv4.vs.conntrack=0",
                FindingKind::ConnectionsUntracked,
            ),
        ],
    );
    sh(&machine, "sysctl -w net.ipv4.ip_forward=0");
    let findings = asked(&machine, async |host| examine_set_up(host, &wanted).await);
    assert_eq!(serious(&findings), [FindingKind::ForwardingOff]);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_is_looked_for_where_it_was_put() {
    let machine = machine();
    for (placement, gone) in [
        (
            Placement::Loopback,
            "ip address delete 10.10.10.200/32 dev lo",
        ),
        (
            Placement::Dummy("ipvs0".parse().unwrap()),
            "ip address delete 10.10.10.200/32 dev ipvs0",
        ),
        (
            Placement::Route,
            "ip route delete local 10.10.10.200 dev lo table local",
        ),
    ] {
        let wanted = director("10.10.10.200").placement(placement);
        machine.host(async |host| wanted.up(host).await.unwrap());
        let check =
            |machine: &Machine| asked(machine, async |host| examine_set_up(host, &wanted).await);
        assert_eq!(serious(&check(&machine)), []);
        sh(&machine, gone);
        assert_eq!(serious(&check(&machine)), [FindingKind::VipMissing]);
        machine.host(async |host| {
            wanted.up(host).await.unwrap();
            wanted.down(host).await.unwrap();
        });
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn looking_changes_nothing() {
    let machine = machine();
    let before = machine.dump();
    let tunnel = Forwarding::Tunnel(Encapsulation::Ipip);
    check(&machine, &web(to("10.10.20.12", tunnel)));
    asked(&machine, async |host| {
        examine_set_up(host, &director("10.10.10.100/24")).await
    });
    machine.assert_unchanged_since(&before);
}
