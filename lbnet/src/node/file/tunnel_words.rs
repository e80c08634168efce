//! How packets come in to a real server, in the words that its director has for it.

use ipvs::Encapsulation;

use crate::{Decapsulation, GreChecksum};

/// A real server takes GUE with every checksum there is.
pub(super) fn parse(text: &str) -> Result<Decapsulation, String> {
    let encapsulation = text
        .parse()
        .map_err(|error: ipvs::ParseError| error.to_string())?;
    match encapsulation {
        Encapsulation::Ipip => Ok(Decapsulation::Ipip),
        Encapsulation::Gue { port, .. } => Ok(Decapsulation::Gue { port }),
        Encapsulation::Gre { checksum } => Ok(Decapsulation::Gre {
            checksum: match checksum {
                ipvs::GreChecksum::None => GreChecksum::None,
                ipvs::GreChecksum::Full => GreChecksum::Full,
            },
        }),
        other => Err(format!("no real server can take packets out of {other}")),
    }
}

pub(super) fn display(decapsulation: Decapsulation) -> String {
    let encapsulation = match decapsulation {
        Decapsulation::Ipip => Encapsulation::Ipip,
        Decapsulation::Gue { port } => Encapsulation::Gue {
            port,
            checksum: ipvs::GueChecksum::None,
        },
        Decapsulation::Gre { checksum } => Encapsulation::Gre {
            checksum: match checksum {
                GreChecksum::None => ipvs::GreChecksum::None,
                GreChecksum::Full => ipvs::GreChecksum::Full,
            },
        },
    };
    encapsulation.to_string()
}
