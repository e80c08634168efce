//! Encodes the kernel's messages.

use std::num::NonZeroI32;

use ipvs_sys::constants::{IPVS_GENL_NAME, IPVS_GENL_VERSION};
use ipvs_sys::{Errno, IpvsMessage};
use netlink_packet_core::{
    DoneMessage, Emitable, ErrorMessage, NLM_F_CAPPED, NLM_F_MULTIPART, NetlinkHeader,
    NetlinkMessage, NetlinkPayload, NetlinkSerializable,
};
use netlink_packet_generic::GenlMessage;
use netlink_packet_generic::ctrl::{GenlCtrl, GenlCtrlCmd, nlas::GenlCtrlAttrs};

/// The top-level attributes of a message of the IPVS family.
const HIGHEST_ATTRIBUTE: u32 = 6;

/// A message of the IPVS family with these flags.
pub(super) fn message(to: &NetlinkHeader, flags: u16, family: u16, answer: IpvsMessage) -> Vec<u8> {
    let mut answer = GenlMessage::from_payload(answer);
    answer.set_resolved_family_id(family);
    bytes(to, flags, NetlinkPayload::InnerMessage(answer))
}

/// An acknowledgement or a refusal. It does not repeat the request, as the client asked with
/// `NETLINK_CAP_ACK`.
pub(super) fn outcome(to: &NetlinkHeader, outcome: Result<(), Errno>) -> Vec<u8> {
    let mut error = ErrorMessage::default();
    error.code = outcome
        .err()
        .and_then(|errno| NonZeroI32::new(-(errno as i32)));
    error.header = vec![0; to.buffer_len()];
    to.emit(&mut error.header);
    bytes::<GenlMessage<IpvsMessage>>(to, NLM_F_CAPPED, NetlinkPayload::Error(error))
}

/// The end of a dump.
pub(super) fn done(to: &NetlinkHeader) -> Vec<u8> {
    let done = NetlinkPayload::Done(DoneMessage::default());
    bytes::<GenlMessage<IpvsMessage>>(to, NLM_F_MULTIPART, done)
}

/// The controller's description of the family.
pub(super) fn family(to: &NetlinkHeader, number: u16) -> Vec<u8> {
    let family = GenlMessage::from_payload(GenlCtrl {
        cmd: GenlCtrlCmd::NewFamily,
        nlas: vec![
            GenlCtrlAttrs::FamilyName(IPVS_GENL_NAME.to_owned()),
            GenlCtrlAttrs::FamilyId(number),
            GenlCtrlAttrs::Version(IPVS_GENL_VERSION.into()),
            GenlCtrlAttrs::HdrSize(0),
            GenlCtrlAttrs::MaxAttr(HIGHEST_ATTRIBUTE),
        ],
    });
    bytes(to, 0, NetlinkPayload::InnerMessage(family))
}

fn bytes<M: NetlinkSerializable>(
    to: &NetlinkHeader,
    flags: u16,
    payload: NetlinkPayload<M>,
) -> Vec<u8> {
    let mut header = NetlinkHeader::default();
    header.flags = flags;
    header.sequence_number = to.sequence_number;
    header.port_number = to.port_number;
    let mut message = NetlinkMessage::new(header, payload);
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    bytes
}
