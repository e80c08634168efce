//! The bytes of the frames that ask who has an address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::{
    MacAddress,
    host::ethernet::{BROADCAST, checksum::internet_checksum},
};

/// The protocol that asks for an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// ARP, for IPv4.
    Arp,
    /// Neighbour discovery, for IPv6.
    NeighbourDiscovery,
}

impl Protocol {
    pub(super) fn of(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(_) => Self::Arp,
            IpAddr::V6(_) => Self::NeighbourDiscovery,
        }
    }

    /// Returns the number of the protocol in an Ethernet frame.
    pub(super) fn ethertype(self) -> u16 {
        match self {
            Self::Arp => 0x0806,
            Self::NeighbourDiscovery => 0x86dd,
        }
    }
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sender {
    pub(super) mac: MacAddress,
    /// What an ARP request says of the sender. Nothing (0.0.0.0) as a rule: then no neighbour changes
    /// its tables.
    pub(super) ipv4: Ipv4Addr,
}

impl Sender {
    /// Returns a sender that does not say which address it has.
    pub(super) fn nameless(mac: MacAddress) -> Self {
        Self {
            mac,
            ipv4: Ipv4Addr::UNSPECIFIED,
        }
    }
}

/// Returns the frame by which a host asks who has an address.
pub(super) fn question(address: IpAddr, sender: Sender) -> Vec<u8> {
    match address {
        IpAddr::V4(address) => arp_request(address, sender).to_vec(),
        IpAddr::V6(address) => solicitation(address, sender.mac).to_vec(),
    }
}

/// Returns the multicast group of all hosts that could have an address (RFC 4291 2.7.1).
pub(super) fn solicited_node(address: Ipv6Addr) -> Ipv6Addr {
    let [.., high, middle, low] = address.octets();
    let low = u16::from_be_bytes([middle, low]);
    Ipv6Addr::new(0xff02, 0, 0, 0, 0, 1, 0xff00 | u16::from(high), low)
}

/// An ARP request; from 0.0.0.0, it is a probe (RFC 5227 1.1).
#[rustfmt::skip]
fn arp_request(address: Ipv4Addr, sender: Sender) -> [u8; 14 + 28] {
    let [m0, m1, m2, m3, m4, m5] = sender.mac.0;
    let [s0, s1, s2, s3] = sender.ipv4.octets();
    let [d0, d1, d2, d3, d4, d5] = BROADCAST;
    let [i0, i1, i2, i3] = address.octets();
    [
        d0, d1, d2, d3, d4, d5,                     // to everybody
        m0, m1, m2, m3, m4, m5,                     // from us
        0x08, 0x06,                                 // ARP
        0, 1, 0x08, 0x00, 6, 4, 0, 1,               // request for IPv4 on Ethernet
        m0, m1, m2, m3, m4, m5, s0, s1, s2, s3,     // sender
        0, 0, 0, 0, 0, 0, i0, i1, i2, i3,           // target
    ]
}

/// A neighbour solicitation from `::` (RFC 4862 5.4.2).
#[rustfmt::skip]
fn solicitation(address: Ipv6Addr, MacAddress(mac): MacAddress) -> [u8; 14 + 40 + 24] {
    const PAYLOAD: u8 = 24;
    const ICMPV6: u8 = 58;
    // Receivers drop a packet with a smaller hop limit, because a router forwarded it.
    const HOP_LIMIT: u8 = 255;
    const SOLICITATION: u8 = 135;
    let group = solicited_node(address).octets();
    let target = address.octets();
    let checksum = internet_checksum(&[
        &[0; 16], &group, &[0, 0, 0, PAYLOAD, 0, 0, 0, ICMPV6],
        &[SOLICITATION, 0, 0, 0, 0, 0, 0, 0], &target,
    ]);
    let [sum_high, sum_low] = checksum.to_be_bytes();
    let [m0, m1, m2, m3, m4, m5] = mac;
    let [g0, g1, g2, g3, g4, g5, g6, g7, g8, g9, ga, gb, gc, gd, ge, gf] = group;
    let [t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, ta, tb, tc, td, te, tf] = target;
    [
        0x33, 0x33, gc, gd, ge, gf,                                         // to the group
        m0, m1, m2, m3, m4, m5,                                             // from us
        0x86, 0xdd,                                                         // IPv6
        0x60, 0, 0, 0, 0, PAYLOAD, ICMPV6, HOP_LIMIT,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,                     // source
        g0, g1, g2, g3, g4, g5, g6, g7, g8, g9, ga, gb, gc, gd, ge, gf,     // destination
        SOLICITATION, 0, sum_high, sum_low, 0, 0, 0, 0,
        t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, ta, tb, tc, td, te, tf,     // target
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: MacAddress = MacAddress([0xde, 0x56, 0xbb, 0xea, 0x3d, 0xc2]);

    #[test]
    #[rustfmt::skip]
    fn an_arp_probe_does_not_say_which_address_the_sender_has() {
        let frame = question("192.168.1.100".parse().unwrap(), Sender::nameless(MAC));
        assert_eq!(frame, [
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xde, 0x56, 0xbb, 0xea, 0x3d, 0xc2, 0x08, 0x06,
            0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01,
            0xde, 0x56, 0xbb, 0xea, 0x3d, 0xc2, 0x00, 0x00, 0x00, 0x00,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc0, 0xa8, 0x01, 0x64,
        ]);
    }

    #[test]
    fn a_request_says_which_address_the_sender_has_where_the_answer_would_not_find_it_otherwise() {
        let ipv4 = Ipv4Addr::new(192, 168, 1, 7);
        let frame = question("192.168.1.100".parse().unwrap(), Sender { mac: MAC, ipv4 });
        assert_eq!(frame[28..32], [192, 168, 1, 7]);
    }

    #[test]
    fn a_solicitation_goes_to_the_group_of_its_target_with_a_checksum_that_holds() {
        let address: Ipv6Addr = "2001:db8::1234:5678".parse().unwrap();
        let group: Ipv6Addr = "ff02::1:ff34:5678".parse().unwrap();
        assert_eq!(solicited_node(address), group);
        let frame = question(address.into(), Sender::nameless(MAC));
        assert_eq!(frame[..6], [0x33, 0x33, 0xff, 0x34, 0x56, 0x78]);
        assert_eq!(frame[22..38], [0; 16]);
        assert_eq!(frame[38..54], group.octets());
        assert_eq!(frame[62..], address.octets());
        let pseudo_header = [0, 0, 0, 24, 0, 0, 0, 58];
        assert_eq!(
            internet_checksum(&[&frame[22..54], &pseudo_header, &frame[54..]]),
            0
        );
    }
}
