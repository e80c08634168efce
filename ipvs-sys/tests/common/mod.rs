//! What the tests of the wire share: bytes in, bytes out, and how two of them differ.

#![allow(dead_code, reason = "each test program takes what it needs")]
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests fail as tests do"
)]

pub(crate) mod golden;
pub(crate) mod scripted_kernel;

use std::fmt::{Debug, Write as _};

use ipvs_sys::{CmdAttr, Command, Conversation, Errno, Error, ExtAck, IpvsMessage, SvcAttr};
use netlink_packet_core::{
    Emitable, NLA_F_NESTED, Nla, NlaBuffer, Parseable, ParseableParametrized,
};
use netlink_packet_generic::GenlMessage;

/// The number of the family in the captured conversation, and in the scripted ones.
pub(crate) const FAMILY: u16 = 28;

/// An attribute space, as generic tests see it.
pub(crate) trait Space:
    Nla + Clone + Debug + PartialEq + for<'a> Parseable<NlaBuffer<&'a [u8]>>
{
}

impl<A: Nla + Clone + Debug + PartialEq + for<'a> Parseable<NlaBuffer<&'a [u8]>>> Space for A {}

/// Bytes written in hexadecimal, in any layout.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(&String::from_iter(pair), 16).unwrap())
        .collect()
}

/// The 16 bytes in which an IPv4 address travels.
pub(crate) fn ipv4(octets: [u8; 4]) -> [u8; 16] {
    let mut address = [0; 16];
    address[..4].copy_from_slice(&octets);
    address
}

/// The 16 bytes of an IPv6 address.
pub(crate) fn ipv6(text: &str) -> [u8; 16] {
    text.parse::<std::net::Ipv6Addr>().unwrap().octets()
}

/// What `value` writes, having made sure that it writes every byte of the room that it asks for.
#[track_caller]
pub(crate) fn emitted(value: &impl Emitable) -> Vec<u8> {
    let [once, again] = [0xaa, 0x55].map(|filling| {
        let mut buffer = vec![filling; value.buffer_len()];
        value.emit(&mut buffer);
        buffer
    });
    assert_same_bytes("over two different fillings", &once, &again);
    once
}

/// A message from its generic netlink header on.
pub(crate) fn payload(message: &IpvsMessage) -> Vec<u8> {
    emitted(&GenlMessage::from_payload(message.clone()))
}

/// Reads a message from its generic netlink header on.
pub(crate) fn parsed(payload: &[u8]) -> Result<IpvsMessage, netlink_packet_core::DecodeError> {
    GenlMessage::parse_with_param(payload, FAMILY).map(|message| message.payload)
}

/// An attribute as it stands in a message: header, value, padding.
pub(crate) fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap();
    let mut bytes = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// Reads one attribute.
pub(crate) fn parse_attribute<A: Space>(
    bytes: &[u8],
) -> Result<A, netlink_packet_core::DecodeError> {
    A::parse(&NlaBuffer::new_checked(bytes)?)
}

/// The kind of an attribute without the flag that nests are sent with.
pub(crate) fn number(attribute: &impl Nla) -> u16 {
    attribute.kind() & !NLA_F_NESTED
}

/// Fails with both sides, four bytes a line, where they are not the same.
#[track_caller]
pub(crate) fn assert_same_bytes(what: &str, ours: &[u8], theirs: &[u8]) {
    assert!(
        ours == theirs,
        "{what}: not the same bytes\n{}",
        side_by_side(ours, theirs)
    );
}

/// Both sides in lines of four bytes; lines that differ begin with `!`.
pub(crate) fn side_by_side(ours: &[u8], theirs: &[u8]) -> String {
    let line = |bytes: &[u8], at: usize| {
        bytes
            .iter()
            .skip(at)
            .take(4)
            .fold(String::new(), |mut line, byte| {
                let _ = write!(line, "{byte:02x} ");
                line
            })
    };
    let mut text = "  byte  ours         theirs\n".to_owned();
    for at in (0..ours.len().max(theirs.len())).step_by(4) {
        let (left, right) = (line(ours, at), line(theirs, at));
        let mark = if left == right { ' ' } else { '!' };
        let _ = writeln!(text, "{mark} {at:4}  {left:<12} {right}");
    }
    text
}

/// A message about a service that is told from others by its mark.
pub(crate) fn service(mark: u32) -> IpvsMessage {
    let service = vec![SvcAttr::Af(2), SvcAttr::Fwmark(mark)];
    IpvsMessage::new(Command::NewService, vec![CmdAttr::Service(service)])
}

/// The errno of a refusal, and what was said beside it.
#[track_caller]
pub(crate) fn refusal<T: Debug>(outcome: Result<T, Error>) -> (Errno, Option<ExtAck>) {
    match outcome {
        Err(Error::Kernel { errno, ext_ack }) => (errno, ext_ack),
        other => panic!("not refused: {other:?}"),
    }
}

/// Deletes all services.
pub(crate) fn flush() -> IpvsMessage {
    IpvsMessage::new(Command::Flush, vec![])
}

/// Dumps the services, whatever comes of it.
pub(crate) fn services(kernel: &mut Conversation) -> (Vec<IpvsMessage>, Result<(), Error>) {
    let mut entries = Vec::new();
    let outcome = kernel.dump(IpvsMessage::new(Command::GetService, vec![]), |entry| {
        entries.push(entry);
        Ok(())
    });
    (entries, outcome)
}
