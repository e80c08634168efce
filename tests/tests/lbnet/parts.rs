//! Parts of a set-up, each used alone.

use std::time::Duration;

use ipvs_lab::{netns::Netns, process};
use lbnet::{
    Address, DuplicateDetection, Error, HostError, HostRoute, Lifetime, LinkKind, LinkState,
    NeighbourState, NewLink, Preference, Reach, TunnelKind, TunnelLink,
};

use crate::machine::{Machine, device};

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_address_stays_for_as_long_as_it_was_told_to() {
    let machine = Machine::new();
    let minute = Lifetime::For(Duration::from_secs(60));
    machine.host(async |host| {
        let shorter = Address::new("10.10.10.100/24".parse().unwrap(), device("eth0"));
        host.add_address(&shorter.lifetime(minute)).await.unwrap();
        let quiet = Address::new("fd00::100/128".parse().unwrap(), device("eth0"));
        let quiet = quiet.preference(Preference::Deprecated).lifetime(minute);
        host.add_address(&quiet).await.unwrap();
        let careful = Address::new("fd00::101/128".parse().unwrap(), device("eth0"));
        let careful = careful.duplicate_detection(DuplicateDetection::Performed);
        host.add_address(&careful).await.unwrap();
        for status in host.addresses().await.unwrap() {
            let address = status.address;
            match address.prefix.address().to_string().as_str() {
                "10.10.10.100" | "fd00::100" => assert!(
                    matches!(address.lifetime, Lifetime::For(left) if left.as_secs() > 50),
                    "{address:?}"
                ),
                "fd00::101" => {
                    assert_eq!(address.lifetime, Lifetime::Forever);
                    assert_eq!(address.duplicate_detection, DuplicateDetection::Performed);
                }
                _ => {}
            }
        }
    });
    let shown = machine.ip("-oneline address show dev eth0 to fd00::100");
    for word in ["deprecated", "nodad", "preferred_lft 0sec"] {
        assert!(shown.contains(word), "{shown}");
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn devices_come_and_go_and_are_switched() {
    process::run("modprobe", &["-a", "ipip", "dummy"]);
    let machine = Machine::new();
    let before = machine.dump();
    let local = "10.10.10.11".parse().unwrap();
    let tunnel = TunnelLink::receiving(TunnelKind::Ipip, local);
    machine.host(async |host| {
        for link in [
            NewLink::dummy(device("vips")),
            NewLink::tunnel(device("in"), tunnel),
        ] {
            host.add_link(&link).await.unwrap();
            let again = host.add_link(&link).await.unwrap_err();
            assert!(
                matches!(again, Error::Host(HostError::LinkExists { .. })),
                "{again}"
            );
            assert_eq!(host.link(&link.name).await.unwrap().state, LinkState::Up);
            let off = host.set_link_state(&link.name, LinkState::Down).await;
            off.unwrap();
            assert_eq!(host.link(&link.name).await.unwrap().state, LinkState::Down);
        }
        let read = host.link(&device("in")).await.unwrap();
        assert_eq!(read.kind, Some(LinkKind::Tunnel(tunnel)));
        // The module's own device leads anywhere.
        let fallback = host.link(&device("tunl0")).await.unwrap();
        assert!(
            matches!(fallback.kind, Some(LinkKind::Tunnel(it)) if it.local.is_none()),
            "{fallback:?}"
        );
        for name in ["vips", "in"] {
            host.delete_link(&device(name)).await.unwrap();
        }
        let gone = host.delete_link(&device("in")).await.unwrap_err();
        assert!(gone.is_not_found(), "{gone}");
        let stays = host.delete_link(&device("lo")).await.unwrap_err();
        assert!(
            stays.to_string().contains("deleting the device lo"),
            "{stays}"
        );
    });
    machine.assert_unchanged_since(&before);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_way_to_an_address_is_as_the_kernel_would_take_it() {
    let machine = Machine::new();
    machine.ip("route add 10.20.0.0/16 via 10.10.10.1 advmss 1400 mtu 1450");
    machine.host(async |host| {
        let to = async |address: &str| host.path_to(address.parse().unwrap()).await.unwrap();
        let here = to("10.10.10.11").await.unwrap();
        assert_eq!((here.reach, here.device.as_str()), (Reach::Local, "lo"));
        let next = to("10.10.10.12").await.unwrap();
        assert_eq!((next.reach, next.gateway), (Reach::Remote, None));
        assert_eq!(next.source, "10.10.10.11".parse().ok());
        let far = to("10.20.0.1").await.unwrap();
        assert_eq!(far.gateway, "10.10.10.1".parse().ok());
        assert_eq!(to("192.0.2.1").await, None);
        let routes = host.routes().await.unwrap();
        let far = routes.iter().find(|route| route.gateway.is_some()).unwrap();
        assert_eq!((far.advertised_mss, far.mtu), (Some(1400), Some(1450)));

        let vip = HostRoute::local("10.10.10.100".parse().unwrap());
        host.add_host_route(&vip).await.unwrap();
        let here = to("10.10.10.100").await.unwrap();
        assert_eq!(here.reach, Reach::Local);
        host.delete_host_route(&vip).await.unwrap();
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn neighbours_answer_or_do_not() {
    let machine = Machine::new();
    machine.ip("neighbour add 10.10.10.12 dev eth0 lladdr 02:00:00:00:00:12 nud reachable");
    machine.ip("neighbour add 10.10.10.13 dev eth0 nud failed");
    machine.host(async |host| {
        let all = host.neighbours().await.unwrap();
        let of = |address: &str| {
            let address = address.parse().ok();
            let found = all.iter().find(|it| Some(it.address) == address).unwrap();
            (found.state, found.mac.map(|mac| mac.to_string()))
        };
        let mac = "02:00:00:00:00:12".to_owned();
        assert_eq!(of("10.10.10.12"), (NeighbourState::Reachable, Some(mac)));
        assert_eq!(of("10.10.10.13"), (NeighbourState::Failed, None));
    });
}

/// By name, by path, and by a process that is in it.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_namespace_can_be_named_in_three_ways() {
    let there = Netns::new("lbnet-there");
    there.enter(|| process::run("ip", &["link", "add", "here", "type", "dummy"]));
    let mut sleeper = there.enter(|| {
        let mut sleep = std::process::Command::new("sleep");
        sleep.arg("60").spawn().unwrap()
    });
    for netns in [
        lbnet::Netns::named("lbnet-there").unwrap(),
        lbnet::Netns::at(there.path()).unwrap(),
        lbnet::Netns::of_process(sleeper.id()).unwrap(),
    ] {
        let found = lbnet::block_on(async {
            let host = lbnet::Host::open(netns).unwrap();
            host.link(&device("here")).await
        });
        found.unwrap().unwrap();
    }
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
}
