//! What a received frame says about the owner of an address.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::{
    MacAddress, Usage,
    host::{
        ethernet::{BROADCAST, checksum::internet_checksum},
        probe::question::Protocol,
    },
};

const ETHERNET_HEADER: usize = 14;

/// A host that a frame tells of. The frame came from the network and may claim anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) address: IpAddr,
    pub(super) mac: MacAddress,
    pub(super) usage: Usage,
}

/// Reads a frame. Returns `None` if it tells of nobody who has or wants an address.
pub(super) fn heard(protocol: Protocol, frame: &[u8]) -> Option<Heard> {
    let (header, packet) = frame.split_first_chunk::<ETHERNET_HEADER>()?;
    let [d0, d1, d2, d3, d4, d5, s0, s1, s2, s3, s4, s5, t0, t1] = *header;
    if u16::from_be_bytes([t0, t1]) != protocol.ethertype() {
        return None;
    }
    match protocol {
        Protocol::Arp => arp([d0, d1, d2, d3, d4, d5], packet),
        Protocol::NeighbourDiscovery => discovery(MacAddress([s0, s1, s2, s3, s4, s5]), packet),
    }
}

/// A host has every address that it gives as its own in a request or a reply. A request from
/// 0.0.0.0 to everybody is a probe. Some switches send such requests to one host, to check that it
/// is still there.
#[rustfmt::skip]
fn arp(to: [u8; 6], packet: &[u8]) -> Option<Heard> {
    const IPV4_ON_ETHERNET: [u8; 6] = [0, 1, 0x08, 0x00, 6, 4];
    const REQUEST: u16 = 1;
    const REPLY: u16 = 2;
    let [
        h0, h1, p0, p1, hardware_length, protocol_length, o0, o1,
        m0, m1, m2, m3, m4, m5, s0, s1, s2, s3,
        _, _, _, _, _, _, t0, t1, t2, t3,
    ] = *packet.first_chunk()?;
    if [h0, h1, p0, p1, hardware_length, protocol_length] != IPV4_ON_ETHERNET {
        return None;
    }
    let sender = Ipv4Addr::new(s0, s1, s2, s3);
    let (address, usage) = match u16::from_be_bytes([o0, o1]) {
        REQUEST if sender.is_unspecified() && to == BROADCAST => {
            (Ipv4Addr::new(t0, t1, t2, t3), Usage::Probing)
        }
        REQUEST | REPLY if !sender.is_unspecified() => (sender, Usage::InUse),
        _ => return None,
    };
    Some(Heard {
        address: address.into(),
        mac: MacAddress([m0, m1, m2, m3, m4, m5]),
        usage,
    })
}

/// A host has every address that it advertises. A solicitation from `::` is a probe.
fn discovery(from: MacAddress, packet: &[u8]) -> Option<Heard> {
    const ICMPV6: u8 = 58;
    const FROM_THIS_LINK: u8 = 255;
    const SOLICITATION: u8 = 135;
    const ADVERTISEMENT: u8 = 136;
    let (header, payload) = packet.split_first_chunk::<40>()?;
    let (&[_, _, _, _, l0, l1, next_header, hop_limit], addresses) = header.split_first_chunk()?;
    let length = [l0, l1];
    let message = payload.get(..u16::from_be_bytes(length).into())?;
    // The length of every message of neighbour discovery is a multiple of eight.
    if next_header != ICMPV6 || hop_limit != FROM_THIS_LINK || message.len() % 8 != 0 {
        return None;
    }
    let pseudo_header = [0, 0, l0, l1, 0, 0, 0, ICMPV6];
    if internet_checksum(&[addresses, &pseudo_header, message]) != 0 {
        return None;
    }
    let (&[kind, code, ..], rest) = message.split_first_chunk::<8>()?;
    let (target, options) = rest.split_first_chunk::<16>()?;
    let source: Ipv6Addr = addresses.first_chunk().copied().map(Ipv6Addr::from)?;
    let (mac, usage) = match (kind, code) {
        (ADVERTISEMENT, 0) => (link_layer_address(options).unwrap_or(from), Usage::InUse),
        (SOLICITATION, 0) if source.is_unspecified() => (from, Usage::Probing),
        _ => return None,
    };
    Some(Heard {
        address: Ipv6Addr::from(*target).into(),
        mac,
        usage,
    })
}

