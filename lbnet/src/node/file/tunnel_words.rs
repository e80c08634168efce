//! For now.

use crate::{Encapsulation, GreChecksum};

const WORDS: &str = "a way of forwarding is direct, ipip, gue,port=N[,csum|remcsum] or gre[,csum]";

pub(super) fn parse(text: &str) -> Result<Encapsulation, String> {
    match text {
        "ipip" => Ok(Encapsulation::Ipip),
        "gre" => Ok(Encapsulation::Gre {
            checksum: GreChecksum::None,
        }),
        "gre,csum" => Ok(Encapsulation::Gre {
            checksum: GreChecksum::Full,
        }),
        _ => {
            let gue = text
                .strip_prefix("gue,port=")
                .and_then(|port| port.parse().ok());
            gue.map(|port| Encapsulation::Gue { port })
                .ok_or_else(|| format!("{text:?}: {WORDS}"))
        }
    }
}

pub(super) fn display(encapsulation: Encapsulation) -> String {
    match encapsulation {
        Encapsulation::Ipip => "ipip".to_owned(),
        Encapsulation::Gue { port } => format!("gue,port={port}"),
        Encapsulation::Gre {
            checksum: GreChecksum::None,
        } => "gre".to_owned(),
        Encapsulation::Gre {
            checksum: GreChecksum::Full,
        } => "gre,csum".to_owned(),
    }
}
