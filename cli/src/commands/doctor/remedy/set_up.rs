use lbnet::{Director, Placement, ServerPlacement, SetUp, Tunnel};

use crate::shown::shell::Line;

pub(super) fn line(set_up: &SetUp) -> Line {
    match set_up {
        SetUp::Director(director) => configured(director),
        SetUp::RealServer(server) => {
            let vip = server.vip().to_string();
            let tunnel = server.incoming_tunnel();
            let line = real_server(&vip, server.device().as_str(), tunnel);
            match server.vip_placement() {
                ServerPlacement::Device => line.words(["--place", "device"]),
                _ => line,
            }
        }
        other => Line::only_comment(&format!("set up {other:?}")),
    }
}

pub(super) fn director(vip: &str, device: &str) -> Line {
    Line::ours(["director", "up", "--vip", vip, "--device", device])
}

fn configured(set_up: &Director) -> Line {
    let mut line = director(&set_up.vip().to_string(), set_up.device().as_str());
    if let Some(label) = set_up.vip_label() {
        line = line.words(["--label", label]);
    }
    let place = match set_up.vip_placement() {
        Placement::Loopback => Some("lo".to_owned()),
        Placement::Dummy(name) => Some(format!("dummy:{name}")),
        Placement::Route => Some("route".to_owned()),
        _ => None,
    };
    if let Some(place) = place {
        line = line.words(["--place", &place]);
    }
    if set_up.masquerades() {
        line = line.words(["--forward", "masquerade"]);
    }
    if let Some(device) = set_up.gateway() {
        line = line.words(["--gateway", device.as_str()]);
    }
    if set_up.tracks_connections() {
        line = line.words(["--conntrack"]);
    }
    if set_up.reschedules_clients() {
        line = line.words(["--reschedule"]);
    }
    if set_up.announcement().is_none() {
        line = line.words(["--unannounced"]);
    }
    line
}

pub(super) fn real_server(vip: &str, device: &str, tunnel: Option<Tunnel>) -> Line {
    let line = Line::ours(["real-server", "up", "--vip", vip, "--device", device]);
    let Some(tunnel) = tunnel else {
        return line;
    };
    let line = line.words(["--forward", &decapsulation_words(tunnel)]);
    match tunnel.local_address() {
        Some(local) => line.words(["--local".to_owned(), local.to_string()]),
        None => line,
    }
}

/// As the director sends it: the same words.
fn decapsulation_words(tunnel: Tunnel) -> String {
    use ipvs::{Encapsulation, GreChecksum, GueChecksum};
    use lbnet::Decapsulation;

    let sent = match tunnel.decapsulation() {
        Decapsulation::Gue { port } => Encapsulation::Gue {
            port,
            checksum: GueChecksum::None,
        },
        Decapsulation::Gre { checksum } => Encapsulation::Gre {
            checksum: match checksum {
                lbnet::GreChecksum::None => GreChecksum::None,
                lbnet::GreChecksum::Full => GreChecksum::Full,
            },
        },
        _ => Encapsulation::Ipip,
    };
    sent.to_string()
}
