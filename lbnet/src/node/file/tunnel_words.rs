//! How packets reach a real server, in the words that its director uses for them.

use ipvs::Encapsulation;

use crate::{Decapsulation, GreChecksum};

pub(super) fn parse(text: &str) -> Result<Decapsulation, String> {
    let sent: Encapsulation = text
        .parse()
        .map_err(|error: ipvs::ParseError| error.to_string())?;
    Decapsulation::of(sent).ok_or_else(|| format!("no real server can decapsulate {sent}"))
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
