//! Messages for `fou` and for the controller of generic netlink: a command and flat attributes.

use std::ops::RangeInclusive;

use netlink_packet_generic::{GenlFamily, GenlHeader, GenlMessage};
use rtnetlink::packet_core::{
    DecodeError, DefaultNla, Emitable, NlasIterator, Parseable, ParseableParametrized,
};

use crate::{GueListener, ListenerProtocol, ListenerScope, ListenerStatus, OuterFamily};

pub(super) type Message = GenlMessage<Fou>;

/// A command of any family, with its attributes as bytes. The message header has the number of the
/// family.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fou {
    header: GenlHeader,
    attributes: Vec<DefaultNla>,
}

/// The commands of `fou`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Command {
    Add = 1,
    Delete = 2,
    Get = 3,
}

const VERSION: u8 = 1;

// FOU_ATTR_*
const PORT: u16 = 1;
const FAMILY: u16 = 2;
const PROTOCOL: u16 = 3;
const TYPE: u16 = 4;
/// The attributes that restrict a listener: LOCAL, PEER and others up to IFINDEX. Zeros mean no
/// restriction.
const NARROWING: RangeInclusive<u16> = 6..=11;
/// FOU_ENCAP_GUE
const GUE: u8 = 2;

/// Builds the attributes that identify a GUE listener.
pub(super) fn listener(listener: GueListener) -> [DefaultNla; 3] {
    [
        DefaultNla::new(PORT, listener.port.get().to_be_bytes().to_vec()),
        DefaultNla::new(FAMILY, vec![number(listener.family)]),
        DefaultNla::new(TYPE, vec![GUE]),
    ]
}

impl Fou {
    pub(super) fn request(command: Command, attributes: &[DefaultNla], family: u16) -> Message {
        Self::new(command as u8, VERSION, attributes, family)
    }

    pub(super) fn new(cmd: u8, version: u8, attributes: &[DefaultNla], family: u16) -> Message {
        let header = GenlHeader { cmd, version };
        let attributes = attributes.to_vec();
        GenlMessage::new(header, Self { header, attributes }, family)
    }

    /// Returns the value of an attribute.
    pub(super) fn value(&self, kind: u16) -> Option<Vec<u8>> {
        use rtnetlink::packet_core::Nla;
        let found = self.attributes.iter().find(|nla| nla.kind() == kind)?;
        let mut value = vec![0; found.value_len()];
        found.emit_value(&mut value);
        Some(value)
    }

    /// Parses the listener that a reply describes.
    pub(super) fn listener(message: &Message) -> Option<ListenerStatus> {
        let of = &message.payload;
        let byte = |kind| of.value(kind)?.first().copied();
        let port = u16::from_be_bytes(of.value(PORT)?.try_into().ok()?);
        let family = byte(FAMILY)?;
        Some(ListenerStatus {
            port,
            family: [OuterFamily::Ipv4, OuterFamily::Ipv6]
                .into_iter()
                .find(|known| number(*known) == family)?,
            protocol: match byte(TYPE)? {
                GUE => ListenerProtocol::Gue,
                _ => ListenerProtocol::Fou(byte(PROTOCOL).unwrap_or_default()),
            },
            scope: if NARROWING
                .filter_map(|kind| of.value(kind))
                .any(says_something)
            {
                ListenerScope::Restricted
            } else {
                ListenerScope::All
            },
        })
    }
}

/// Returns the kernel's number of an IP family.
fn number(family: OuterFamily) -> u8 {
    let number = match family {
        OuterFamily::Ipv4 => nix::libc::AF_INET,
        OuterFamily::Ipv6 => nix::libc::AF_INET6,
    };
    u8::try_from(number).unwrap_or_default()
}

fn says_something(value: Vec<u8>) -> bool {
    value.into_iter().any(|byte| byte != 0)
}

impl GenlFamily for Fou {
    fn family_name() -> &'static str {
        "fou"
    }

    fn command(&self) -> u8 {
        self.header.cmd
    }

    fn version(&self) -> u8 {
        self.header.version
    }
}

impl Emitable for Fou {
    fn buffer_len(&self) -> usize {
        self.attributes.as_slice().buffer_len()
    }

    fn emit(&self, buffer: &mut [u8]) {
        self.attributes.as_slice().emit(buffer);
    }
}

impl ParseableParametrized<[u8], GenlHeader> for Fou {
    fn parse_with_param(bytes: &[u8], header: GenlHeader) -> Result<Self, DecodeError> {
        let attributes = NlasIterator::new(bytes).map(|nla| DefaultNla::parse(&nla?));
        Ok(Self {
            header,
            attributes: attributes.collect::<Result<_, _>>()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gue() -> GueListener {
        GueListener::new(6080.try_into().unwrap(), OuterFamily::Ipv6)
    }

    #[test]
    fn a_listener_is_a_port_a_family_and_a_type() {
        let request = Fou::request(Command::Add, &listener(gue()), 0x1c);
        let mut bytes = vec![0; Emitable::buffer_len(&request)];
        request.emit(&mut bytes);
        #[rustfmt::skip]
        assert_eq!(bytes, [
            1, 1, 0, 0,
            6, 0, 1, 0, 0x17, 0xc0, 0, 0,
            5, 0, 2, 0, 10, 0, 0, 0,
            5, 0, 4, 0, 2, 0, 0, 0,
        ]);
        assert_eq!(request.family_id(), 0x1c);
    }

    #[test]
    fn what_is_asked_for_is_read_back_the_same() {
        let told = Fou::listener(&Fou::request(Command::Get, &listener(gue()), 0x1c)).unwrap();
        assert!(gue().is(told), "{told:?}");
    }

    #[test]
    fn a_listener_for_one_address_is_not_for_all() {
        let mut told = listener(gue()).to_vec();
        let nothing = DefaultNla::new(11, vec![0; 4]);
        let local = DefaultNla::new(7, vec![0xfd; 16]);
        told.push(nothing);
        let scope = |told: &[DefaultNla]| {
            let answer = Fou::request(Command::Get, told, 0x1c);
            Fou::listener(&answer).unwrap().scope
        };
        assert_eq!(scope(&told), ListenerScope::All);
        told.push(local);
        assert_eq!(scope(&told), ListenerScope::Restricted);
    }

    #[test]
    fn half_an_answer_is_none() {
        let half = &listener(gue())[..1];
        assert_eq!(Fou::listener(&Fou::request(Command::Get, half, 0x1c)), None);
        let short = [DefaultNla::new(PORT, vec![1])];
        assert_eq!(
            Fou::listener(&Fou::request(Command::Get, &short, 0x1c)),
            None
        );
    }
}
