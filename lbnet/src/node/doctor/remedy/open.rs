//! Remedies that only the operator can complete.

use std::{net::IpAddr, num::NonZeroU16};

use ipvs::{Protocol, ServiceId, SyncDaemon};

use crate::{DeviceName, IpPrefix, Tunnel};

/// A remedy that lacks information which only the operator has.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Open {
    /// Add a service. Missing: its virtual IP and port.
    AddService,
    /// Add a destination to this service. Missing: its address.
    AddDestination(ServiceId),
    /// Set this host up as the director for this virtual IP. Missing: the device on the clients' side.
    SetUpDirector(IpPrefix),
    /// Set a host up as a real server. Missing: the device on the clients' side.
    SetUpRealServer {
        /// The virtual IP; missing, too, if packets are balanced by their firewall mark.
        vip: Option<IpAddr>,
        /// The tunnel by which packets arrive, if they arrive by one.
        tunnel: Option<Tunnel>,
    },
    /// Start a sync daemon with the options of this one. Missing: another interface.
    StartSyncDaemon(SyncDaemon),
    /// Add a route to this address. Missing: the gateway.
    AddRoute(IpAddr),
    /// Add an address of this host to a device. Missing: the address.
    AddAddress(DeviceName),
    /// Route what this host sends from these addresses by a table of its own. Missing: the table.
    AddRule(IpPrefix),
    /// Make the director the default gateway. Missing: its address.
    GatewayIsTheDirector,
    /// Tell clients, over the default route, to send smaller TCP segments. Missing: the gateway.
    AdvertiseSegment {
        /// The largest segment in bytes.
        segment: u32,
    },
    /// Start the program that serves this port, or any port, or have it listen on the virtual IP.
    Serve(Option<(Protocol, NonZeroU16)>),
}
