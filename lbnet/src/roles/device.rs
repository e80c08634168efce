//! The devices that a caller names.

use std::net::IpAddr;

use crate::{Conflict, DeviceName, Director, Error, Host, Link, RealServer, SetUp, model::segment};

impl SetUp {
    /// Returns the set-up with the current names of its devices, in place of alternative names. A
    /// device that does not exist keeps the name that the caller gave.
    pub(super) async fn on_current_names(self, host: &Host) -> Result<Self, Error> {
        Ok(match self {
            Self::Director(director) => Self::Director(director.on_current_names(host).await?),
            Self::RealServer(server) => Self::RealServer(server.on_current_names(host).await?),
        })
    }
}

impl Director {
    pub(super) async fn on_current_names(self, host: &Host) -> Result<Self, Error> {
        let device = host.current_name(&self.device).await?;
        let gateway = match &self.gateway {
            Some(gateway) => Some(host.current_name(gateway).await?),
            None => None,
        };
        Ok(Self {
            device,
            gateway,
            ..self
        })
    }
}

impl RealServer {
    pub(super) async fn on_current_names(self, host: &Host) -> Result<Self, Error> {
        let device = host.current_name(&self.device).await?;
        Ok(Self { device, ..self })
    }
}

/// Finds a device that is to receive packets for a VIP.
///
/// Refuses a port of a bridge or a bond. The kernel passes the packets of such a port to the master
/// before it looks at addresses and ARP settings of the port.
pub(super) async fn receiving(
    host: &Host,
    vip: IpAddr,
    device: &DeviceName,
) -> Result<Link, Error> {
    let link = host.link(device).await?;
    let Some(of) = link.master.as_ref().filter(|of| of.kind.takes_packets()) else {
        return Ok(link);
    };
    match link.master_among(&host.links().await?) {
        Some(master) => Err(Error::Conflict(Conflict::PortOfMaster {
            vip,
            device: link.name.clone(),
            master: master.name.clone(),
            kind: of.kind.clone(),
        })),
        // The master was deleted in the meantime.
        None => Ok(link),
    }
}

/// Returns the names of the other devices of the host that receive what is broadcast to one of
/// these, such as ARP requests.
pub(super) async fn beside(host: &Host, devices: &[&DeviceName]) -> Result<Vec<DeviceName>, Error> {
    let links = host.links().await?;
    let addresses = host.addresses().await?;
    let these = links.iter().filter(|link| devices.contains(&&link.name));
    let mut beside: Vec<_> = these
        .flat_map(|link| segment::beside(link, &links, &addresses))
        .filter(|link| !devices.contains(&&link.name))
        .map(|link| link.name.clone())
        .collect();
    beside.sort();
    beside.dedup();
    Ok(beside)
}
