//! Containers: settings that cannot be written, and user namespaces.

use ipvs_lab::process::{self, Output};

use crate::machine::{Machine, VIP, load_modules};

/// As in most containers.
const READ_ONLY: &str = "unshare --mount sh -c 'mount --bind /proc/sys /proc/sys && \
                         mount -o remount,ro,bind /proc/sys && exec \"$@\"' --";

fn run(machine: &Machine, wrapper: &str, line: &str) -> Output {
    let command = format!("{wrapper} ipvs-rs {line}");
    machine
        .netns
        .enter(|| process::output("sh", &["-c", &command]))
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn all_settings_that_cannot_be_written_are_named_before_anything_is_changed() {
    load_modules(&["ipip"]);
    let machine = Machine::new();
    let before = machine.dump();
    let up = "real-server up --vip 10.10.10.100 --device eth0 --forward ipip";
    let settings = [
        "net.ipv4.conf.eth0.arp_ignore = 1",
        "net.ipv4.conf.eth0.arp_announce = 2",
    ];
    let options = [
        "--sysctl net.ipv4.conf.default.arp_ignore=1",
        "--sysctl net.ipv4.conf.default.arp_announce=2",
    ];
    let output = run(&machine, READ_ONLY, up);
    assert_eq!(output.status, Some(1), "{output:?}");
    let expected = format!(
        "error: cannot set {}: /proc/sys is mounted read-only; start the container with {}, or set them \
         from outside the container\n",
        settings.join(", "),
        options.join(" ")
    );
    assert_eq!(output.stderr, expected);
    machine.assert_unchanged_since(&before);
    let nothing = run(&machine, "", "real-server down --all");
    assert_eq!(nothing.stdout, "");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_container_that_was_given_the_settings_is_set_up_and_the_rest_is_undone() {
    let (outside, machine) = (Machine::new(), Machine::new());
    let given = ["default/arp_ignore=1", "default/arp_announce=2"];
    for given in given {
        let (key, value) = given.split_once('=').unwrap();
        let file = format!("/proc/sys/net/ipv4/conf/{key}");
        machine.netns.enter(|| std::fs::write(file, value).unwrap());
    }
    // As a container gets its device.
    outside.ip("link add eth1 type veth peer name far");
    let container = machine.netns.path().display().to_string();
    outside.ip(&format!("link set eth1 netns {container}"));
    machine.ip("link set eth1 up");
    let up = "real-server up --vip 10.10.10.100 --device eth1";
    run(&machine, READ_ONLY, up).success();
    assert!(machine.ip("address show lo").contains(VIP));
    run(&machine, READ_ONLY, "real-server down --all").success();
    assert!(!machine.ip("address show lo").contains(VIP));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_doctor_of_a_container_has_settings_written_from_outside() {
    let machine = Machine::new();
    let up = "director up --vip 10.10.10.100/24 --device eth0 --forward masquerade --claim";
    run(&machine, "", up).success();
    let off = || std::fs::write("/proc/sys/net/ipv4/ip_forward", "0").unwrap();
    machine.netns.enter(off);
    let outside = run(&machine, "", "doctor").stdout;
    let line = "sysctl -w net.ipv4.ip_forward=1";
    assert!(outside.contains(line), "{outside}");
    let inside = run(&machine, READ_ONLY, "doctor").stdout;
    assert!(!inside.contains("sysctl -w"), "{inside}");
    let line = "# from outside the container, where /proc/sys can be written: set \
                net.ipv4.ip_forward to 1";
    assert!(inside.contains(line), "{inside}");
    run(&machine, "", "director down --all").success();
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn root_of_a_user_namespace_is_told_which_one_counts() {
    let machine = Machine::new();
    let before = machine.dump();
    let up = "real-server up --vip 10.10.10.100 --device eth0";
    let output = run(&machine, "unshare --user --map-root-user", up);
    assert_eq!(output.status, Some(1), "{output:?}");
    let needs = "needs CAP_NET_ADMIN in the initial user namespace";
    assert!(output.stderr.contains(needs), "{output:?}");
    machine.assert_unchanged_since(&before);

    // Its own network is its own, but for IPVS.
    process::run("modprobe", &["ip_vs"]);
    let own = "unshare --user --map-root-user --net sh -c 'ip link set lo up && ip link add eth0 type dummy && \
               ip link set eth0 up && exec \"$@\"' --";
    run(
        &machine,
        own,
        "real-server up --vip 10.10.10.100 --device eth0",
    )
    .success();
    for (line, said) in [
        (
            "director up --vip 10.10.10.100 --device eth0 --claim --conntrack",
            "net.ipv4.vs.conntrack cannot be changed here: the kernel has it only in network namespaces of the \
             initial user namespace",
        ),
        ("doctor --director", "in the initial user namespace"),
    ] {
        let output = run(&machine, own, line);
        assert_eq!(output.status, Some(1), "{output:?}");
        assert!(output.stderr.contains(said), "{output:?}");
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_device_without_ipv6_gets_no_ipv6_vip_and_the_setting_is_named() {
    let machine = Machine::new();
    for (device, line) in [
        ("eth0", "director up --vip fd00::100 --device eth0 --claim"),
        ("lo", "real-server up --vip fd00::100 --device eth0"),
        (
            "default",
            "director up --vip fd00::100 --device eth0 --claim --place dummy:ipvs0",
        ),
    ] {
        let off = |value| {
            let file = format!("/proc/sys/net/ipv6/conf/{device}/disable_ipv6");
            machine.netns.enter(|| std::fs::write(file, value).unwrap());
        };
        off("1");
        let before = machine.dump();
        let output = run(&machine, "", line);
        let said =
            format!("IPv6 is off on this device; set net.ipv6.conf.{device}.disable_ipv6 to 0\n");
        assert!(output.stderr.ends_with(&said), "{output:?}");
        machine.assert_unchanged_since(&before);
        off("0");
    }
}
