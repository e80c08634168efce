//! What IPVS sends through tunnels, in the words of the host that receives it.

use ipvs::Encapsulation;

use crate::{Decapsulation, GreChecksum};

impl Decapsulation {
    /// What a real server needs to decapsulate the packets that a director sends. It accepts GUE
    /// packets with every kind of checksum. None if this version does not know the tunnel.
    ///
    /// # Examples
    /// ```
    /// use lbnet::Decapsulation;
    ///
    /// let sent = ipvs::Encapsulation::Gue {
    ///     port: "6080".parse()?,
    ///     checksum: ipvs::GueChecksum::Remote,
    /// };
    /// let received = Decapsulation::Gue { port: "6080".parse()? };
    /// assert_eq!(Decapsulation::of(sent), Some(received));
    /// # Ok::<(), std::num::ParseIntError>(())
    /// ```
    pub fn of(sent: Encapsulation) -> Option<Self> {
        match sent {
            Encapsulation::Ipip => Some(Self::Ipip),
            Encapsulation::Gue { port, .. } => Some(Self::Gue { port }),
            Encapsulation::Gre { checksum } => Some(Self::Gre {
                checksum: match checksum {
                    ipvs::GreChecksum::None => GreChecksum::None,
                    ipvs::GreChecksum::Full => GreChecksum::Full,
                },
            }),
            _ => None,
        }
    }
}
