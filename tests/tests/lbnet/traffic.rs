//! Connections arrive: at the right servers, with the client's address, and only the director
//! answered for the VIP. Every way of forwarding, in both families and across them, set up by
//! nothing but lbnet, and undone until nothing is left.

mod balanced;

use std::num::NonZeroU16;

use ipvs::{Encapsulation, GreChecksum, GueChecksum};
use lbnet::Tunnel;

use balanced::{Balanced, Family::*, Way};

fn port() -> NonZeroU16 {
    NonZeroU16::new(6080).unwrap()
}

fn ipip() -> Way {
    Way::tunnel(Tunnel::ipip(), Encapsulation::Ipip)
}

fn gue(checksum: GueChecksum) -> Way {
    let encapsulation = Encapsulation::Gue {
        port: port(),
        checksum,
    };
    Way::tunnel(Tunnel::gue(port()), encapsulation)
}

fn gre(checksum: GreChecksum) -> Way {
    let ours = match checksum {
        GreChecksum::None => lbnet::GreChecksum::None,
        GreChecksum::Full => lbnet::GreChecksum::Full,
    };
    Way::tunnel(Tunnel::gre(ours), Encapsulation::Gre { checksum })
}

/// Every family inside every family.
fn in_all_families(way: Way) {
    let site = Balanced::new(way);
    for (vip, wire) in [(V4, V4), (V6, V6), (V4, V6), (V6, V4)] {
        site.serves_and_leaves_nothing(vip, wire);
    }
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn direct_routing_serves_and_leaves_nothing() {
    let site = Balanced::new(Way::direct());
    site.serves_and_leaves_nothing(V4, V4);
    site.serves_and_leaves_nothing(V6, V6);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn direct_routing_with_the_director_as_gateway_serves_and_leaves_nothing() {
    let site = Balanced::new(Way::direct_and_back());
    site.serves_and_leaves_nothing(V4, V4);
    site.serves_and_leaves_nothing(V6, V6);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn masquerading_serves_and_leaves_nothing() {
    let site = Balanced::new(Way::masquerade());
    site.serves_and_leaves_nothing(V4, V4);
    site.serves_and_leaves_nothing(V6, V6);
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn ipip_serves_and_leaves_nothing() {
    in_all_families(ipip());
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn gue_serves_and_leaves_nothing() {
    in_all_families(gue(GueChecksum::None));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn gue_with_checksums_serves_and_leaves_nothing() {
    in_all_families(gue(GueChecksum::Full));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn gue_with_remote_checksums_serves_and_leaves_nothing() {
    in_all_families(gue(GueChecksum::Remote));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn gre_serves_and_leaves_nothing() {
    in_all_families(gre(GreChecksum::None));
}

#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn gre_with_checksums_serves_and_leaves_nothing() {
    in_all_families(gre(GreChecksum::Full));
}

/// A kernel that takes no packet from where answers would not go.
#[test]
#[ignore = "needs the lab's kernel: cargo lab test"]
fn packets_come_out_of_a_tunnel_where_the_reverse_path_was_checked() {
    for strictness in ["1", "2"] {
        let site = Balanced::new(ipip()).checking_the_reverse_path(strictness);
        site.serves_and_leaves_nothing(V4, V4);
    }
}
