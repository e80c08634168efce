//! Virtual devices to add.

use super::TunnelLink;
use crate::DeviceName;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A virtual device to add.
///
/// # Examples
/// ```
/// use lbnet::{NewLink, TunnelKind, TunnelLink};
///
/// let receiving = TunnelLink::receiving(TunnelKind::Ipip, "10.10.10.12".parse()?);
/// let link = NewLink::tunnel("ipip-in".parse()?, receiving);
/// assert_eq!(link.to_string(), "ipip-in (ipip local 10.10.10.12)");
///
/// let in_vrf = link.in_vrf("blue".parse()?);
/// assert_eq!(in_vrf.to_string(), "ipip-in (ipip local 10.10.10.12) in the VRF blue");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct NewLink {
    /// The name.
    pub name: DeviceName,
    /// The kind.
    pub kind: NewLinkKind,
    /// The VRF that the device belongs to. What arrives on the device is routed by the table of the
    /// VRF.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vrf: Option<DeviceName>,
}

/// The kind of a virtual device to add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum NewLinkKind {
    /// A dummy device. It drops all packets and serves to hold addresses.
    Dummy,
    /// A tunnel device.
    Tunnel(TunnelLink),
}

impl NewLink {
    /// Describes a dummy device.
    pub fn dummy(name: DeviceName) -> Self {
        Self {
            name,
            kind: NewLinkKind::Dummy,
            vrf: None,
        }
    }

    /// Describes a tunnel device.
    pub fn tunnel(name: DeviceName, tunnel: TunnelLink) -> Self {
        Self {
            name,
            kind: NewLinkKind::Tunnel(tunnel),
            vrf: None,
        }
    }

    /// Sets the VRF that the device belongs to.
    #[must_use]
    pub fn in_vrf(self, vrf: DeviceName) -> Self {
        Self {
            vrf: Some(vrf),
            ..self
        }
    }

    pub(crate) fn module(&self) -> &'static str {
        match self.kind {
            NewLinkKind::Dummy => "dummy",
            NewLinkKind::Tunnel(tunnel) => tunnel.kind.module(),
        }
    }
}

impl fmt::Display for NewLink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            NewLinkKind::Dummy => write!(f, "{} (dummy)", self.name)?,
            NewLinkKind::Tunnel(tunnel) => write!(f, "{} ({tunnel})", self.name)?,
        }
        match &self.vrf {
            Some(vrf) => write!(f, " in the VRF {vrf}"),
            None => Ok(()),
        }
    }
}
