use std::fmt;
use std::num::NonZeroU16;

/// How a packet gets from the director to a destination.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Forwarding {
    /// Rewritten to the destination's address and port (NAT). Answers come back through the
    /// director.
    Masquerade,
    /// In a frame to the destination, which has the virtual address too, and answers the client by
    /// itself. The default, as it is the incumbent's.
    #[default]
    Direct,
    /// In a tunnel to the destination, which has the virtual address too, and answers the client
    /// by itself. The only method across address families (since Linux 3.18).
    Tunnel(Encapsulation),
    /// Delivered on the director. Only read: a destination with an address of the director is
    /// delivered there whatever the method.
    Local,
    /// Sent on to where it was going. Only read.
    Bypass,
    /// A number without a meaning, which the kernel stores all the same. Only read.
    Other(u8),
}

impl fmt::Display for Forwarding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Masquerade => f.pad("masquerade"),
            Self::Direct => f.pad("direct"),
            Self::Tunnel(_) => f.pad("tunnel"),
            Self::Local => f.pad("local"),
            Self::Bypass => f.pad("bypass"),
            Self::Other(number) => f.pad(&format!("unknown-{number}")),
        }
    }
}

/// What a packet is wrapped in on its way through a tunnel.
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
        /// Which checksums it carries; other than none since Linux 5.3.
        #[cfg_attr(feature = "serde", serde(default))]
        checksum: GueChecksum,
    },
    /// Generic routing encapsulation, since Linux 5.3.
    Gre {
        /// Which checksum it carries.
        #[cfg_attr(feature = "serde", serde(default))]
        checksum: GreChecksum,
    },
    /// Numbers without a meaning, which the kernel stores all the same. Only read.
    #[cfg_attr(feature = "serde", serde(skip_deserializing))]
    Other {
        /// The type of tunnel.
        kind: u8,
        /// Its port.
        port: u16,
        /// Its flags.
        flags: u16,
    },
}

/// The checksums of GUE.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum GueChecksum {
    /// None.
    #[default]
    None,
    /// Of the UDP datagram.
    Full,
    /// Of the inner packet, by remote checksum offload.
    Remote,
}

/// The checksum of GRE.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
pub enum GreChecksum {
    /// None.
    #[default]
    None,
    /// Of the whole GRE packet.
    Full,
}
