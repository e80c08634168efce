//! `[real-server]`: the virtual IPs of a real server.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{as_word, tunnel_words};
use crate::{Decapsulation, DeviceName, RealServer, ServerPlacement, Tunnel, model::is_default};

/// Virtual IPs that a real server has for one device, and how packets for them come in.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "Keys", into = "Keys")]
pub(super) struct RealServerSection {
    vips: Vec<IpAddr>,
    device: DeviceName,
    tunnel: Option<Tunnel>,
    place: ServerPlacement,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    vips: Vec<IpAddr>,
    device: DeviceName,
    #[serde(default)]
    forward: Forward,
    #[serde(skip_serializing_if = "Option::is_none")]
    local: Option<IpAddr>,
    #[serde(default, with = "as_word", skip_serializing_if = "is_default")]
    place: ServerPlacement,
}

impl RealServerSection {
    pub(super) fn real_servers(self) -> impl Iterator<Item = RealServer> {
        let Self {
            vips,
            device,
            tunnel,
            place,
        } = self;
        vips.into_iter().map(move |vip| {
            let server = RealServer::new(vip, device.clone()).placement(place);
            match tunnel {
                Some(tunnel) => server.tunnel(tunnel),
                None => server,
            }
        })
    }

    /// As few sections as say the same, in the same order.
    pub(super) fn of(servers: &[RealServer]) -> Vec<Self> {
        let alike = |one: &RealServer, other: &RealServer| {
            one.device() == other.device()
                && one.incoming_tunnel() == other.incoming_tunnel()
                && one.vip_placement() == other.vip_placement()
        };
        let section = |servers: &[RealServer]| {
            let first = servers.first()?;
            Some(Self {
                vips: servers.iter().map(RealServer::vip).collect(),
                device: first.device().clone(),
                tunnel: first.incoming_tunnel(),
                place: first.vip_placement(),
            })
        };
        servers.chunk_by(alike).filter_map(section).collect()
    }
}

impl TryFrom<Keys> for RealServerSection {
    type Error = &'static str;

    fn try_from(keys: Keys) -> Result<Self, Self::Error> {
        let tunnel = match (keys.forward, keys.local) {
            (Forward::Direct, None) => None,
            (Forward::Direct, Some(_)) => {
                return Err("`local` is the end of a tunnel: direct routing has none");
            }
            (Forward::Tunnel(decapsulation), local) => {
                let tunnel = Tunnel::new(decapsulation);
                Some(local.map_or(tunnel, |address| tunnel.local(address)))
            }
        };
        Ok(Self {
            vips: keys.vips,
            device: keys.device,
            tunnel,
            place: keys.place,
        })
    }
}

impl From<RealServerSection> for Keys {
    fn from(section: RealServerSection) -> Self {
        Self {
            vips: section.vips,
            device: section.device,
            forward: section.tunnel.map_or(Forward::Direct, |tunnel| {
                Forward::Tunnel(tunnel.decapsulation())
            }),
            local: section.tunnel.and_then(Tunnel::local_address),
            place: section.place,
        }
    }
}

/// How packets come in, in the words that the director has for it.
#[derive(Clone, Copy, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
enum Forward {
    #[default]
    Direct,
    Tunnel(Decapsulation),
}

impl TryFrom<String> for Forward {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "direct" => Ok(Self::Direct),
            "masquerade" => Err(
                "\"masquerade\" needs no virtual IP here, only the director as \
                default gateway: leave [real-server] out"
                    .to_owned(),
            ),
            tunnel => tunnel_words::parse(tunnel).map(Self::Tunnel),
        }
    }
}

impl From<Forward> for String {
    fn from(forward: Forward) -> Self {
        match forward {
            Forward::Direct => "direct".to_owned(),
            Forward::Tunnel(decapsulation) => tunnel_words::display(decapsulation),
        }
    }
}
