//! What cannot be done: an error that names the thing, and a host as it was.

use std::{env, fs, path::PathBuf};

use ipvs_lab::process;
use lbnet::Ipv4Conf;

use crate::machine::{Machine, VIP, director, on_all, real_server};

/// Set for a test program that a test started with less privilege than its own.
const DEPRIVED: &str = "LBNET_TEST_JOURNAL";

/// In the test: starts itself anew behind `wrapper`, in the machine's namespace; what that printed.
/// In the one started: fails with the reason why a director's `up` did.
fn deprived_up(test: &str, wrapper: &str) -> String {
    if let Some(journal) = env::var_os(DEPRIVED) {
        let outcome = lbnet::block_on(async {
            let host = lbnet::Host::open(lbnet::Netns::current().unwrap()).unwrap();
            let host = host.journal_directory(PathBuf::from(journal));
            director("10.10.10.100/24").up(&host).await
        });
        match outcome.unwrap() {
            Ok(report) => panic!("it worked: {report}"),
            Err(error) => panic!("{error}"),
        }
    }
    let machine = Machine::new();
    let program = env::current_exe().unwrap();
    let command = format!(
        "{DEPRIVED}={} {wrapper} {} --ignored --exact --nocapture {test} 2>&1",
        machine.journal.path().display(),
        program.display(),
    );
    let before = machine.dump();
    let output = machine
        .netns
        .enter(|| process::output("sh", &["-c", &command]));
    machine.assert_unchanged_since(&before);
    assert!(machine.is_clean(), "{}", output.stdout);
    output.stdout
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn without_the_privilege_nothing_is_begun() {
    let name = "faults::without_the_privilege_nothing_is_begun";
    let wrapper = "setpriv --inh-caps=-net_admin --bounding-set=-net_admin";
    let said = deprived_up(name, wrapper);
    assert!(
        said.contains(
            "changing the set-up of the director for 10.10.10.100 on eth0 needs CAP_NET_ADMIN"
        ),
        "{said}"
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_vip_that_could_not_be_announced_is_not_added() {
    let name = "faults::a_vip_that_could_not_be_announced_is_not_added";
    let wrapper = "setpriv --inh-caps=-net_raw --bounding-set=-net_raw";
    let said = deprived_up(name, wrapper);
    assert!(
        said.contains("asking on eth0 who has an address needs CAP_NET_RAW"),
        "{said}"
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn read_only_settings_are_told_from_missing_privilege() {
    let name = "faults::read_only_settings_are_told_from_missing_privilege";
    let wrapper = "unshare --mount sh -c 'mount --bind /proc/sys /proc/sys && \
                   mount -o remount,ro,bind /proc/sys && exec \"$@\"' --";
    let said = deprived_up(name, wrapper);
    assert!(said.contains("/proc/sys is mounted read-only"), "{said}");
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn wrong_arguments_are_refused_before_anything_is_changed() {
    let machine = Machine::new();
    machine.ip("link add dummy type veth peer name elsewhere");
    machine.ip("address add 10.10.10.200/32 dev dummy");
    let before = machine.dump();
    machine.host(async |host| {
        let on = |vip: &str, device: &str| {
            lbnet::Director::new(vip.parse().unwrap(), device.parse().unwrap())
        };
        for (result, message) in [
            (
                on("10.10.10.100/24", "eth9").up(host).await,
                "no such device: eth9; did you mean eth0?",
            ),
            (
                on("10.10.10.200/24", "eth0").up(host).await,
                "cannot add 10.10.10.200/24 on eth0: 10.10.10.200/32 on dummy exists already; \
                 delete it first",
            ),
            (
                on("10.10.10.11/32", "eth0").up(host).await,
                "cannot add 10.10.10.11/32 on eth0: 10.10.10.11/24 on eth0 exists already; delete \
                 it first",
            ),
            (
                on("10.10.10.100/24", "eth0").label("vip").up(host).await,
                "label \"vip\" does not fit an address on eth0: a label must start with the name \
                 of its device",
            ),
            (
                on("10.10.10.255/24", "eth0").up(host).await,
                "10.10.10.255 cannot be a VIP: it is the network address or the broadcast address \
                 of its network",
            ),
            (
                on("10.10.10.100/24", "lo").up(host).await,
                "10.10.10.100 cannot be a VIP: outside the clients' device, the prefix would make \
                 its whole network local to this host: leave the prefix length out",
            ),
            (
                lbnet::RealServer::new(VIP.parse().unwrap(), "eth9".parse().unwrap())
                    .up(host)
                    .await,
                "no such device: eth9; did you mean eth0?",
            ),
            (
                lbnet::RealServer::new(VIP.parse().unwrap(), "lo".parse().unwrap())
                    .up(host)
                    .await,
                "lo cannot be on the clients' side, and ARP settings have no effect there: name \
                 the device that receives the clients' packets",
            ),
        ] {
            assert_eq!(result.unwrap_err().to_string(), message);
        }
    });
    machine.assert_unchanged_since(&before);
    assert!(machine.is_clean());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_host_where_a_vip_cannot_be_quiet_is_left_as_it_is() {
    let machine = Machine::new();
    machine.set_sysctl(&on_all(Ipv4Conf::ArpIgnore), 4);
    let before = machine.dump();
    machine.host(async |host| {
        let error = real_server(VIP).up(host).await.unwrap_err();
        assert_eq!(
            error.to_string(),
            "net.ipv4.conf.all.arp_ignore = 4 overrides the value that eth0 needs: set it to 1"
        );
        machine.ip("link set lo down");
        host.write_sysctl(&on_all(Ipv4Conf::ArpIgnore), 0).unwrap();
        let error = real_server(VIP).up(host).await.unwrap_err();
        assert_eq!(error.to_string(), "lo is down: ip link set lo up");
        machine.ip("link set lo up");
        host.write_sysctl(&on_all(Ipv4Conf::ArpIgnore), 4).unwrap();
    });
    machine.assert_unchanged_since(&before);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_device_that_is_gone_is_no_obstacle_on_the_way_down() {
    let machine = Machine::new();
    let server = real_server(VIP);
    machine.host(async |host| {
        server.up(host).await.unwrap();
        director("10.10.10.200/24").up(host).await.unwrap();
        machine.ip("link delete eth0");
        let report = server.down(host).await.unwrap().to_string();
        assert!(
            report.contains("net.ipv4.conf.eth0.arp_ignore is gone already"),
            "{report}"
        );
        let report = director("10.10.10.200/24")
            .down(host)
            .await
            .unwrap()
            .to_string();
        assert!(
            report.contains("10.10.10.200/24 is gone from eth0 already"),
            "{report}"
        );
    });
    assert!(
        machine.is_clean(),
        "{:?}",
        fs::read_dir(machine.journal.path()).unwrap().count()
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_route_to_the_vip_by_a_gateway_is_not_taken_for_ours() {
    let machine = Machine::new();
    machine.ip("route add 10.10.10.100 via 10.10.10.1");
    let before = machine.dump();
    let error = machine.host(async |host| real_server(VIP).up(host).await.unwrap_err());
    assert_eq!(
        error.to_string(),
        "the route to 10.10.10.100 through lo, or another one to the same host, exists already"
    );
    machine.assert_unchanged_since(&before);
    assert!(machine.is_clean());
}
