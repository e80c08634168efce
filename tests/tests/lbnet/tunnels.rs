//! Real servers behind tunnels: what is done, what is shared, and what is in the way.

use std::net::UdpSocket;

use ipvs_lab::process;
use lbnet::{ConfTarget, GreChecksum, Host, Ipv4Conf, RealServer, Sysctl, Tunnel};

use crate::common::modules::Unloadable;
use crate::machine::{Machine, VIP, lines, on_all, on_eth0, real_server};

fn gue() -> Tunnel {
    Tunnel::gue(6080.try_into().unwrap())
}

fn behind_ipip(vip: &str) -> RealServer {
    real_server(vip).tunnel(Tunnel::ipip())
}

/// With the modules there: the first tunnel brings `tunl0` into every namespace.
fn machine() -> Machine {
    process::run("modprobe", &["-a", "ipip", "fou"]);
    Machine::new()
}

/// The reason why a server cannot be set up, which leaves nothing behind.
fn refused(machine: &Machine, server: &RealServer) -> String {
    let before = machine.dump();
    let error = machine.host(async |host| server.up(host).await.unwrap_err());
    machine.assert_unchanged_since(&before);
    assert!(machine.is_clean());
    error.to_string()
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn packets_can_come_out_of_a_tunnel_before_the_vip_is_there() {
    let machine = machine();
    let before = machine.dump();
    machine.ip("route add default via 10.10.10.1");
    let with_route = machine.dump();
    machine.host(async |host| {
        let server = real_server(VIP).tunnel(gue());
        assert_eq!(
            lines(&server.up(host).await.unwrap()),
            [
                "set net.ipv4.conf.eth0.arp_ignore = 1 (was 0)",
                "set net.ipv4.conf.eth0.arp_announce = 2 (was 0)",
                "added the device ipvs-ipip (ipip local 10.10.10.11)",
                "net.ipv4.conf.all.rp_filter = 0 already",
                "net.ipv4.conf.ipvs-ipip.rp_filter = 0 already",
                "added the GUE listener on UDP port 6080 of IPv4",
                "packets larger than 1460 bytes do not fit into GUE on port 6080 on eth0 (MTU \
                 1500): limit TCP segments with ip route change default via 10.10.10.1 dev eth0 \
                 advmss 1420",
                "added 10.10.10.100/32 to lo",
                "added the route to 10.10.10.100 through lo",
            ]
        );
        // Whoever does as it says is not told again.
        machine.ip("route change default via 10.10.10.1 dev eth0 advmss 1420");
        let again = server.up(host).await.unwrap();
        assert!(!again.to_string().contains("do not fit"), "{again}");
        machine.ip("route change default via 10.10.10.1 dev eth0");
        assert_eq!(
            lines(&server.down(host).await.unwrap()),
            [
                "deleted the route to 10.10.10.100 through lo",
                "deleted 10.10.10.100/32 from lo",
                "deleted the GUE listener on UDP port 6080 of IPv4",
                "restored net.ipv4.conf.eth0.arp_announce = 0 (was 2)",
                "restored net.ipv4.conf.eth0.arp_ignore = 0 (was 1)",
                "deleted the device ipvs-ipip (ipip local 10.10.10.11)",
            ]
        );
    });
    machine.assert_unchanged_since(&with_route);
    machine.ip("route delete default");
    machine.assert_unchanged_since(&before);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn other_devices_go_on_checking_the_reverse_path() {
    let machine = machine();
    let filter = |target| Sysctl::ipv4_conf(target, Ipv4Conf::RpFilter);
    machine.set_sysctl(&on_all(Ipv4Conf::RpFilter), 1);
    machine.set_sysctl(&on_eth0(Ipv4Conf::RpFilter), 2);
    let before = machine.dump();
    let (one, two) = (behind_ipip(VIP), behind_ipip("10.10.10.200"));
    let strictness = |host: &Host| {
        let cable = ConfTarget::Device("cable".parse().unwrap());
        let eth0 = ConfTarget::Device("eth0".parse().unwrap());
        let tunnel = ConfTarget::Device("ipvs-ipip".parse().unwrap());
        let targets = [ConfTarget::All, ConfTarget::Default, cable, eth0, tunnel];
        targets.map(|target| host.read_sysctl(&filter(target)).unwrap())
    };
    machine.host(async |host| {
        one.up(host).await.unwrap();
        assert_eq!(strictness(host), [0, 1, 1, 2, 0]);
        // All of it stays as long as one of them is there, whoever was the first.
        let second = two.up(host).await.unwrap().to_string();
        assert!(!second.contains("cable.rp_filter"), "{second}");
        one.down(host).await.unwrap();
        assert_eq!(strictness(host), [0, 1, 1, 2, 0]);
        two.down(host).await.unwrap();
    });
    machine.assert_unchanged_since(&before);
    assert!(machine.is_clean());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn vips_share_a_tunnel_until_the_last_of_them_is_down() {
    let machine = machine();
    let before = machine.dump();
    machine.host(async |host| {
        let (one, two) = (
            real_server(VIP).tunnel(gue()),
            real_server("10.10.10.200").tunnel(gue()),
        );
        one.up(host).await.unwrap();
        let second = lines(&two.up(host).await.unwrap());
        let shared = [
            "the device ipvs-ipip (ipip local 10.10.10.11) exists already",
            "the GUE listener on UDP port 6080 of IPv4 exists already",
        ];
        for line in shared {
            assert!(second.iter().any(|step| step == line), "{second:#?}");
        }
        let down = lines(&one.down(host).await.unwrap());
        let by = "the real server for 10.10.10.200 on eth0 needs it";
        let left = format!("left the device ipvs-ipip (ipip local 10.10.10.11): {by}");
        assert!(down.contains(&left), "{down:#?}");
        two.down(host).await.unwrap();
    });
    machine.assert_unchanged_since(&before);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_tunnel_that_somebody_switched_off_is_switched_on_again() {
    let machine = machine();
    let server = behind_ipip(VIP);
    machine.host(async |host| {
        server.up(host).await.unwrap();
        machine.ip("link set ipvs-ipip down");
        let up = lines(&server.up(host).await.unwrap());
        let line = "switched the device ipvs-ipip (ipip local 10.10.10.11) on";
        assert!(up.contains(&line.to_owned()), "{up:#?}");
        server.down(host).await.unwrap();
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_tunnel_that_somebody_put_in_place_of_ours_stays() {
    let machine = machine();
    let server = behind_ipip(VIP);
    machine.host(async |host| {
        server.up(host).await.unwrap();
        machine.ip("link delete ipvs-ipip");
        machine.ip("link add ipvs-ipip type ipip local 10.10.10.11");
        let down = lines(&server.down(host).await.unwrap());
        let line =
            "left the device ipvs-ipip (ipip local 10.10.10.11): it was not added by a set-up";
        assert_eq!(down.last().map(String::as_str), Some(line));
    });
    assert!(machine.ip("link show").contains("ipvs-ipip"));
    assert!(machine.is_clean());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn what_is_where_the_tunnel_would_be_is_named() {
    let machine = machine();
    machine.ip("link add tun type ipip local 10.10.10.11");
    let of_others = "cannot add ipvs-ipip (ipip local 10.10.10.11): tun is this tunnel already; \
                     delete it: ip link delete tun";
    assert_eq!(refused(&machine, &behind_ipip(VIP)), of_others);
    machine.ip("link delete tun");
    machine.ip("link add ipvs-ipip type dummy");
    let of_this_name = "cannot add ipvs-ipip (ipip local 10.10.10.11): the device of this name is \
                        dummy; take down the set-up that uses it, or delete it";
    assert_eq!(refused(&machine, &behind_ipip(VIP)), of_this_name);
    machine.ip("link delete ipvs-ipip");
    let _socket = machine
        .netns
        .enter(|| UdpSocket::bind("0.0.0.0:6080").unwrap());
    let of_a_program = "cannot add the GUE listener on UDP port 6080 of IPv4: another socket uses \
                        the port (ss -lun 'sport = 6080')";
    assert_eq!(
        refused(&machine, &real_server(VIP).tunnel(gue())),
        of_a_program
    );
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn where_a_tunnel_leads_must_be_clear() {
    let machine = machine();
    assert_eq!(
        refused(&machine, &behind_ipip("2001:db8::100")),
        "eth0 has no IPv6 address for the tunnel endpoint: name the address by which the director \
         knows this host"
    );
    machine.ip("address add 10.10.20.11/24 dev eth0");
    assert_eq!(
        refused(&machine, &behind_ipip(VIP)),
        "eth0 has several addresses for the tunnel endpoint (10.10.10.11, 10.10.20.11): name the \
         one by which the director knows this host"
    );
    let to =
        |address: &str| real_server(VIP).tunnel(Tunnel::ipip().local(address.parse().unwrap()));
    assert_eq!(
        refused(&machine, &to("10.10.20.99")),
        "10.10.20.99 cannot be the tunnel endpoint: it is not an address of this host"
    );
    machine.host(async |host| {
        let server = to("10.10.20.11");
        server.up(host).await.unwrap();
        server.down(host).await.unwrap();
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_module_that_is_not_there_is_named() {
    let machine = machine();
    machine.ip("address add fd00::11/64 dev eth0 nodad");
    let over_ipv6 = |tunnel: Tunnel| tunnel.local("fd00::11".parse().unwrap());
    {
        let _kernel = Unloadable::without("ip6_gre");
        let gre = real_server(VIP).tunnel(over_ipv6(Tunnel::gre(GreChecksum::None)));
        assert_eq!(
            refused(&machine, &gre),
            "adding the device ipvs-ip6gre (ip6gre local fd00::11) needs the kernel module \
             ip6_gre, which is not loaded: modprobe ip6_gre"
        );
    }
    let _kernel = Unloadable::without("fou");
    let gue = real_server(VIP).tunnel(gue());
    assert_eq!(
        refused(&machine, &gue),
        "adding the GUE listener on UDP port 6080 of IPv4 needs the kernel module fou, which is \
         not loaded: modprobe fou"
    );
}

/// Nobody has to load a module first.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn the_module_of_a_listener_is_loaded_by_asking_for_it() {
    let machine = machine();
    drop(Unloadable::without("fou"));
    process::run("rmmod", &["fou"]);
    let server = real_server(VIP).tunnel(gue());
    machine.host(async |host| {
        assert!(host.listeners().await.unwrap().is_empty());
        server.up(host).await.unwrap();
        assert_eq!(host.listeners().await.unwrap().len(), 1);
        server.down(host).await.unwrap();
    });
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn a_listener_that_somebody_put_in_place_of_ours_stays() {
    let machine = machine();
    let server = real_server(VIP).tunnel(gue());
    machine.host(async |host| {
        server.up(host).await.unwrap();
        machine.ip("fou del port 6080");
        machine.ip("fou add port 6080 ipproto 4");
        let down = lines(&server.down(host).await.unwrap());
        let left = "left the GUE listener on UDP port 6080 of IPv4: it was not added by a set-up";
        assert!(down.iter().any(|line| line == left), "{down:#?}");
    });
    let there = "cannot add the GUE listener on UDP port 6080 of IPv4";
    let refused = refused(&machine, &server);
    assert!(refused.starts_with(there), "{refused}");
    assert!(machine.ip("fou show").contains("port 6080 ipproto 4"));
}

/// Both found that there was nothing yet.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn of_two_tunnels_at_once_the_second_does_not_undo_the_first() {
    let machine = machine();
    machine.ip("address add 10.10.20.11/24 dev eth0");
    let before = machine.dump();
    let to =
        |vip, local: &str| real_server(vip).tunnel(Tunnel::ipip().local(local.parse().unwrap()));
    let servers = [to(VIP, "10.10.10.11"), to("10.10.10.200", "10.10.20.11")];
    let done = std::thread::scope(|scope| {
        let up = |server: RealServer| {
            let machine = &machine;
            scope.spawn(move || machine.host(async |host| server.up(host).await.is_ok()))
        };
        servers.clone().map(up).map(|done| done.join().unwrap())
    });
    assert_eq!(done.iter().filter(|done| **done).count(), 1, "{done:?}");
    machine.host(async |host| {
        for server in &servers {
            server.down(host).await.unwrap();
        }
    });
    machine.assert_unchanged_since(&before);
}
