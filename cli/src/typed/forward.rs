use std::str::FromStr;

use ipvs::{Encapsulation, GreChecksum, ParseError};

/// How clients' packets reach a real server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forward {
    Direct,
    Masquerade,
    Tunnel(lbnet::Decapsulation),
}

impl FromStr for Forward {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "direct" => return Ok(Self::Direct),
            "masquerade" => return Ok(Self::Masquerade),
            _ => {}
        }
        let tunnel = text.parse().map_err(|error| match error {
            ParseError::Encapsulation(_) => FORWARD.to_owned(),
            other => other.to_string(),
        })?;
        as_received(tunnel)
            .map(Self::Tunnel)
            .ok_or_else(|| FORWARD.to_owned())
    }
}

const FORWARD: &str =
    "a forwarding method is direct, masquerade, ipip, gue,port=N[,csum|remcsum] or gre[,csum]";

/// What a real server must know about a tunnel to decapsulate its packets. It accepts GUE with every kind
/// of checksum. `None` for a tunnel that this version does not know.
pub(crate) fn as_received(tunnel: Encapsulation) -> Option<lbnet::Decapsulation> {
    match tunnel {
        Encapsulation::Ipip => Some(lbnet::Decapsulation::Ipip),
        Encapsulation::Gue { port, .. } => Some(lbnet::Decapsulation::Gue { port }),
        Encapsulation::Gre { checksum } => Some(lbnet::Decapsulation::Gre {
            checksum: match checksum {
                GreChecksum::None => lbnet::GreChecksum::None,
                GreChecksum::Full => lbnet::GreChecksum::Full,
            },
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU16;

    use super::*;

    #[test]
    fn packets_come_directly_or_masqueraded_or_by_a_tunnel() {
        let forward = |text: &str| text.parse::<Forward>();
        assert_eq!(forward("direct"), Ok(Forward::Direct));
        assert_eq!(forward("masquerade"), Ok(Forward::Masquerade));
        let port = NonZeroU16::new(6080).unwrap();
        let gue = Forward::Tunnel(lbnet::Decapsulation::Gue { port });
        assert_eq!(forward("gue,port=6080"), Ok(gue));
        assert_eq!(forward("gue,port=6080,remcsum"), Ok(gue));
        let checksum = lbnet::GreChecksum::Full;
        let gre = lbnet::Decapsulation::Gre { checksum };
        assert_eq!(forward("gre,csum"), Ok(Forward::Tunnel(gre)));
        assert_eq!(
            forward("gue").unwrap_err(),
            "gue needs a port: gue,port=6080"
        );
        for wrong in ["", "nat", "direct,csum", "vxlan"] {
            assert_eq!(forward(wrong).unwrap_err(), FORWARD, "{wrong}");
        }
    }
}
