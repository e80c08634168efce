//! Who has an address, asked of a real network.

use std::{
    net::IpAddr,
    num::NonZeroU32,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use ipvs_lab::{netns::Netns, site::Site};
use lbnet::{DeviceName, Holder, Probe, Usage};

use crate::{
    machine::{VIP, device, on_host},
    neighbours::{ip, mac},
};

const VIP6: &str = "fd10::100";

fn site() -> Site {
    Site::new(&[("first", "10.10.10.11/24"), ("second", "10.10.10.12/24")])
}

/// Long enough for an answer in the lab.
fn quickly() -> Probe {
    Probe::default().interval(Duration::from_millis(200))
}

fn on_eth0(addresses: &[&str]) -> Vec<(IpAddr, DeviceName)> {
    let on_eth0 = |address: &&str| (address.parse().unwrap(), device("eth0"));
    addresses.iter().map(on_eth0).collect()
}

#[track_caller]
fn probe(netns: &Netns, addresses: &[(IpAddr, DeviceName)], probe: Probe) -> Vec<Holder> {
    on_host(netns, "/nonexistent".as_ref(), async |host| {
        host.probe(addresses, probe).await.unwrap()
    })
}

/// What a probe finds, as text.
#[track_caller]
fn holders(netns: &Netns, addresses: &[&str]) -> Vec<String> {
    let holders = probe(netns, &on_eth0(addresses), quickly());
    let mut lines: Vec<_> = holders.iter().map(Holder::to_string).collect();
    lines.sort();
    lines
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_host_that_has_an_address_is_named_by_its_ethernet_address() {
    let site = site();
    let (first, second) = (site.host("first"), site.host("second"));
    ip(second, "address add 10.10.10.100/32 dev lo");
    ip(second, "address add fd10::100/128 dev eth0 nodad");
    let mac = mac(second);
    assert_eq!(
        holders(first, &[VIP, "10.10.10.101", VIP6, "fd10::101"]),
        [
            format!("10.10.10.100 is in use by the host {mac} on eth0"),
            format!("fd10::100 is in use by the host {mac} on eth0"),
        ]
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_probe_ends_as_soon_as_all_addresses_are_answered() {
    let site = site();
    let patient = Probe::default().interval(Duration::from_secs(3600));
    let neighbour = on_eth0(&["10.10.10.12"]);
    assert_eq!(probe(site.host("first"), &neighbour, patient).len(), 1);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_host_does_not_find_itself() {
    let site = site();
    let first = site.host("first");
    ip(first, "address add fd10::100/128 dev eth0 nodad");
    assert_eq!(holders(first, &["10.10.10.11", VIP6]), [""; 0]);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_real_server_that_hides_its_vip_is_not_found() {
    let site = site();
    let second = site.host("second");
    ip(second, "address add 10.10.10.100/32 dev lo");
    ip(second, "address add fd10::100/128 dev lo");
    second.enter(|| std::fs::write("/proc/sys/net/ipv4/conf/eth0/arp_ignore", "1").unwrap());
    assert_eq!(holders(site.host("first"), &[VIP, VIP6]), [""; 0]);
}

/// The form of RFC 5227: it says nothing about the host that asks.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_probe_changes_no_table_of_a_neighbour() {
    let site = site();
    let (first, second) = (site.host("first"), site.host("second"));
    assert_eq!(holders(first, &["10.10.10.12"]).len(), 1);
    for host in [first, second] {
        assert_eq!(ip(host, "-4 neighbour show"), "");
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_device_without_neighbours_is_not_waited_for() {
    let site = site();
    let first = site.host("first");
    ip(first, "link add dummy0 type dummy");
    ip(first, "link set dummy0 up");
    ip(first, "link add link eth0 name vlan7 type vlan id 7");
    // It is down.
    let nowhere = ["lo", "dummy0", "vlan7"].map(|name| (VIP.parse().unwrap(), device(name)));
    let patient = Probe::default().interval(Duration::from_secs(3600));
    assert_eq!(probe(first, &nowhere, patient), []);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn an_address_in_another_vlan_is_not_found_and_one_in_the_same_is() {
    let site = site();
    let (first, second) = (site.host("first"), site.host("second"));
    for (host, device) in [(first, "vlan7"), (second, "vlan7"), (second, "vlan8")] {
        let id = &device[4..];
        ip(
            host,
            &format!("link add link eth0 name {device} type vlan id {id}"),
        );
        ip(host, &format!("link set {device} up"));
    }
    second.enter(|| std::fs::write("/proc/sys/net/ipv4/conf/all/arp_ignore", "1").unwrap());
    ip(second, "address add 10.10.10.100/32 dev vlan7");
    ip(second, "address add 10.10.10.101/32 dev vlan8");
    let in_vlan7 = [VIP, "10.10.10.101"].map(|vip| (vip.parse().unwrap(), device("vlan7")));
    let found = probe(first, &in_vlan7, quickly());
    let lines: Vec<_> = found.iter().map(Holder::to_string).collect();
    let expected = format!(
        "10.10.10.100 is in use by the host {} on vlan7",
        mac(second)
    );
    assert_eq!(lines, [expected]);
    assert_eq!(holders(first, &[VIP, "10.10.10.101"]), [""; 0]);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn hundreds_of_addresses_are_asked_for_in_one_wait() {
    let site = site();
    let (first, second) = (site.host("first"), site.host("second"));
    let addresses: Vec<_> = (0..300_u16)
        .map(|number| {
            let [high, low] = number.to_be_bytes();
            let address = [
                IpAddr::from([10, 20, high, low]),
                IpAddr::from([0xfd20, 0, 0, 0, 0, 0, 0, number]),
            ];
            (address[usize::from(number % 2)], device("eth0"))
        })
        .collect();
    for number in [17, 299, 42] {
        let (address, _) = &addresses[number];
        let length = if address.is_ipv4() { "32" } else { "128 nodad" };
        let (length, flags) = length.split_once(' ').unwrap_or((length, ""));
        ip(
            second,
            &format!("address add {address}/{length} dev eth0 {flags}"),
        );
    }
    let begun = Instant::now();
    let once = quickly().rounds(NonZeroU32::MIN);
    let mut found = probe(first, &addresses, once);
    assert!(
        begun.elapsed() < 100 * once.longest(),
        "{:?}",
        begun.elapsed()
    );
    found.sort_by_key(|holder| holder.address);
    let found: Vec<_> = found.iter().map(|holder| holder.address).collect();
    assert_eq!(found, [42, 17, 299].map(|number| addresses[number].0));
}

/// Else both would take it.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn of_two_hosts_that_ask_at_the_same_time_one_is_told_of_the_other() {
    let site = site();
    let (first, second) = (site.host("first"), site.host("second"));
    for vip in [VIP, VIP6] {
        let begun = Barrier::new(2);
        let ask = |host| {
            begun.wait();
            probe(host, &on_eth0(&[vip]), Probe::default())
        };
        let (ours, theirs) = thread::scope(|scope| {
            let ours = scope.spawn(|| ask(first));
            let theirs = ask(second);
            (ours.join().unwrap(), theirs)
        });
        let (told, other) = match (ours.as_slice(), theirs.as_slice()) {
            ([told], []) => (told, second),
            ([], [told]) => (told, first),
            _ => panic!("{ours:?} and {theirs:?}"),
        };
        assert_eq!(
            (told.usage, told.mac.to_string()),
            (Usage::Probing, mac(other))
        );
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_probe_on_a_device_that_does_not_exist_names_it() {
    let site = site();
    let error = on_host(site.host("first"), "/nonexistent".as_ref(), async |host| {
        let nowhere = [(VIP.parse().unwrap(), device("eth9"))];
        host.probe(&nowhere, quickly()).await.unwrap_err()
    });
    assert_eq!(
        error.to_string(),
        "no such device: eth9; did you mean eth0?"
    );
}
