use std::num::NonZeroU16;
use std::str::FromStr;

use ipvs::{Encapsulation, GreChecksum, GueChecksum};
use lbnet::Decapsulation;

/// `ipip`, `gue,port=6080,csum`, `gre`.
pub(crate) fn tunnel(text: &str) -> Result<Encapsulation, String> {
    let mut words = text.split(',');
    let kind = words.next().unwrap_or_default();
    let (mut port, mut checksum) = (None, None);
    for word in words {
        let unknown = match (kind, word.strip_prefix("port=")) {
            ("gue", Some(number)) => {
                port = Some(number.parse::<NonZeroU16>().map_err(|_| TUNNEL)?);
                false
            }
            ("gue" | "gre", None) => checksum.replace(word).is_some(),
            _ => true,
        };
        if unknown {
            return Err(TUNNEL.to_owned());
        }
    }
    match (kind, port, checksum) {
        ("ipip", None, None) => Ok(Encapsulation::Ipip),
        ("gue", None, _) => Err("gue needs a port: gue,port=6080".to_owned()),
        ("gue", Some(port), None) => Ok(Encapsulation::Gue {
            port,
            checksum: GueChecksum::None,
        }),
        ("gue", Some(port), Some("csum")) => Ok(Encapsulation::Gue {
            port,
            checksum: GueChecksum::Full,
        }),
        ("gue", Some(port), Some("remcsum")) => Ok(Encapsulation::Gue {
            port,
            checksum: GueChecksum::Remote,
        }),
        ("gre", None, None) => Ok(Encapsulation::Gre {
            checksum: GreChecksum::None,
        }),
        ("gre", None, Some("csum")) => Ok(Encapsulation::Gre {
            checksum: GreChecksum::Full,
        }),
        _ => Err(TUNNEL.to_owned()),
    }
}

/// As it is typed: `gue,port=6080,csum`.
pub(crate) fn tunnel_words(tunnel: Encapsulation) -> String {
    match tunnel {
        Encapsulation::Gue { port, checksum } => {
            let checksum = match checksum {
                GueChecksum::None => "",
                GueChecksum::Full => ",csum",
                GueChecksum::Remote => ",remcsum",
            };
            format!("gue,port={port}{checksum}")
        }
        Encapsulation::Gre {
            checksum: GreChecksum::None,
        } => "gre".to_owned(),
        Encapsulation::Gre {
            checksum: GreChecksum::Full,
        } => "gre,csum".to_owned(),
        Encapsulation::Ipip => "ipip".to_owned(),
        Encapsulation::Other { kind, port, flags } => {
            format!("unknown tunnel {kind}, port {port}, flags {flags}")
        }
        _ => "unknown tunnel".to_owned(),
    }
}

const TUNNEL: &str = "a tunnel is ipip, gue,port=N[,csum|remcsum] or gre[,csum]";

/// How clients' packets reach a real server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Forward {
    Direct,
    Masquerade,
    Tunnel(Decapsulation),
}

impl FromStr for Forward {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "direct" => return Ok(Self::Direct),
            "masquerade" => return Ok(Self::Masquerade),
            _ => {}
        }
        let tunnel = tunnel(text).map_err(|reason| match reason.as_str() {
            TUNNEL => FORWARD.to_owned(),
            _ => reason,
        })?;
        Decapsulation::of(tunnel)
            .map(Self::Tunnel)
            .ok_or_else(|| FORWARD.to_owned())
    }
}

const FORWARD: &str =
    "a forwarding method is direct, masquerade, ipip, gue,port=N[,csum|remcsum] or gre[,csum]";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tunnel_has_its_own_options_and_no_others() {
        let port = NonZeroU16::new(6080).unwrap();
        let gue = Encapsulation::Gue {
            port,
            checksum: GueChecksum::Remote,
        };
        assert_eq!(tunnel("gue,port=6080,remcsum"), Ok(gue));
        assert_eq!(tunnel("ipip"), Ok(Encapsulation::Ipip));
        assert_eq!(
            tunnel("gue").unwrap_err(),
            "gue needs a port: gue,port=6080"
        );
        for wrong in [
            "",
            "vxlan",
            "ipip,csum",
            "gre,remcsum",
            "gre,port=1",
            "gue,port=0",
            "gue,port=1,csum,csum",
        ] {
            assert_eq!(tunnel(wrong).unwrap_err(), TUNNEL, "{wrong}");
        }
    }

    #[test]
    fn packets_come_directly_or_masqueraded_or_by_a_tunnel() {
        let forward = |text: &str| text.parse::<Forward>();
        assert_eq!(forward("direct"), Ok(Forward::Direct));
        assert_eq!(forward("masquerade"), Ok(Forward::Masquerade));
        let port = NonZeroU16::new(6080).unwrap();
        let gue = Forward::Tunnel(Decapsulation::Gue { port });
        assert_eq!(forward("gue,port=6080"), Ok(gue));
        assert_eq!(forward("gue,port=6080,remcsum"), Ok(gue));
        let checksum = lbnet::GreChecksum::Full;
        let gre = Decapsulation::Gre { checksum };
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
