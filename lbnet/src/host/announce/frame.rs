//! The bytes of the frames that announce an address.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::{
    MacAddress,
    host::ethernet::{BROADCAST, checksum::internet_checksum},
};

/// Length of an Ethernet header and an ARP packet for IPv4, in bytes.
const ARP_LENGTH: usize = 14 + 28;

/// Length of an Ethernet header, an IPv6 header, and a neighbour advertisement with one option, in
/// bytes.
const ADVERTISEMENT_LENGTH: usize = 14 + 40 + 32;

const UNKNOWN: [u8; 6] = [0; 6];

/// A broadcast which says that `address` is at `mac`.
pub(super) struct GratuitousArp {
    pub(super) operation: Operation,
    pub(super) mac: MacAddress,
    pub(super) address: Ipv4Addr,
}

/// The form of a gratuitous ARP packet. Both forms say the same.
#[derive(Clone, Copy)]
pub(super) enum Operation {
    /// A request for the sender's own address: the form of RFC 5227.
    Request,
    /// A reply without a request.
    Reply,
}

impl GratuitousArp {
    #[rustfmt::skip]
    pub(super) fn to_bytes(&self) -> [u8; ARP_LENGTH] {
        let MacAddress([m0, m1, m2, m3, m4, m5]) = self.mac;
        let [d0, d1, d2, d3, d4, d5] = BROADCAST;
        let [i0, i1, i2, i3] = self.address.octets();
        let (operation, [t0, t1, t2, t3, t4, t5]) = match self.operation {
            Operation::Request => (1, UNKNOWN),
            Operation::Reply => (2, self.mac.0),
        };
        [
            d0, d1, d2, d3, d4, d5,                     // to everybody
            m0, m1, m2, m3, m4, m5,                     // from us
            0x08, 0x06,                                 // ARP
            0, 1, 0x08, 0x00, 6, 4, 0, operation,       // for IPv4 on Ethernet
            m0, m1, m2, m3, m4, m5, i0, i1, i2, i3,     // sender
            t0, t1, t2, t3, t4, t5, i0, i1, i2, i3,     // target
        ]
    }
}

/// An unsolicited message to all hosts of the link which says that `address` is at `mac` (RFC 4861
/// 7.2.6).
pub(super) struct NeighbourAdvertisement {
    pub(super) mac: MacAddress,
    pub(super) address: Ipv6Addr,
    pub(super) sender: Sender,
}

/// The kind of host that sends the advertisement.
#[derive(Clone, Copy)]
pub(super) enum Sender {
    /// A host that does not forward packets. Neighbours no longer use it as a router.
    Host,
    /// A router, which forwards packets.
    Router,
}

