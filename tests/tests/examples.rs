//! The examples do what they say, on the kernel.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use ipvs_lab::in_namespace;
use ipvs_lab::process::{ipvsadm, output, run};

/// Runs an example: cargo builds them beside the tests.
fn example(name: &str, arguments: &[&str]) -> String {
    let test = std::env::current_exe().unwrap();
    let folder = test.parent().and_then(|deps| deps.parent()).unwrap();
    let path = folder.join("examples").join(name);
    output(path.to_str().unwrap(), arguments).success()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn raw_get_info_prints_the_kernels_answer() {
    in_namespace(|| {
        assert_eq!(
            example("raw_get_info", &[]),
            "Info([Version(66049), ConnTabSize(4096)])\n"
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_web_service_is_made_listed_and_drained() {
    in_namespace(|| {
        let servers = ["198.51.100.7:8080", "198.51.100.8:8080"];
        example(
            "nat_web_service",
            &["192.0.2.10:80", servers[0], servers[1]],
        );
        assert_eq!(
            ipvsadm(&["-Sn"]),
            "-A -t 192.0.2.10:80 -s wlc\n\
             -a -t 192.0.2.10:80 -r 198.51.100.7:8080 -m -w 1\n\
             -a -t 192.0.2.10:80 -r 198.51.100.8:8080 -m -w 1"
        );
        assert_eq!(
            example("list_services", &[]),
            "TCP 192.0.2.10:80 (wlc): 0 connections, 0 a second\n  \
             198.51.100.7:8080 masquerade, weight 1: 0 active\n  \
             198.51.100.8:8080 masquerade, weight 1: 0 active\n"
        );
        example("drain_a_destination", &["192.0.2.10:80", servers[0]]);
        assert_eq!(
            ipvsadm(&["-Sn"]).lines().last(),
            Some("-a -t 192.0.2.10:80 -r 198.51.100.8:8080 -m -w 1")
        );
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_director_and_a_real_server_are_set_up() {
    let with_a_device = |test: fn()| {
        in_namespace(|| {
            run("ip", &["link", "add", "eth0", "type", "dummy"]);
            run("ip", &["link", "set", "eth0", "up"]);
            test();
        });
    };
    with_a_device(|| {
        let said = example(
            "direct_routing_director",
            &["10.10.10.100", "eth0", "10.10.10.12"],
        );
        assert!(said.contains("added 10.10.10.100/32 to eth0\n"), "{said}");
        assert_eq!(
            ipvsadm(&["-Sn"]),
            "-A -t 10.10.10.100:80 -s rr\n\
             -a -t 10.10.10.100:80 -r 10.10.10.12:80 -g -w 1"
        );
    });
    with_a_device(|| {
        let said = example("direct_routing_real_server", &["10.10.10.100", "eth0"]);
        assert!(said.contains("added 10.10.10.100/32 to lo\n"), "{said}");
        let again = example("direct_routing_real_server", &["10.10.10.100", "eth0"]);
        assert!(!again.contains("added"), "{again}");
    });
}
