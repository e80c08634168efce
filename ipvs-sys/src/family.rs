//! Resolves the family's name to its id, which changes each time `ip_vs` is loaded.

use netlink_packet_core::{DecodeError, NlasIterator};
use netlink_packet_generic::GenlMessage;
use netlink_packet_generic::constants::GENL_HDRLEN;
use netlink_packet_generic::ctrl::{GenlCtrl, GenlCtrlCmd, nlas::GenlCtrlAttrs};

use crate::attr::exactly;
use crate::constants::IPVS_GENL_NAME;

const CTRL_ATTR_FAMILY_ID: u16 = 1;

/// Looks the family up by name. The kernel loads `ip_vs` for it if it can.
pub(crate) fn request() -> GenlMessage<GenlCtrl> {
    GenlMessage::from_payload(GenlCtrl {
        cmd: GenlCtrlCmd::GetFamily,
        nlas: vec![GenlCtrlAttrs::FamilyName(IPVS_GENL_NAME.to_owned())],
    })
}

/// Returns the family id in an answer.
///
/// `GenlCtrl` is not used here because it refuses the whole message at the first attribute that it
/// does not know, and newer kernels add attributes.
pub(crate) fn parse_answer(payload: &[u8]) -> Result<u16, DecodeError> {
    let attributes = payload
        .get(GENL_HDRLEN..)
        .ok_or("generic netlink header cut short")?;
    for attribute in NlasIterator::new(attributes) {
        let attribute = attribute?;
        if attribute.kind() == CTRL_ATTR_FAMILY_ID {
            return exactly(attribute.value()).map(u16::from_ne_bytes);
        }
    }
    Err("CTRL_ATTR_FAMILY_ID is missing".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attribute_from_a_newer_kernel_does_not_hide_the_number() {
        let [low, high] = 28u16.to_ne_bytes();
        let answer = [
            1, 2, 0, 0, 8, 0, 77, 0, 1, 2, 3, 4, 6, 0, 1, 0, low, high, 0, 0,
        ];
        assert_eq!(parse_answer(&answer).unwrap(), 28);
    }

    #[test]
    fn an_answer_without_the_number_says_what_is_missing() {
        let error = parse_answer(&[1, 2, 0, 0]).unwrap_err();
        assert_eq!(error.to_string(), "CTRL_ATTR_FAMILY_ID is missing");
    }
}
