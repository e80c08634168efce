//! Devices as the kernel reports them, and which of them a set-up accepts.

use lbnet::{AnnouncementOutcome, Conflict, DeviceName, Director, Error, LowerDevice, SetUp, Step};
use serde_json::Value;

use crate::machine::{Machine, VIP, device, director, lines, load_modules, real_server};

/// The long names are alternative names.
const LONG: &str = "an_alternative_name_that_is_longer_than_a_name";

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_device_is_reported_as_ip_reports_it() {
    load_modules(&["bonding", "8021q", "macvlan", "vrf", "tun", "dummy"]);
    let machine = Machine::new();
    let far = ipvs_lab::netns::Netns::new("lbnet-far");
    for line in [
        "link property add dev eth0 altname uplink",
        &format!("link property add dev eth0 altname {LONG}"),
        "link add bond0 type bond mode active-backup",
        "link set bond0 up",
        "link add link bond0 name bond0.7 type vlan id 7",
        "link set bond0.7 up",
        &format!(
            "link add away type veth peer name near netns {}",
            far.name()
        ),
        "link set away up",
        "link add br0 type bridge",
        "link add port type dummy",
        "link set port master br0 up",
        "link add red type vrf table 10",
        "link set away master red",
        "link add link eth0 name mac0 type macvlan mode bridge",
        "tuntap add tun0 mode tun",
        "link set tun0 up",
    ] {
        machine.ip(line);
    }
    let links = machine.host(async |host| host.links().await.unwrap());
    let shown: Vec<Value> = serde_json::from_str(&machine.ip("-details -json link")).unwrap();
    assert_eq!(links.len(), shown.len());
    let name_of = |index: u32| {
        let found = links.iter().find(|link| link.index == index).unwrap();
        found.name.as_str()
    };
    for (link, shown) in links.iter().zip(&shown) {
        let words = |key: &str| {
            let list = shown[key].as_array().cloned().unwrap_or_default();
            let texts = list.iter().map(|word| word.as_str().unwrap().to_owned());
            texts.collect::<Vec<_>>()
        };
        let as_json = serde_json::to_value(link).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().replace('_', "");
        assert_eq!(shown["ifindex"], link.index, "{shown}");
        assert_eq!(shown["ifname"], link.name.as_str(), "{shown}");
        let other_names: Vec<_> = link
            .alternative_names
            .iter()
            .map(DeviceName::as_str)
            .collect();
        assert_eq!(words("altnames"), other_names, "{shown}");
        let state = text(&as_json["operational"]).to_uppercase();
        assert_eq!(shown["operstate"], state.as_str(), "{shown}");
        let is_connected = words("flags").contains(&"LOWER_UP".to_owned());
        assert_eq!(as_json["carrier"] == "present", is_connected, "{shown}");
        match link.lower {
            Some(LowerDevice::Here { index }) => assert_eq!(shown["link"], name_of(index)),
            Some(LowerDevice::Elsewhere { index }) => assert_eq!(shown["link_index"], index),
            _ => assert!(
                shown["link"].is_null() && shown["link_index"].is_null(),
                "{shown}"
            ),
        }
        match &link.master {
            Some(master) => {
                assert_eq!(shown["master"], name_of(master.index), "{shown}");
                let kind = master.kind.to_string().to_lowercase();
                assert_eq!(shown["linkinfo"]["info_slave_kind"], kind, "{shown}");
            }
            None => assert!(shown["master"].is_null(), "{shown}"),
        }
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_port_of_a_bridge_or_a_bond_does_not_get_a_vip() {
    load_modules(&["bonding"]);
    for (kind, name) in [("bridge", "br0"), ("bond", "bond0")] {
        let machine = Machine::new();
        machine.ip(&format!("link add {name} type {kind}"));
        machine.ip("link set eth0 down");
        machine.ip(&format!("link set eth0 master {name}"));
        machine.ip("link set eth0 up");
        let state = || (machine.ip("address"), machine.ip("route show table all"));
        let before = state();
        let said = format!(
            "eth0 cannot receive packets for {VIP}: it is a port of the {kind} {name}, which \
             receives its packets; use {name}"
        );
        machine.host(async |host| {
            let on_port = director("10.10.10.100/24");
            let elsewhere = Director::new(VIP.parse().unwrap(), device("lo"));
            for result in [
                on_port.up(host).await,
                real_server(VIP).up(host).await,
                elsewhere.gateway_on(device("eth0")).up(host).await,
                host.reconcile(&[on_port], &[]).await,
            ] {
                let error = result.unwrap_err();
                assert!(
                    matches!(error, Error::Conflict(Conflict::PortOfMaster { .. })),
                    "{error}"
                );
                assert_eq!(error.to_string(), said);
            }
        });
        assert_eq!(state(), before);
        assert!(machine.is_clean());
    }
}

/// It receives its packets itself.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_member_of_a_vrf_gets_a_vip() {
    load_modules(&["vrf"]);
    let machine = Machine::new();
    machine.ip("link add red type vrf table 10");
    machine.ip("link set red up");
    machine.ip("link set eth0 master red");
    let before = machine.dump();
    machine.host(async |host| {
        let vip = director("10.10.10.100/24");
        assert!(vip.up(host).await.unwrap().changed());
        vip.down(host).await.unwrap();
    });
    machine.assert_unchanged_since(&before);
}

/// The line about the announcement of a VIP that is new on a device.
fn announced(machine: &Machine, on: &str) -> String {
    let once = lbnet::Announcement::default().rounds(std::num::NonZeroU32::MIN);
    let vip = Director::new("10.10.10.100/24".parse().unwrap(), device(on)).announce(once);
    let report = machine.host(async |host| vip.up(host).await.unwrap());
    lines(&report).last().unwrap().clone()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_on_a_device_without_carrier_is_not_called_announced() {
    load_modules(&["bonding", "8021q", "tun"]);
    let far = ipvs_lab::netns::Netns::new("lbnet-far");
    let away = format!(
        "link add away type veth peer name near netns {}",
        far.name()
    );
    for (site, on, reason) in [
        (
            &["link set cable down"][..],
            "eth0",
            "cable is down: ip link set cable up",
        ),
        (
            &[away.as_str(), "link set away up"],
            "away",
            "away has no carrier: check its cable or its other end",
        ),
        (
            &[
                "link add link eth0 name eth0.7 type vlan id 7",
                "link set eth0.7 up",
                "link set eth0 down",
            ],
            "eth0.7",
            "eth0 is down: ip link set eth0 up",
        ),
        (
            &[
                "link add link eth0 name eth0.7 type vlan id 7",
                "link set eth0.7 up",
                "link set cable down",
            ],
            "eth0.7",
            "cable is down: ip link set cable up",
        ),
        (
            &[
                "link add bond0 type bond mode active-backup",
                "link set bond0 up",
                "link add link bond0 name bond0.7 type vlan id 7",
                "link set bond0.7 up",
            ],
            "bond0.7",
            "bond0 has no ports",
        ),
        // The bond does not notice: it does not monitor its ports.
        (
            &[
                "link add bond0 type bond mode active-backup miimon 0",
                "link set bond0 up",
                "link add port type dummy",
                "link set port master bond0",
                "link set port down",
            ],
            "bond0",
            "port is down: ip link set port up",
        ),
        (
            &[
                "link add br0 type bridge",
                "link set br0 up",
                "link add link br0 name br0.7 type vlan id 7",
                "link set br0.7 up",
            ],
            "br0.7",
            "br0 has no ports",
        ),
        (
            &[
                "link add br0 type bridge",
                "link set br0 up",
                "link set cable down",
                "link set eth0 master br0",
            ],
            "br0",
            "cable is down: ip link set cable up",
        ),
    ] {
        let machine = Machine::new();
        for line in site {
            machine.ip(line);
        }
        assert_eq!(
            announced(&machine, on),
            format!("did not announce {VIP} on {on}: {reason}")
        );
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_is_announced_once_its_device_has_a_carrier() {
    let machine = Machine::new();
    machine.ip("link set cable down");
    for _ in 0..2 {
        let line = announced(&machine, "eth0");
        assert!(line.starts_with("did not announce"), "{line}");
    }
    machine.ip("link set cable up");
    while machine.ip("link show up").contains("NO-CARRIER") {
        std::thread::yield_now();
    }
    let line = announced(&machine, "eth0");
    assert!(
        line.starts_with("announced 10.10.10.100 on eth0 ("),
        "{line}"
    );
    let line = announced(&machine, "eth0");
    assert!(line.ends_with("this host had it already"), "{line}");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_device_without_carrier_is_named_to_whoever_announces() {
    let machine = Machine::new();
    machine.ip("link set cable down");
    machine.host(async |host| {
        let vip = VIP.parse().unwrap();
        let error = host
            .announce(vip, &device("eth0"), lbnet::Announcement::default())
            .await
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "eth0 is not connected: cable is down: ip link set cable up"
        );
        let cause = host.missing_carrier(&device("eth0")).await.unwrap();
        assert_eq!(cause.unwrap().must_change, device("cable"));
        let works = host.missing_carrier(&device("lo")).await.unwrap();
        assert_eq!(works, None);
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_is_set_up_by_an_alternative_name_is_not_left_behind() {
    let machine = Machine::new();
    machine.ip("link property add dev eth0 altname uplink");
    machine.ip(&format!("link property add dev eth0 altname {LONG}"));
    let before = machine.dump();
    machine.host(async |host| {
        for name in ["uplink", LONG] {
            let on = |vip: &str, name: &str| {
                SetUp::from(Director::new(vip.parse().unwrap(), device(name)).claim())
            };
            let quiet = |vip: &str, name: &str| {
                SetUp::from(lbnet::RealServer::new(vip.parse().unwrap(), device(name)))
            };
            for (asked, known) in [
                (on("10.10.10.100/24", name), on("10.10.10.100/24", "eth0")),
                (on("fd00::100/128", name), on("fd00::100/128", "eth0")),
                (quiet(VIP, name), quiet(VIP, "eth0")),
                (quiet("fd00::100", name), quiet("fd00::100", "eth0")),
            ] {
                let mut locked = host.lock().await.unwrap();
                locked.up(&asked).await.unwrap();
                locked.up(&asked).await.unwrap();
                drop(locked);
                assert_eq!(host.set_up_ids().unwrap(), [known.id()]);
                let report = host.undo(&asked.id()).await.unwrap();
                assert!(report.changed(), "{report}");
                assert!(
                    !report
                        .steps()
                        .iter()
                        .any(|step| matches!(step, Step::NothingToUndo { .. })),
                    "{report}"
                );
            }
        }
    });
    machine.assert_unchanged_since(&before);
    assert!(machine.is_clean());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_set_up_by_an_alternative_name_is_not_made_twice() {
    let machine = Machine::new();
    machine.ip("link property add dev eth0 altname uplink");
    machine.host(async |host| {
        let named = |name: &str| {
            [
                Director::new("10.10.10.100/24".parse().unwrap(), device(name))
                    .announce(lbnet::Announcement::default().rounds(std::num::NonZeroU32::MIN)),
            ]
        };
        let first = host.reconcile(&named("uplink"), &[]).await.unwrap();
        let outcome = first.steps().last();
        assert!(
            matches!(
                outcome,
                Some(Step::Announcement {
                    outcome: AnnouncementOutcome::Announced(_),
                    ..
                })
            ),
            "{first}"
        );
        for name in ["uplink", "eth0"] {
            let again = host.reconcile(&named(name), &[]).await.unwrap();
            assert!(!again.changed(), "{again}");
        }
        assert!(host.reconcile(&[], &[]).await.unwrap().changed());
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_name_that_ip_address_shows_gets_the_name_of_the_device() {
    let machine = Machine::new();
    machine.host(async |host| {
        for (wrong, right) in [
            ("eth0@cable", "; did you mean eth0?"),
            ("eth0@if4", "; did you mean eth0?"),
            ("cabel", "; did you mean cable?"),
            ("wlan0", ""),
        ] {
            let error = host.link(&device(wrong)).await.unwrap_err();
            assert_eq!(error.to_string(), format!("no such device: {wrong}{right}"));
        }
    });
}
