//! How packets come in to a real server, in the words that its director has for it.

use crate::{Decapsulation, GreChecksum};

const WORDS: &str = "a way of forwarding is direct, ipip, gue,port=N[,csum|remcsum] or gre[,csum]";

/// A real server takes GUE with every checksum there is.
pub(super) fn parse(text: &str) -> Result<Decapsulation, String> {
    let gue = |options: &str| {
        let port = options.strip_suffix(",remcsum").unwrap_or(options);
        let port = port.strip_suffix(",csum").unwrap_or(port).parse().ok()?;
        Some(Decapsulation::Gue { port })
    };
    match text {
        "ipip" => Some(Decapsulation::Ipip),
        "gre" => Some(Decapsulation::Gre {
            checksum: GreChecksum::None,
        }),
        "gre,csum" => Some(Decapsulation::Gre {
            checksum: GreChecksum::Full,
        }),
        "gue" => return Err("\"gue\" needs a port: gue,port=6080".to_owned()),
        _ => text.strip_prefix("gue,port=").and_then(gue),
    }
    .ok_or_else(|| format!("{text:?}: {WORDS}"))
}

pub(super) fn display(encapsulation: Decapsulation) -> String {
    match encapsulation {
        Decapsulation::Ipip => "ipip".to_owned(),
        Decapsulation::Gue { port } => format!("gue,port={port}"),
        Decapsulation::Gre {
            checksum: GreChecksum::None,
        } => "gre".to_owned(),
        Decapsulation::Gre {
            checksum: GreChecksum::Full,
        } => "gre,csum".to_owned(),
    }
}