/// Returns the Ethernet address at which an advertised address is.
fn link_layer_address(mut options: &[u8]) -> Option<MacAddress> {
    const TARGET: u8 = 2;
    // Each option says its length in units of eight bytes.
    while let [kind, units, ..] = *options {
        let (option, rest) = options.split_at_checked(usize::from(units) * 8)?;
        if let (TARGET, [_, _, m0, m1, m2, m3, m4, m5]) = (kind, option) {
            return Some(MacAddress([*m0, *m1, *m2, *m3, *m4, *m5]));
        }
        if option.is_empty() {
            return None;
        }
        options = rest;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::host::probe::question::{Sender, question};

    const OURS: MacAddress = MacAddress([2, 0, 0, 0, 0, 1]);
    const THEIRS: MacAddress = MacAddress([2, 0, 0, 0, 0, 2]);

    fn ip(address: &str) -> IpAddr {
        address.parse().unwrap()
    }

    /// Puts a fresh checksum into a message of neighbour discovery.
    fn with_checksum(mut frame: Vec<u8>) -> Vec<u8> {
        frame[56..58].fill(0);
        let length = [0, 0, frame[18], frame[19], 0, 0, 0, 58];
        let checksum = internet_checksum(&[&frame[22..54], &length, &frame[54..]]);
        frame[56..58].copy_from_slice(&checksum.to_be_bytes());
        frame
    }

    /// Turns the question for an address into the answer of the host that has it.
    #[rustfmt::skip]
    fn answer(address: IpAddr) -> Vec<u8> {
        let mut frame = question(address, Sender::nameless(OURS));
        frame[6..12].copy_from_slice(&THEIRS.0);
        match address {
            IpAddr::V4(address) => {
                frame[..6].copy_from_slice(&OURS.0);
                frame[21] = 2;
                frame[22..28].copy_from_slice(&THEIRS.0);
                frame[28..32].copy_from_slice(&address.octets());
                frame
            }
            IpAddr::V6(address) => {
                frame[19] = 32;
                frame[22..38].copy_from_slice(&address.octets());
                frame[54] = 136;
                frame.extend([2, 1]);
                frame.extend(THEIRS.0);
                with_checksum(frame)
            }
        }
    }

    const BOTH: [(Protocol, &str); 2] = [
        (Protocol::Arp, "10.10.10.100"),
        (Protocol::NeighbourDiscovery, "fd10::100"),
    ];

    #[test]
    fn an_answer_names_the_host_that_has_the_address() {
        for (protocol, address) in BOTH {
            let expected = Heard {
                address: ip(address),
                mac: THEIRS,
                usage: Usage::InUse,
            };
            assert_eq!(heard(protocol, &answer(ip(address))), Some(expected));
        }
    }

    #[test]
    fn a_question_from_nobody_is_a_probe() {
        for (protocol, address) in BOTH {
            let expected = Heard {
                address: ip(address),
                mac: THEIRS,
                usage: Usage::Probing,
            };
            assert_eq!(
                heard(protocol, &question(ip(address), Sender::nameless(THEIRS))),
                Some(expected)
            );
        }
    }

    #[test]
    fn a_switch_that_checks_on_one_host_does_not_want_its_address() {
        let mut frame = question(ip("10.10.10.100"), Sender::nameless(THEIRS));
        frame[..6].copy_from_slice(&OURS.0);
        assert_eq!(heard(Protocol::Arp, &frame), None);
    }

    #[test]
    fn an_advertisement_without_an_option_is_from_its_sender() {
        let mut frame = answer(ip("fd10::100"));
        frame.truncate(78);
        frame[19] = 24;
        let heard = heard(Protocol::NeighbourDiscovery, &with_checksum(frame)).unwrap();
        assert_eq!(heard.mac, THEIRS);
    }

    #[test]
    fn a_packet_that_a_router_forwarded_is_not_believed() {
        let mut frame = answer(ip("fd10::100"));
        frame[21] = 254;
        assert_eq!(heard(Protocol::NeighbourDiscovery, &frame), None);
    }

    #[test]
    fn a_packet_with_a_wrong_checksum_is_not_believed() {
        let mut frame = answer(ip("fd10::100"));
        frame[70] ^= 1;
        assert_eq!(heard(Protocol::NeighbourDiscovery, &frame), None);
    }

    #[test]
    fn a_packet_that_is_cut_off_says_nothing() {
        for (protocol, address) in BOTH {
            let frame = answer(ip(address));
            for length in 0..frame.len() {
                assert_eq!(heard(protocol, &frame[..length]), None, "{length}");
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_a_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            options in prop::collection::vec(any::<u8>(), 0..6),
        ) {
            for (protocol, address) in BOTH {
                heard(protocol, &bytes);
                let mut frame = answer(ip(address));
                for (at, byte) in bytes.iter().enumerate().skip(40) {
                    if let Some(place) = frame.get_mut(at) {
                        *place = *byte;
                    }
                }
                heard(protocol, &frame);
            }
            // Options that pass all checks before them.
            let mut frame = answer(ip("fd10::100"));
            frame[78..][..options.len()].copy_from_slice(&options);
            heard(Protocol::NeighbourDiscovery, &with_checksum(frame));
        }
    }
}
