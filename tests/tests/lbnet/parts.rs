//! Parts of a set-up, each used alone.

use std::time::Duration;

use ipvs_lab::{netns::Netns, process};
use lbnet::{
    Address, AdvertisedMss, ConfTarget, DuplicateDetection, Error, HostError, HostRoute, Ipv4Conf,
    Lifetime, LinkKind, LinkState, NeighbourState, NewLink, PathAnswer, PathQuery, Preference,
    Reach, Route, Rule, Sysctl, TunnelKind, TunnelLink,
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
fn a_device_is_given_another_mtu_or_says_that_it_cannot_have_it() {
    let machine = Machine::new();
    machine.host(async |host| {
        host.set_link_mtu(&device("eth0"), 1520).await.unwrap();
        assert_eq!(host.link(&device("eth0")).await.unwrap().mtu, 1520);
        let huge = host.set_link_mtu(&device("eth0"), 1_000_000).await;
        let huge = huge.unwrap_err().to_string();
        assert!(huge.contains("the MTU of eth0 to 1000000"), "{huge}");
        let gone = host.set_link_mtu(&device("eth9"), 1500).await.unwrap_err();
        assert!(gone.is_not_found(), "{gone}");
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn deprecating_an_address_changes_nothing_else_about_it() {
    let machine = Machine::new();
    machine.ip(
        "address add fd00::100/64 dev eth0 nodad noprefixroute valid_lft 600 preferred_lft 500",
    );
    machine.ip("address add fd00::101/128 dev eth0 nodad");
    let shown = |address: &str| {
        let shown = machine.ip(&format!(
            "-details -oneline address show dev eth0 to {address}"
        ));
        // How long it lasts changes by itself.
        shown
            .split_whitespace()
            .filter(|word| !word.ends_with("sec"))
            .collect::<Vec<_>>()
            .join(" ")
    };
    for (address, prefix) in [("fd00::100", "64"), ("fd00::101", "128")] {
        let before = shown(address);
        let of_prefix =
            |device| Address::new(format!("{address}/{prefix}").parse().unwrap(), device);
        let entry = of_prefix(device("eth0"));
        machine.host(async |host| {
            let set = async |preference| host.set_address_preference(&entry, preference).await;
            set(Preference::Deprecated).await.unwrap();
            let deprecated = shown(address);
            assert!(deprecated.contains(" deprecated "), "{deprecated}");
            let without = deprecated.replace(" deprecated", "");
            assert_eq!(
                without.replace("preferred_lft", "").replace(" forever", ""),
                before.replace("preferred_lft", "").replace(" forever", "")
            );
            set(Preference::Source).await.unwrap();
            assert_eq!(shown(address), before);
            let elsewhere = of_prefix(device("cable"));
            let refused = host
                .set_address_preference(&elsewhere, Preference::Source)
                .await;
            assert!(refused.unwrap_err().is_not_found());
        });
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_kernel_says_what_becomes_of_a_packet_that_arrives() {
    let machine = Machine::new();
    machine.ip("link set lo up");
    machine.ip("address add 10.10.10.100/32 dev lo");
    machine.ip("link add eth1 type dummy");
    machine.ip("link set eth1 up");
    machine.ip("address add 192.168.9.11/24 dev eth1");
    machine.ip("route add default via 192.168.9.1");
    machine.ip("route add default via 10.10.10.1 table 100");
    machine.host(async |host| {
        let address = |text: &str| text.parse::<std::net::IpAddr>().unwrap();
        let (vip, far) = (address("10.10.10.100"), address("198.51.100.1"));
        let filter = Sysctl::ipv4_conf(ConfTarget::All, Ipv4Conf::RpFilter);
        host.write_sysctl(&filter, 1).unwrap();
        let arriving = PathQuery::to(vip).arriving_on(&device("eth0"));
        let path = async |query: PathQuery| host.path(&query).await.unwrap();
        let reach = |answer: PathAnswer| answer.found().map(|path| path.reach);
        let near = path(arriving.clone().from(address("10.10.10.1"))).await;
        assert_eq!(reach(near), Some(Reach::Local));
        let filtered = path(arriving.clone().from(far)).await;
        assert_eq!(filtered, PathAnswer::Filtered);

        let before = host.rules().await.unwrap();
        assert_eq!(before, []);
        let rule = Rule::new("10.10.10.100/32".parse().unwrap(), 100).priority(7);
        host.add_rule(&rule).await.unwrap();
        host.add_rule(&rule).await.unwrap();
        assert_eq!(host.rules().await.unwrap(), [rule]);
        let let_in = path(arriving.clone().from(far)).await;
        assert_eq!(reach(let_in), Some(Reach::Local));
        let by = async |query| path(query).await.found().unwrap().device.clone();
        assert_eq!(by(PathQuery::to(far).from(vip)).await, device("eth0"));
        let by_eth1 = PathQuery::to(far).leaving_by(&device("eth1"));
        assert_eq!(by(by_eth1).await, device("eth1"));

        let elsewhere = PathQuery::to(address("10.10.10.77")).arriving_on(&device("eth0"));
        let not_here = path(elsewhere.from(address("10.10.10.1"))).await;
        assert_eq!(not_here, PathAnswer::Unreachable);
        let routes = host.routes_of_all_tables().await.unwrap();
        assert!(routes.iter().any(|it| it.table == 100));
        let gone = PathQuery::to(far).leaving_by(&device("eth7"));
        assert!(host.path(&gone).await.unwrap_err().is_not_found());
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn another_default_gateway_takes_the_place_of_the_first() {
    let machine = Machine::new();
    machine.ip("address add fd00::11/64 dev eth0 nodad");
    machine.ip("route add default via 10.10.10.254 metric 100");
    machine.host(async |host| {
        for gateway in ["10.10.10.1", "10.10.10.2", "fd00::1", "fd00::2"] {
            let gateway = gateway.parse().unwrap();
            host.replace_default_gateway(gateway).await.unwrap();
            let far = match gateway {
                std::net::IpAddr::V4(_) => "192.0.2.1",
                std::net::IpAddr::V6(_) => "2001:db8::1",
            };
            let path = host.path_to(far.parse().unwrap()).await.unwrap();
            assert_eq!(path.unwrap().gateway, Some(gateway));
        }
        let nowhere = host
            .replace_default_gateway("192.0.2.9".parse().unwrap())
            .await;
        let said = nowhere.unwrap_err().to_string();
        assert!(said.contains("192.0.2.9 the default gateway"), "{said}");
    });
    let left = machine.ip("route show default");
    assert_eq!(left.lines().count(), 2, "{left}");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_route_that_advertises_smaller_segments_is_otherwise_the_same() {
    let machine = Machine::new();
    machine.ip("address add fd00::11/64 dev eth0 nodad");
    machine.ip("address add 10.10.10.50/24 dev eth0");
    for route in [
        "default via 10.10.10.1 dev eth0 proto dhcp src 10.10.10.50 metric 100 mtu 1400 initcwnd 20",
        "default via 10.10.10.2 dev eth0 onlink metric 200 advmss 1460",
    ] {
        machine.ip(&format!("route add {route}"));
    }
    machine.ip("-6 route add default via fd00::1 dev eth0 metric 300 pref high");
    machine.ip("-6 route add default via fd00::2 dev eth0 metric 400 expires 600");
    let routes = || {
        let six = machine.ip("-6 route show default");
        let all = machine.ip("route show default") + &six;
        let seconds = |word: &&str| !(word.ends_with("sec") && word.len() > 3);
        let lines = all.lines().map(|line| {
            let words = line.split_whitespace().filter(seconds);
            words.collect::<Vec<_>>().join(" ")
        });
        lines.collect::<Vec<_>>()
    };
    let before = routes();
    machine.host(async |host| {
        let all = host.routes().await.unwrap();
        for route in all.iter().filter(|it| it.destination.is_none()) {
            let advertised = AdvertisedMss::new(route.clone(), 1440);
            host.advertise_mss(&advertised).await.unwrap();
            let now = host.routes().await.unwrap();
            let same = now.iter().find(|it| it.is_same_entry(route)).unwrap();
            assert_eq!((same.advertised_mss, same.mtu), (Some(1440), route.mtu));
        }
        let mut gone = Route::default_through(device("eth0"));
        gone.metric = 7;
        let gone = host.advertise_mss(&AdvertisedMss::new(gone, 1440)).await;
        assert!(gone.unwrap_err().is_not_found());
    });
    let plain = |line: &String| line.replace(" advmss 1440", "").replace(" advmss 1460", "");
    let after = routes();
    assert!(
        after.iter().all(|line| line.contains(" advmss 1440")),
        "{after:?}"
    );
    let [before, after] = [before, after].map(|all| all.iter().map(plain).collect::<Vec<_>>());
    assert_eq!(after, before);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn neighbours_answer_or_do_not() {
    let machine = Machine::new();
    machine.ip("neighbour add 10.10.10.12 dev eth0 lladdr 02:00:00:00:00:12 nud reachable");
    machine.ip("neighbour add 10.10.10.13 dev eth0 nud failed");
    machine.ip("neighbour add 10.10.10.14 dev eth0 lladdr 02:00:00:00:00:14 nud permanent");
    machine.host(async |host| {
        let all = host.neighbours().await.unwrap();
        let of = |address: &str| {
            let address = address.parse().ok();
            let found = all.iter().find(|it| Some(it.address) == address).unwrap();
            (found.state, found.mac.map(|mac| mac.to_string()))
        };
        let mac = "02:00:00:00:00:12".to_owned();
        assert_eq!(of("10.10.10.12"), (NeighbourState::Reachable, Some(mac)));
        assert_eq!(of("10.10.10.14").0, NeighbourState::Permanent);
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
