//! The bytes of a gratuitous ARP frame.

use std::net::Ipv4Addr;

use crate::MacAddress;

/// An Ethernet header and an ARP packet for IPv4.
pub(super) const FRAME_LENGTH: usize = 14 + 28;

const BROADCAST: [u8; 6] = [0xff; 6];
const UNKNOWN: [u8; 6] = [0; 6];

/// "`address` is at `mac`", addressed to everybody.
pub(super) struct GratuitousArp {
    pub(super) operation: Operation,
    pub(super) mac: MacAddress,
    pub(super) address: Ipv4Addr,
}

/// Which form it has. Both say the same.
#[derive(Clone, Copy)]
pub(super) enum Operation {
    /// Somebody asking for an address that he says is his own: the form of RFC 5227.
    Request,
    /// An answer that nobody asked for.
    Reply,
}

impl GratuitousArp {
    #[rustfmt::skip]
    pub(super) fn to_bytes(&self) -> [u8; FRAME_LENGTH] {
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

#[cfg(test)]
mod tests {
    use super::*;

    const MAC: MacAddress = MacAddress([0xde, 0x56, 0xbb, 0xea, 0x3d, 0xc2]);
    const VIP: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 100);

    fn frame(operation: Operation) -> [u8; FRAME_LENGTH] {
        GratuitousArp {
            operation,
            mac: MAC,
            address: VIP,
        }
        .to_bytes()
    }

    /// Sent on Linux 6.1; it moved the entry of a neighbour to its sender.
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
}
