//! The least that can be: messages that were encoded before, one socket, nothing read of the answers
//! but where they end. None of our crates.

use std::net::Ipv4Addr;

use netlink_sys::protocols::NETLINK_GENERIC;
use netlink_sys::{Socket, SocketAddr};

use crate::site::Site;

/// How many messages go into one send.
const TOGETHER: usize = 1000;

const NEW_SERVICE: u8 = 1;
const GET_SERVICE: u8 = 4;
const NEW_DEST: u8 = 5;
const DEL_DEST: u8 = 7;
const GET_DEST: u8 = 8;

const REQUEST: u16 = 1;
const ACK: u16 = 4;
const DUMP: u16 = 0x300;

/// A socket with the number of the family.
pub(crate) struct Floor {
    socket: Socket,
    family: u16,
    answer: Vec<u8>,
}

/// Datagrams, ready to be sent.
pub(crate) struct Encoded(Vec<Vec<u8>>);

impl Floor {
    pub(crate) fn open() -> Self {
        let mut socket = Socket::new(NETLINK_GENERIC).unwrap();
        socket.bind_auto().unwrap();
        socket.connect(&SocketAddr::new(0, 0)).unwrap();
        let mut floor = Self {
            socket,
            family: 0,
            answer: vec![0; 64 * 1024],
        };
        let name = attribute(2, b"IPVS\0");
        floor
            .socket
            .send(&message(16, REQUEST, 3, &name), 0)
            .unwrap();
        let length = floor.receive();
        // The first attributes are the name and the number.
        let attributes = &floor.answer[20..length];
        let number = attributes
            .windows(6)
            .find(|bytes| bytes[..4] == [6, 0, 1, 0])
            .unwrap();
        floor.family = u16::from_ne_bytes([number[4], number[5]]);
        floor
    }

    pub(crate) fn encode(&self, site: Site) -> Encoded {
        let mut messages = Vec::new();
        for service in site.services() {
            let new = nest(1, &self::service(service, site.scheduler));
            messages.push((NEW_SERVICE, new));
            let key = nest(1, &key(service));
            for destination in site.destinations() {
                let new = [key.clone(), nest(2, &self::destination(destination))].concat();
                messages.push((NEW_DEST, new));
            }
        }
        let datagrams = messages.chunks(TOGETHER).map(|together| {
            let last = together.len() - 1;
            let messages = together
                .iter()
                .enumerate()
                .map(|(place, (command, payload))| {
                    let flags = if place == last {
                        REQUEST | ACK
                    } else {
                        REQUEST
                    };
                    message(self.family, flags, *command, payload)
                });
            messages.flatten().collect()
        });
        Encoded(datagrams.collect())
    }

    /// Until the kernel worked through all of it.
    pub(crate) fn send(&mut self, encoded: &Encoded) {
        for datagram in &encoded.0 {
            self.socket.send(datagram, 0).unwrap();
            let length = self.receive();
            let code = self.answer[16..20].try_into().unwrap();
            assert_eq!((length, i32::from_ne_bytes(code)), (36, 0), "refused");
        }
    }

    /// A dump of the services, and one of each service's destinations; how many entries.
    pub(crate) fn dump(&mut self, site: Site) -> usize {
        let mut entries = self.dump_one(GET_SERVICE, &[]);
        for service in site.services() {
            entries += self.dump_one(GET_DEST, &nest(1, &key(service)));
        }
        entries
    }

    /// One destination more, and away with it.
    pub(crate) fn add_and_delete(&mut self, service: Ipv4Addr, destination: Ipv4Addr) {
        let key = nest(1, &key(service));
        let new = [key.clone(), nest(2, &self::destination(destination))].concat();
        let delete = [key, nest(2, &destination_key(destination))].concat();
        for (command, payload) in [(NEW_DEST, new), (DEL_DEST, delete)] {
            let request = message(self.family, REQUEST | ACK, command, &payload);
            self.send(&Encoded(vec![request]));
        }
    }

    fn dump_one(&mut self, command: u8, payload: &[u8]) -> usize {
        let request = message(self.family, REQUEST | DUMP, command, payload);
        self.socket.send(&request, 0).unwrap();
        let mut entries = 0;
        loop {
            let length = self.receive();
            let mut rest = &self.answer[..length];
            while let Some(header) = rest.first_chunk::<8>() {
                let length = u32::from_ne_bytes([header[0], header[1], header[2], header[3]]);
                match u16::from_ne_bytes([header[4], header[5]]) {
                    3 => return entries,
                    2 => panic!("refused"),
                    _ => entries += 1,
                }
                rest = rest.get(length as usize..).unwrap_or_default();
            }
        }
    }

    fn receive(&mut self) -> usize {
        let mut buffer = self.answer.as_mut_slice();
        self.socket.recv(&mut buffer, 0).unwrap()
    }
}

fn message(kind: u16, flags: u16, command: u8, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(20 + payload.len()).unwrap();
    let mut message = length.to_ne_bytes().to_vec();
    message.extend(kind.to_ne_bytes());
    message.extend(flags.to_ne_bytes());
    message.extend([0; 8]);
    message.extend([command, 1, 0, 0]);
    message.extend(payload);
    message
}

fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap();
    let mut attribute = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
    attribute.extend(value);
    attribute.resize(attribute.len().next_multiple_of(4), 0);
    attribute
}

fn nest(kind: u16, attributes: &[u8]) -> Vec<u8> {
    attribute(kind | 0x8000, attributes)
}

fn address(address: Ipv4Addr) -> Vec<u8> {
    let mut bytes = address.octets().to_vec();
    bytes.resize(16, 0);
    bytes
}

fn key(service: Ipv4Addr) -> Vec<u8> {
    [
        attribute(1, &2u16.to_ne_bytes()),
        attribute(2, &6u16.to_ne_bytes()),
        attribute(3, &address(service)),
        attribute(4, &80u16.to_be_bytes()),
    ]
    .concat()
}

fn service(service: Ipv4Addr, scheduler: &str) -> Vec<u8> {
    [
        key(service),
        attribute(6, format!("{scheduler}\0").as_bytes()),
        attribute(7, &[0, 0, 0, 0, 255, 255, 255, 255]),
        attribute(8, &[0; 4]),
        attribute(9, &[255; 4]),
    ]
    .concat()
}

fn destination_key(destination: Ipv4Addr) -> Vec<u8> {
    [
        attribute(11, &2u16.to_ne_bytes()),
        attribute(1, &address(destination)),
        attribute(2, &80u16.to_be_bytes()),
    ]
    .concat()
}

fn destination(destination: Ipv4Addr) -> Vec<u8> {
    [
        destination_key(destination),
        attribute(3, &3u32.to_ne_bytes()),
        attribute(4, &1u32.to_ne_bytes()),
        attribute(13, &[0]),
        attribute(14, &[0; 2]),
        attribute(15, &[0; 2]),
        attribute(5, &[0; 4]),
        attribute(6, &[0; 4]),
    ]
    .concat()
}
