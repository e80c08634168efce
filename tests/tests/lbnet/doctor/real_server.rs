//! Mistakes of real servers with direct routing, or masqueraded.

use std::net::TcpListener;

use ipvs::Protocol;
use lbnet::doctor::{
    Examination, ExpectedServer, FindingKind, Findings, Replies, examine, examine_real_server,
};

use super::{Mistake, asked, each_is_found_and_fixed, notes, serious, sh};
use crate::machine::{Machine, VIP, device, real_server};

/// A real server as the library sets it up, and somebody who listens.
pub(super) fn machine() -> (Machine, TcpListener) {
    let machine = Machine::new();
    machine.host(async |host| real_server(VIP).up(host).await.unwrap());
    let web = listening(&machine, "0.0.0.0:80");
    (machine, web)
}

fn listening(machine: &Machine, at: &str) -> TcpListener {
    machine.netns.enter(|| TcpListener::bind(at).unwrap())
}

fn expected() -> ExpectedServer {
    let web = ExpectedServer::direct(VIP.parse().unwrap()).device(device("eth0"));
    web.port(Protocol::Tcp, "80".parse().unwrap())
}

pub(super) fn check(machine: &Machine, expected: &ExpectedServer) -> Findings {
    asked(machine, async |host| {
        examine_real_server(host, expected).await
    })
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_that_is_not_there_or_that_is_noticed_is_put_on_lo() {
    let (machine, _web) = machine();
    let delete = "ip address delete 10.10.10.100/32 dev lo";
    let on_eth0 = format!("{delete}; ip address add 10.10.10.100/24 dev eth0");
    let network = format!("{delete}; ip address add 10.10.10.100/24 dev lo");
    each_is_found_and_fixed(
        &machine,
        &|machine| check(machine, &expected()),
        &[
            Mistake::new(delete, FindingKind::VipMissing),
            Mistake::new(&on_eth0, FindingKind::VipOnWrongDevice),
            Mistake::new(&network, FindingKind::VipWithWrongPrefix),
        ],
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn arp_settings_count_where_arp_comes_in() {
    let (machine, _web) = machine();
    let set = |device: &str, ignore, announce| {
        let conf = format!("net.ipv4.conf.{device}.arp");
        format!("sysctl -w {conf}_ignore={ignore} {conf}_announce={announce}")
    };
    each_is_found_and_fixed(
        &machine,
        &|machine| check(machine, &expected()),
        &[
            Mistake::new(&set("eth0", 0, 2), FindingKind::ArpAnswered),
            // The kernel does not know 4. It answers then, and in `all` that counts for all devices.
            Mistake::new(&set("all", 4, 2), FindingKind::ArpAnswered),
            Mistake::new(
                &format!("{}; {}", set("all", 0, 2), set("eth0", 0, 2)),
                FindingKind::ArpAnswered,
            ),
            Mistake::new(
                &format!("{}; {}", set("all", 0, 0), set("eth0", 1, 1)),
                FindingKind::ArpAnnouncesVip,
            ),
            Mistake::new(
                &format!("{}; {}", set("lo", 1, 2), set("eth0", 0, 2)),
                FindingKind::ArpSettingsOnLoOnly,
            ),
        ],
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn without_the_host_route_clients_see_no_difference() {
    let (machine, _web) = machine();
    assert_eq!(notes(&check(&machine, &expected())), []);
    sh(&machine, "ip route delete 10.10.10.100 dev lo");
    let findings = check(&machine, &expected());
    assert_eq!(notes(&findings), [FindingKind::HostRouteMissing]);
    assert!(findings.is_healthy());
    super::fix(&machine, findings.iter().next().unwrap());
    assert_eq!(notes(&check(&machine, &expected())), []);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn somebody_has_to_listen_on_the_vip() {
    let (machine, web) = machine();
    let https = expected().port(Protocol::Tcp, "443".parse().unwrap());
    assert_eq!(serious(&check(&machine, &https)), [FindingKind::PortClosed]);
    let dns = expected().port(Protocol::Udp, "80".parse().unwrap());
    assert_eq!(serious(&check(&machine, &dns)), [FindingKind::PortClosed]);

    let anything = ExpectedServer::direct(VIP.parse().unwrap());
    assert_eq!(serious(&check(&machine, &anything)), []);
    drop(web);
    assert_eq!(
        serious(&check(&machine, &anything)),
        [FindingKind::NothingListens]
    );
    let _elsewhere = listening(&machine, "10.10.10.11:80");
    assert_eq!(
        serious(&check(&machine, &anything)),
        [FindingKind::NothingListens]
    );
    assert_eq!(
        serious(&check(&machine, &expected())),
        [FindingKind::PortClosed]
    );
    let _here = listening(&machine, "10.10.10.100:80");
    assert_eq!(serious(&check(&machine, &expected())), []);
    // A socket of IPv6 takes clients of IPv4 too.
    let _both = listening(&machine, "[::]:443");
    assert_eq!(serious(&check(&machine, &https)), []);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn answers_of_a_masqueraded_server_go_back_to_the_director() {
    let (machine, _web) = machine();
    let through = |director: &str| {
        let replies = Replies::Through(director.parse().unwrap());
        ExpectedServer::masquerade(replies)
    };
    let expected = through("10.10.10.1").port(Protocol::Tcp, "80".parse().unwrap());
    sh(&machine, "ip route add default via 10.10.10.1");
    let gone = "ip route delete default";
    let other = "ip route replace default via 10.10.10.254";
    each_is_found_and_fixed(
        &machine,
        &|machine| check(machine, &expected),
        &[
            Mistake::new(gone, FindingKind::GatewayIsNotTheDirector),
            Mistake::new(other, FindingKind::GatewayIsNotTheDirector),
        ],
    );
    sh(&machine, "ip address add fd00::11/64 dev eth0 nodad");
    sh(&machine, "ip -6 route add default via fd00::254");
    let six = through("fd00::1");
    let findings = check(&machine, &six);
    assert_eq!(serious(&findings), [FindingKind::GatewayIsNotTheDirector]);
    super::fix(&machine, findings.iter().next().unwrap());
    let findings = check(&machine, &six);
    assert_eq!(serious(&findings), []);
    // No director can be told to send none.
    assert_eq!(notes(&findings), [FindingKind::RedirectsAccepted]);
    super::fix(&machine, findings.iter().next().unwrap());
    assert!(check(&machine, &six).is_empty());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_ipv6_vip_is_quiet_anywhere_but_on_the_clients_device() {
    let (machine, _web) = machine();
    let _six = listening(&machine, "[::]:443");
    sh(&machine, "ip address add fd00::11/64 dev eth0 nodad");
    machine.host(async |host| real_server("fd00::100").up(host).await.unwrap());
    let expected = ExpectedServer::direct("fd00::100".parse().unwrap());
    let delete = "ip address delete fd00::100/128 dev lo";
    let on_eth0 = format!("{delete}; ip address add fd00::100/128 dev eth0 nodad");
    let network = format!("{delete}; ip address add fd00::100/64 dev lo");
    each_is_found_and_fixed(
        &machine,
        &|machine| check(machine, &expected),
        &[
            Mistake::new(delete, FindingKind::VipMissing),
            Mistake::new(&on_eth0, FindingKind::VipOnWrongDevice),
            Mistake::new(&network, FindingKind::VipWithWrongPrefix),
        ],
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_was_set_up_is_checked_for_being_as_it_was() {
    let (machine, _web) = machine();
    let wanted = real_server(VIP);
    each_is_found_and_fixed(
        &machine,
        &|machine| {
            asked(machine, async |host| {
                examine_real_server(host, &(&wanted).into()).await
            })
        },
        &[Mistake::new(
            "sysctl -w net.ipv4.conf.eth0.arp_ignore=0",
            FindingKind::ArpAnswered,
        )],
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn addresses_that_look_like_vips_are_never_taken_for_them() {
    let (machine, _web) = machine();
    sh(
        &machine,
        "ip link add vips type dummy; ip link set vips up
         ip address add 10.10.10.101/32 dev vips
         ip address add 10.10.10.102/24 dev vips
         ip address add 169.254.20.10/32 dev vips
         ip address add 10.10.10.103/32 dev eth0
         ip address add fd00::100/128 dev lo
         ip address add 10.10.20.104/24 dev lo
         ip address add 10.10.10.105/24 dev lo",
    );
    let diagnosis = machine.host(async |host| {
        let examination = Examination::default();
        examine(host, &examination).await.unwrap()
    });
    let possible: Vec<_> = diagnosis
        .possible_vips
        .iter()
        .map(ToString::to_string)
        .collect();
    // The journal has 10.10.10.100. The network of 10.10.20.104 is on lo alone: it may be meant.
    assert_eq!(possible, ["10.10.10.101", "10.10.10.105", "fd00::100"]);
    let of_them = diagnosis
        .findings
        .iter()
        .filter(|it| it.kind == FindingKind::PossibleVip);
    assert_eq!(of_them.filter(|it| it.remedies.is_empty()).count(), 3);
    let text = diagnosis.findings.to_string();
    for vip in possible {
        for remedy in diagnosis.findings.iter().flat_map(|it| &it.remedies) {
            assert!(!remedy.to_string().contains(&vip), "{remedy} in {text}");
        }
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn looking_changes_nothing() {
    let (machine, _web) = machine();
    let before = machine.dump();
    check(&machine, &expected());
    let tunnel = lbnet::Tunnel::gue(6080.try_into().unwrap());
    check(
        &machine,
        &ExpectedServer::tunnel(VIP.parse().unwrap(), tunnel),
    );
    machine.assert_unchanged_since(&before);
}
