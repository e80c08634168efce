//! How packets come in to a real server, in the words that its director has for it.

use crate::{Encapsulation, GreChecksum};

const WORDS: &str = "a way of forwarding is direct, ipip, gue,port=N[,csum|remcsum] or gre[,csum]";

/// A real server takes GUE with every checksum there is.
pub(super) fn parse(text: &str) -> Result<Encapsulation, String> {
    let gue = |options: &str| {
        let port = options.strip_suffix(",remcsum").unwrap_or(options);
        let port = port.strip_suffix(",csum").unwrap_or(port).parse().ok()?;
        Some(Encapsulation::Gue { port })
    };
    match text {
        "ipip" => Some(Encapsulation::Ipip),
        "gre" => Some(Encapsulation::Gre {
            checksum: GreChecksum::None,
        }),
        "gre,csum" => Some(Encapsulation::Gre {
            checksum: GreChecksum::Full,
        }),
        "gue" => return Err("\"gue\" needs a port: gue,port=6080".to_owned()),
        _ => text.strip_prefix("gue,port=").and_then(gue),
    }
    .ok_or_else(|| format!("{text:?}: {WORDS}"))
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
