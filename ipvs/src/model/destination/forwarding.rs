use std::borrow::Cow;
use std::fmt;
use std::num::NonZeroU16;
use std::str::FromStr;

use crate::ParseError;
use crate::model::number::unsigned;

/// A forwarding method: how a packet gets from the director to a destination.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Forwarding {
    /// Masquerading (NAT): the director rewrites packets to the destination's address and port. Replies
    /// must come back through the director.
    Masquerade,
    /// Direct routing (DR): the director sends the unchanged packet to the destination's link-layer
    /// address. The destination has the virtual IP too and replies to the client directly. This is the
    /// default, as in `ipvsadm`.
    #[default]
    Direct,
    /// Tunnelling: the director encapsulates the packet. The destination has the virtual IP too and
    /// replies to the client directly. This is the only method that works across address families (since
    /// Linux 3.18).
    Tunnel(Encapsulation),
    /// Local delivery on the director. It is only read, never set: the kernel delivers locally to any
    /// destination whose address belongs to the director, whatever its method.
    Local,
    /// Bypass: packets go to their original destination. It is only read, never set.
    Bypass,
    /// A number without a meaning, which the kernel stores all the same. It is only read, never set.
    Other(u8),
}

impl Forwarding {
    /// Returns the name of the method without the encapsulation of a tunnel: `masquerade`, `direct` or
    /// `tunnel`; `local`, `bypass` or `unknown-9` for methods that are only read.
    pub fn method(self) -> Cow<'static, str> {
        match self {
            Self::Masquerade => "masquerade".into(),
            Self::Direct => "direct".into(),
            Self::Tunnel(_) => "tunnel".into(),
            Self::Local => "local".into(),
            Self::Bypass => "bypass".into(),
            Self::Other(number) => format!("unknown-{number}").into(),
        }
    }

    /// Returns the encapsulation, if the method is a tunnel.
    pub fn encapsulation(self) -> Option<Encapsulation> {
        match self {
            Self::Tunnel(encapsulation) => Some(encapsulation),
            _ => None,
        }
    }

    /// Returns the method with this name and encapsulation. A tunnel without encapsulation is IPIP.
    pub(crate) fn from_parts(
        method: &str,
        encapsulation: Option<Encapsulation>,
    ) -> Result<Self, ParseError> {
        let forwarding = match method {
            "masquerade" => Self::Masquerade,
            "direct" => Self::Direct,
            "tunnel" => return Ok(Self::Tunnel(encapsulation.unwrap_or_default())),
            "local" => Self::Local,
            "bypass" => Self::Bypass,
            other => other
                .strip_prefix("unknown-")
                .and_then(unsigned)
                .map(Self::Other)
                .ok_or_else(|| ParseError::Forwarding(method.to_owned()))?,
        };
        match encapsulation {
            None => Ok(forwarding),
            Some(_) => Err(ParseError::TunnelNotUsed(method.to_owned())),
        }
    }
}

/// Formats the method. The encapsulation of a tunnel follows a colon, unless it is IPIP: `direct`,
/// `tunnel`, `tunnel:gue,port=6080,csum`.
impl fmt::Display for Forwarding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tunnel(Encapsulation::Ipip) => f.pad("tunnel"),
            Self::Tunnel(encapsulation) => f.pad(&format!("tunnel:{encapsulation}")),
            other => f.pad(&other.method()),
        }
    }
}

impl FromStr for Forwarding {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        match text.split_once(':') {
            None => Self::from_parts(text, None),
            Some((method, encapsulation)) => Self::from_parts(method, Some(encapsulation.parse()?)),
        }
    }
}

/// The encapsulation of a tunnel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(tag = "type", rename_all = "lowercase", deny_unknown_fields)
)]
#[non_exhaustive]
pub enum Encapsulation {
    /// IP in IP.
    #[default]
    Ipip,
    /// Generic UDP encapsulation, since Linux 5.2.
    Gue {
        /// The UDP port that the destination listens on.
        port: NonZeroU16,
        /// The checksums. Checksums other than `None` need Linux 5.3.
        #[cfg_attr(feature = "serde", serde(default))]
        checksum: GueChecksum,
    },
    /// Generic routing encapsulation, since Linux 5.3.
    Gre {
        /// The checksum.
        #[cfg_attr(feature = "serde", serde(default))]
        checksum: GreChecksum,
    },
    /// Numbers without a meaning, which the kernel stores all the same. They are only read, never set.
    #[cfg_attr(feature = "serde", serde(skip_deserializing))]
    Other {
        /// The tunnel type.
        kind: u8,
        /// The port.
        port: u16,
        /// The flags.
        flags: u16,
    },
}

/// Formats the encapsulation as the command line accepts it: `ipip`, `gue,port=6080,csum`, `gre`. An
/// encapsulation that is only read is `unknown-9,port=1,flags=2`.
impl fmt::Display for Encapsulation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ipip => f.write_str("ipip"),
            Self::Gue { port, checksum } => {
                write!(f, "gue,port={port}")?;
                f.write_str(match checksum {
                    GueChecksum::None => "",
                    GueChecksum::Full => ",csum",
                    GueChecksum::Remote => ",remcsum",
                })
            }
            Self::Gre { checksum } => f.write_str(match checksum {
                GreChecksum::None => "gre",
                GreChecksum::Full => "gre,csum",
            }),
            Self::Other { kind, port, flags } => {
                write!(f, "unknown-{kind},port={port},flags={flags}")
            }
        }
    }
}

impl FromStr for Encapsulation {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let wrong = || ParseError::Encapsulation(text.to_owned());
        let mut words = text.split(',');
        let kind = words.next().unwrap_or_default();
        let (mut port, mut flags, mut checksum) = (None, None, None);
        for word in words {
            let number = |text: &str| unsigned::<u16>(text).ok_or_else(wrong);
            let before = if let Some(text) = word.strip_prefix("port=") {
                port.replace(number(text)?).is_some()
            } else if let Some(text) = word.strip_prefix("flags=") {
                flags.replace(number(text)?).is_some()
            } else {
                checksum.replace(word).is_some()
            };
            if before {
                return Err(wrong());
            }
        }
        Ok(match (kind, port, flags, checksum) {
            ("ipip", None, None, None) => Self::Ipip,
            ("gue", None, None, _) => return Err(ParseError::GuePort),
            ("gue", Some(port), None, checksum) => Self::Gue {
                port: NonZeroU16::new(port).ok_or_else(wrong)?,
                checksum: match checksum {
                    None => GueChecksum::None,
                    Some("csum") => GueChecksum::Full,
                    Some("remcsum") => GueChecksum::Remote,
                    Some(_) => return Err(wrong()),
                },
            },
            ("gre", None, None, None) => Self::Gre {
                checksum: GreChecksum::None,
            },
            ("gre", None, None, Some("csum")) => Self::Gre {
                checksum: GreChecksum::Full,
            },
            (kind, Some(port), Some(flags), None) => {
                let kind = kind.strip_prefix("unknown-");
                let kind = kind.and_then(unsigned);
                let kind = kind.ok_or_else(wrong)?;
                Self::Other { kind, port, flags }
            }
            _ => return Err(wrong()),
        })
    }
}

/// The checksums of a GUE tunnel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum GueChecksum {
    /// No checksum.
    #[default]
    None,
    /// A checksum of the UDP datagram.
    Full,
    /// A checksum of the inner packet, by remote checksum offload.
    Remote,
}

/// The checksum of a GRE tunnel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum GreChecksum {
    /// No checksum.
    #[default]
    None,
    /// A checksum of the whole GRE packet.
    Full,
}
