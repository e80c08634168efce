use std::fmt;

use netlink_packet_core::{NLM_F_ACK_TLVS, NLM_F_CAPPED, NlasIterator};

const NLMSGERR_ATTR_MSG: u16 = 1;
const NLMSGERR_ATTR_OFFS: u16 = 2;

/// An extended acknowledgement: what the kernel says about a refusal besides its errno
/// (`NETLINK_EXT_ACK`, since 4.12).
///
/// IPVS itself never sends one. The generic netlink parser in front of it does, for a top-level
/// attribute of the wrong length and for malformed attributes of a sync daemon.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExtAck {
    /// The reason, as text.
    pub message: Option<String>,
    /// The offset in the request, in bytes, of the attribute that the kernel refused.
    pub offset: Option<u32>,
}

impl ExtAck {
    /// Parses what follows the error code of an `NLMSG_ERROR` message with the header flags `flags`.
    ///
    /// The refused request comes first, or only its 16-byte header if the answer is capped
    /// (`NETLINK_CAP_ACK`).
    pub(crate) fn after_error(flags: u16, after_code: &[u8]) -> Option<Self> {
        if flags & NLM_F_ACK_TLVS == 0 {
            return None;
        }
        let echoed = if flags & NLM_F_CAPPED == 0 {
            let length: [u8; 4] = after_code.get(..4)?.try_into().ok()?;
            usize::try_from(u32::from_ne_bytes(length))
                .ok()?
                .checked_next_multiple_of(4)?
        } else {
            16
        };
        Self::parse(after_code.get(echoed..)?)
    }

    /// Parses what follows the error code of an `NLMSG_DONE` message.
    pub(crate) fn after_done(flags: u16, after_code: &[u8]) -> Option<Self> {
        if flags & NLM_F_ACK_TLVS == 0 {
            None
        } else {
            Self::parse(after_code)
        }
    }

    fn parse(attributes: &[u8]) -> Option<Self> {
        let mut ext_ack = Self::default();
        for attribute in NlasIterator::new(attributes).map_while(Result::ok) {
            match attribute.kind() {
                NLMSGERR_ATTR_MSG => {
                    let text = String::from_utf8_lossy(attribute.value());
                    ext_ack.message = Some(text.trim_end_matches('\0').to_owned());
                }
                NLMSGERR_ATTR_OFFS => {
                    ext_ack.offset = attribute.value().try_into().ok().map(u32::from_ne_bytes);
                }
                _ => {}
            }
        }
        (ext_ack != Self::default()).then_some(ext_ack)
    }
}

impl fmt::Display for ExtAck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.message, self.offset) {
            (Some(message), Some(offset)) => write!(f, "{message} (at byte {offset})"),
            (Some(message), None) => f.write_str(message),
            (None, Some(offset)) => write!(f, "at byte {offset} of the request"),
            (None, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TLVS: &[u8] = &[7, 0, 1, 0, b'b', b'a', b'd', 0, 8, 0, 2, 0, 20, 0, 0, 0];

    fn bad_at_20() -> ExtAck {
        ExtAck {
            message: Some("bad".into()),
            offset: Some(20),
        }
    }

    #[test]
    fn attributes_stand_after_the_whole_request_or_after_its_header() {
        let mut whole = 21u32.to_ne_bytes().to_vec();
        whole.resize(24, 0);
        whole.extend(TLVS);
        assert_eq!(
            ExtAck::after_error(NLM_F_ACK_TLVS, &whole),
            Some(bad_at_20())
        );

        let mut capped = 21u32.to_ne_bytes().to_vec();
        capped.resize(16, 0);
        capped.extend(TLVS);
        assert_eq!(
            ExtAck::after_error(NLM_F_ACK_TLVS | NLM_F_CAPPED, &capped),
            Some(bad_at_20())
        );
        assert_eq!(ExtAck::after_done(NLM_F_ACK_TLVS, TLVS), Some(bad_at_20()));
    }

    #[test]
    fn no_flag_means_no_attributes() {
        let capped = [&[0; 16], TLVS].concat();
        assert_eq!(ExtAck::after_error(NLM_F_CAPPED, &capped), None);
        let flags = NLM_F_CAPPED | NLM_F_ACK_TLVS;
        assert_eq!(ExtAck::after_error(flags, &capped), Some(bad_at_20()));
        assert_eq!(ExtAck::after_done(0, TLVS), None);
    }

    #[test]
    fn a_length_beyond_the_answer_is_not_followed() {
        assert_eq!(ExtAck::after_error(NLM_F_ACK_TLVS, &[0xff; 40]), None);
    }
}
