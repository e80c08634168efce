//! Devices that are renamed, or deleted and made again, while set-ups stand.

use ipvs_lab::process;
use lbnet::{Director, SetUp};

use crate::machine::{Machine, VIP, device, director, lines, load_modules, real_server};

fn rename(machine: &Machine, old: &str, new: &str) {
    machine.ip(&format!("link set {old} down"));
    machine.ip(&format!("link set {old} name {new}"));
    machine.ip(&format!("link set {new} up"));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_set_up_on_a_device_that_was_renamed_is_not_left_behind() {
    for vip in [
        SetUp::from(director("10.10.10.100/24").label("eth0:0")),
        SetUp::from(director("fd00::100/128")),
        SetUp::from(real_server(VIP)),
        SetUp::from(
            Director::new(VIP.parse().unwrap(), device("lo"))
                .unannounced()
                .gateway_on(device("eth0")),
        ),
    ] {
        let machine = Machine::new();
        // Else the kernel deletes addresses of IPv6 while the device is down, to be renamed.
        let keep = ["-w", "net.ipv6.conf.eth0.keep_addr_on_down=1"];
        machine.netns.enter(|| process::run("sysctl", &keep));
        rename(&machine, "eth0", "lan0");
        rename(&machine, "lan0", "eth0");
        let before = machine.dump();
        machine.host(async |host| {
            let mut locked = host.lock().await.unwrap();
            locked.up(&vip).await.unwrap();
            locked.release().await.unwrap();
        });
        rename(&machine, "eth0", "lan0");
        let report = machine.host(async |host| host.undo(&vip.id()).await.unwrap());
        assert!(report.changed(), "{report}");
        for line in lines(&report) {
            assert!(!line.contains("gone already"), "{report}");
        }
        rename(&machine, "lan0", "eth0");
        machine.assert_unchanged_since(&before);
        assert!(machine.is_clean());
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_set_up_goes_by_the_new_name_of_its_device_too() {
    let machine = Machine::new();
    machine.host(async |host| director("10.10.10.100/24").up(host).await.unwrap());
    rename(&machine, "eth0", "lan0");
    machine.host(async |host| {
        let moved = Director::new("10.10.10.100/24".parse().unwrap(), device("lan0"));
        let again = moved.up(host).await.unwrap();
        assert!(!again.changed(), "{again}");
        assert_eq!(
            host.set_up_ids().unwrap(),
            [SetUp::from(moved.clone()).id()]
        );
        assert!(moved.down(host).await.unwrap().changed());
    });
    assert!(machine.is_clean());
}

/// Each of them keeps its own.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn devices_that_swap_their_names_do_not_swap_their_vips() {
    let machine = Machine::new();
    machine.ip("link add eth1 type veth peer name cable1");
    machine.ip("link set cable1 up");
    machine.ip("link set eth1 up");
    machine.ip("address add 10.20.0.11/24 dev eth1");
    machine.host(async |host| {
        director("10.10.10.100/24").claim().up(host).await.unwrap();
        let other = Director::new("10.20.0.100/24".parse().unwrap(), device("eth1"));
        other.unannounced().up(host).await.unwrap();
    });
    rename(&machine, "eth0", "eth9");
    rename(&machine, "eth1", "eth0");
    rename(&machine, "eth9", "eth1");
    machine.host(async |host| {
        // The name is that of the device when it was set up.
        let report = director("10.10.10.100/24").down(host).await.unwrap();
        let gone = "deleted 10.10.10.100/24 from eth1".to_owned();
        assert!(lines(&report).contains(&gone), "{report}");
        let left = machine.ip("-brief address");
        assert!(
            left.contains("10.20.0.100") && !left.contains("10.10.10.100"),
            "{left}"
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_device_that_was_deleted_and_made_again_does_not_lose_what_others_gave_it() {
    load_modules(&["8021q"]);
    let machine = Machine::new();
    let make = || {
        machine.ip("link add link eth0 name eth0.7 type vlan id 7");
        machine.ip("link set eth0.7 up");
        machine.ip("address add 10.70.0.11/24 dev eth0.7");
    };
    make();
    machine.host(async |host| {
        let vip = Director::new("10.70.0.100/24".parse().unwrap(), device("eth0.7"));
        vip.unannounced().up(host).await.unwrap();
    });
    machine.ip("link delete eth0.7");
    make();
    machine.ip("address add 10.70.0.100/24 dev eth0.7");
    let report = machine.host(async |host| {
        let ids = host.set_up_ids().unwrap();
        host.undo(ids.first().unwrap()).await.unwrap()
    });
    let left = "left 10.70.0.100/24 on eth0.7: it was not added by a set-up".to_owned();
    assert!(lines(&report).contains(&left), "{report}");
    let shown = machine.ip("-brief address show dev eth0.7");
    assert!(shown.contains("10.70.0.100/24"), "{shown}");
    assert!(machine.is_clean());
}
