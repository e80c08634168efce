//! Reads the neighbour table.

use crate::{DeviceName, Error, Host, MacAddress, Neighbour, NeighbourState};
use rtnetlink::packet_route::{
    RouteNetlinkMessage,
    neighbour::{
        NeighbourAddress, NeighbourAttribute, NeighbourMessage, NeighbourState as KernelState,
    },
};

impl Host {
    /// Returns the neighbours that this host knows or tries to resolve.
    ///
    /// Same as `ip neighbour show`.
    ///
    /// # Kernel
    /// `RTM_GETNEIGH`.
    #[doc(alias = "RTM_GETNEIGH")]
    pub async fn neighbours(&self) -> Result<Vec<Neighbour>, Error> {
        let request = RouteNetlinkMessage::GetNeighbour(NeighbourMessage::default());
        let messages = self.netlink().dump(request).await;
        let messages = messages.map_err(|source| Error::Kernel {
            action: "reading the neighbours".to_owned(),
            source,
        })?;
        let names = self.device_names().await?;
        let neighbours = messages.into_iter().filter_map(|message| match message {
            RouteNetlinkMessage::NewNeighbour(message) => {
                let device = names.get(&message.header.ifindex)?.clone();
                parse(message, device)
            }
            _ => None,
        });
        Ok(neighbours.collect())
    }
}

fn parse(message: NeighbourMessage, device: DeviceName) -> Option<Neighbour> {
    let state = match message.header.state {
        KernelState::Permanent => NeighbourState::Permanent,
        KernelState::Reachable => NeighbourState::Reachable,
        KernelState::Stale | KernelState::Delay | KernelState::Probe => NeighbourState::Stale,
        KernelState::Incomplete => NeighbourState::Incomplete,
        KernelState::Failed => NeighbourState::Failed,
        // Multicast and loopback addresses are not resolved.
        _ => return None,
    };
    let (mut address, mut mac) = (None, None);
    for attribute in message.attributes {
        match attribute {
            NeighbourAttribute::Destination(NeighbourAddress::Inet(ip)) => {
                address = Some(ip.into());
            }
            NeighbourAttribute::Destination(NeighbourAddress::Inet6(ip)) => {
                address = Some(ip.into());
            }
            NeighbourAttribute::LinkLayerAddress(bytes) => {
                mac = bytes.try_into().ok().map(MacAddress);
            }
            _ => {}
        }
    }
    Some(Neighbour {
        address: address?,
        device,
        mac,
        state,
    })
}