impl NeighbourAdvertisement {
    #[rustfmt::skip]
    pub(super) fn to_bytes(&self) -> [u8; ADVERTISEMENT_LENGTH] {
        const ALL_NODES: Ipv6Addr = Ipv6Addr::new(0xff02, 0, 0, 0, 0, 0, 0, 1);
        const PAYLOAD: u8 = 32;
        const ICMPV6: u8 = 58;
        // Receivers drop a packet with a smaller hop limit, because a router forwarded it.
        const HOP_LIMIT: u8 = 255;
        const ADVERTISEMENT: u8 = 136;
        const OVERRIDE: u8 = 0x20;
        const ROUTER: u8 = 0x80;
        let flags = match self.sender {
            Sender::Host => OVERRIDE,
            Sender::Router => OVERRIDE | ROUTER,
        };
        let MacAddress([m0, m1, m2, m3, m4, m5]) = self.mac;
        let address = self.address.octets();
        // The checksum covers the addresses, the length and the protocol as well.
        let checksum = internet_checksum(&[
            &address, &ALL_NODES.octets(), &[0, 0, 0, PAYLOAD, 0, 0, 0, ICMPV6],
            &[ADVERTISEMENT, 0, 0, 0, flags, 0, 0, 0], &address, &[2, 1], &self.mac.0,
        ]);
        let [sum_high, sum_low] = checksum.to_be_bytes();
        let [i0, i1, i2, i3, i4, i5, i6, i7, i8, i9, ia, ib, ic, id, ie, if_] = address;
        let [t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, ta, tb, tc, td, te, tf] = ALL_NODES.octets();
        [
            0x33, 0x33, 0, 0, 0, 1,                                             // to all nodes
            m0, m1, m2, m3, m4, m5,                                             // from us
            0x86, 0xdd,                                                         // IPv6
            0x60, 0, 0, 0, 0, PAYLOAD, ICMPV6, HOP_LIMIT,
            i0, i1, i2, i3, i4, i5, i6, i7, i8, i9, ia, ib, ic, id, ie, if_,    // source
            t0, t1, t2, t3, t4, t5, t6, t7, t8, t9, ta, tb, tc, td, te, tf,     // destination
            ADVERTISEMENT, 0, sum_high, sum_low, flags, 0, 0, 0,
            i0, i1, i2, i3, i4, i5, i6, i7, i8, i9, ia, ib, ic, id, ie, if_,    // target
            2, 1, m0, m1, m2, m3, m4, m5,                                       // is at
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: MacAddress = MacAddress([0xde, 0x56, 0xbb, 0xea, 0x3d, 0xc2]);
    const VIP: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 100);

    fn frame(operation: Operation) -> [u8; ARP_LENGTH] {
        GratuitousArp {
            operation,
            mac: MAC,
            address: VIP,
        }
        .to_bytes()
    }

    /// A frame that was sent on Linux 6.1. The receiver changed its neighbour entry to the sender.
    #[test]
    #[rustfmt::skip]
    fn the_request_form_asks_for_its_own_address() {
        assert_eq!(frame(Operation::Request), [
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xde, 0x56, 0xbb, 0xea, 0x3d, 0xc2, 0x08, 0x06,
            0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01,
            0xde, 0x56, 0xbb, 0xea, 0x3d, 0xc2, 0xc0, 0xa8, 0x01, 0x64,
            0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xc0, 0xa8, 0x01, 0x64,
        ]);
    }

    #[test]
    #[rustfmt::skip]
    fn the_reply_form_answers_itself() {
        assert_eq!(frame(Operation::Reply), [
            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xde, 0x56, 0xbb, 0xea, 0x3d, 0xc2, 0x08, 0x06,
            0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x02,
            0xde, 0x56, 0xbb, 0xea, 0x3d, 0xc2, 0xc0, 0xa8, 0x01, 0x64,
            0xde, 0x56, 0xbb, 0xea, 0x3d, 0xc2, 0xc0, 0xa8, 0x01, 0x64,
        ]);
    }

    fn advertisement(sender: Sender) -> [u8; ADVERTISEMENT_LENGTH] {
        NeighbourAdvertisement {
            mac: MAC,
            address: "fd00::100".parse().unwrap(),
            sender,
        }
        .to_bytes()
    }

    #[test]
    #[rustfmt::skip]
    fn an_advertisement_goes_to_all_nodes_with_a_checksum_that_holds() {
        let frame = advertisement(Sender::Host);
        assert_eq!(frame[..22], [
            0x33, 0x33, 0, 0, 0, 1, 0xde, 0x56, 0xbb, 0xea, 0x3d, 0xc2, 0x86, 0xdd,
            0x60, 0, 0, 0, 0, 32, 58, 255,
        ]);
        assert_eq!(frame[54..56], [136, 0]);
        assert_eq!(frame[58..62], [0x20, 0, 0, 0]);
        assert_eq!(frame[62..78], frame[22..38]);
        assert_eq!(frame[78..], [2, 1, 0xde, 0x56, 0xbb, 0xea, 0x3d, 0xc2]);
        // The sum over data that includes its own checksum is zero.
        let pseudo_header = [0, 0, 0, 32, 0, 0, 0, 58];
        assert_eq!(internet_checksum(&[&frame[22..54], &pseudo_header, &frame[54..]]), 0);
    }

    #[test]
    fn a_router_says_that_it_is_one() {
        assert_eq!(advertisement(Sender::Router)[58], 0xa0);
    }
}
