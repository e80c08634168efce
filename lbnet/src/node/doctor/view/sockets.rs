//! Who listens where, by the kernel's own lists.

use std::{fs, net::IpAddr};

use ipvs::Protocol;

use crate::{Error, Host};

/// The lists, each with what is in it.
const LISTS: [(&str, Protocol); 4] = [
    ("tcp", Protocol::Tcp),
    ("tcp6", Protocol::Tcp),
    ("udp", Protocol::Udp),
    ("udp6", Protocol::Udp),
];

/// A socket that waits for others to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::node::doctor) struct Socket {
    pub(in crate::node::doctor) protocol: Protocol,
    pub(in crate::node::doctor) address: IpAddr,
    pub(in crate::node::doctor) port: u16,
}

/// All of the namespace; none if the lists cannot be read.
pub(super) fn read(host: &Host) -> Result<Option<Vec<Socket>>, Error> {
    // `/proc/net` would be that of the process's first thread.
    let read = |list| fs::read_to_string(format!("/proc/thread-self/net/{list}"));
    let texts = host.netns().run(|| LISTS.map(|(list, _)| read(list)))?;
    let mut sockets = Vec::new();
    for ((list, protocol), text) in LISTS.into_iter().zip(texts) {
        match text {
            Ok(text) => sockets.extend(parse(&text, protocol)),
            // A kernel without IPv6 has no such list.
            Err(_) if list.ends_with('6') => {}
            Err(_) => return Ok(None),
        }
    }
    Ok(Some(sockets))
}

fn parse(text: &str, protocol: Protocol) -> impl Iterator<Item = Socket> {
    text.lines()
        .skip(1)
        .filter_map(move |line| parse_line(line, protocol))
}

/// `  0: 00000000:0050 00000000:0000 0A …`: the place, here, there, and the state.
fn parse_line(line: &str, protocol: Protocol) -> Option<Socket> {
    let mut words = line.split_whitespace().skip(1);
    let here = words.next()?;
    let state = words.nth(1)?;
    // A UDP socket that is connected to nobody is "closed".
    let waiting = match protocol {
        Protocol::Tcp => "0A",
        _ => "07",
    };
    if state != waiting {
        return None;
    }
    let (address, port) = here.split_once(':')?;
    Some(Socket {
        protocol,
        address: parse_address(address)?,
        port: u16::from_str_radix(port, 16).ok()?,
    })
}

/// Words of 32 bits, each in the order of this host.
fn parse_address(text: &str) -> Option<IpAddr> {
    let word = |place: usize| {
        let digits = text.get(8 * place..8 * place + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    if text.len() == 8 {
        return Some(word(0)?.into());
    }
    let mut bytes = [0; 16];
    for (place, chunk) in bytes.chunks_exact_mut(4).enumerate() {
        chunk.copy_from_slice(&word(place)?);
    }
    Some(IpAddr::from(bytes).to_canonical())
}

impl Socket {
    /// Whether packets to this address come to it.
    pub(in crate::node::doctor) fn is_reached_by(self, address: IpAddr) -> bool {
        match self.address {
            // A socket of IPv6 takes IPv4 too, unless it was told not to, which the list does not
            // say.
            IpAddr::V6(own) if own.is_unspecified() => true,
            IpAddr::V4(own) if own.is_unspecified() => address.is_ipv4(),
            own => own == address,
        }
    }
}

#[cfg(all(test, target_endian = "little"))]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_read_and_what_is_connected_is_not() {
        let text = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt
   0: 640A0A0A:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0
   1: 0100007F:1F90 0100007F:D431 01 00000000:00000000 00:00000000 00000000     0\n";
        let sockets: Vec<_> = parse(text, Protocol::Tcp).collect();
        let web = Socket {
            protocol: Protocol::Tcp,
            address: "10.10.10.100".parse().unwrap(),
            port: 80,
        };
        assert_eq!(sockets, [web]);
    }

    #[test]
    fn addresses_of_both_families_are_read() {
        for (text, address) in [
            ("0100007F", "127.0.0.1"),
            ("B80D0120000000000000000000010000", "2001:db8::100"),
            ("0000000000000000FFFF0000640A0A0A", "10.10.10.100"),
        ] {
            assert_eq!(
                parse_address(text),
                Some(address.parse().unwrap()),
                "{text}"
            );
        }
        assert_eq!(parse_address("0100"), None);
    }

    #[test]
    fn a_socket_of_everywhere_is_reached_by_any_address() {
        let on = |address: &str| Socket {
            protocol: Protocol::Tcp,
            address: address.parse().unwrap(),
            port: 80,
        };
        let (four, six) = ("10.0.0.1".parse().unwrap(), "fd00::1".parse().unwrap());
        assert!(on("::").is_reached_by(four) && on("::").is_reached_by(six));
        assert!(on("0.0.0.0").is_reached_by(four) && !on("0.0.0.0").is_reached_by(six));
        assert!(on("10.0.0.1").is_reached_by(four) && !on("10.0.0.2").is_reached_by(four));
    }
}
