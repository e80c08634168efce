use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::{NonZeroU8, NonZeroU16};

use ipvs_sys::constants::{IP_VS_STATE_BACKUP, IP_VS_STATE_MASTER};
use ipvs_sys::{AttributeSpace, Attributes, DaemonAttr};
use netlink_packet_core::DecodeError;

use super::{once, required};
use crate::{SyncDaemon, SyncRole};

/// Writes a stop request. `ipvsadm` sends more, which the kernel ignores.
pub(crate) fn identity(role: SyncRole) -> Vec<DaemonAttr> {
    vec![DaemonAttr::State(match role {
        SyncRole::Master => IP_VS_STATE_MASTER,
        SyncRole::Backup => IP_VS_STATE_BACKUP,
    })]
}

/// Writes a complete daemon, in the order of `ipvsadm`. The kernel chooses every parameter that is left
/// out.
pub(crate) fn to_attributes(daemon: &SyncDaemon) -> Vec<DaemonAttr> {
    let mut attributes = identity(daemon.role);
    attributes.push(DaemonAttr::McastIfn(daemon.interface.clone()));
    attributes.push(DaemonAttr::SyncId(daemon.sync_id.into()));
    attributes.extend(
        daemon
            .max_length
            .map(|bytes| DaemonAttr::SyncMaxlen(bytes.get())),
    );
    attributes.extend(daemon.port.map(|port| DaemonAttr::McastPort(port.get())));
    attributes.extend(daemon.ttl.map(|ttl| DaemonAttr::McastTtl(ttl.get())));
    attributes.extend(daemon.group.map(|group| match group {
        IpAddr::V4(group) => DaemonAttr::McastGroup(group.octets()),
        IpAddr::V6(group) => DaemonAttr::McastGroup6(group.octets()),
    }));
    attributes
}

pub(crate) fn from_bytes(bytes: &[u8]) -> Result<SyncDaemon, DecodeError> {
    let (mut state, mut interface, mut sync_id) = (None, None, None);
    let (mut length, mut port, mut ttl, mut v4, mut v6) = (None, None, None, None, None);
    for attribute in Attributes::of(bytes) {
        match DaemonAttr::read(attribute?)? {
            DaemonAttr::State(value) => once(&mut state, value, "IPVS_DAEMON_ATTR_STATE"),
            DaemonAttr::McastIfn(value) => {
                once(&mut interface, value, "IPVS_DAEMON_ATTR_MCAST_IFN")
            }
            DaemonAttr::SyncId(value) => once(&mut sync_id, value, "IPVS_DAEMON_ATTR_SYNC_ID"),
            DaemonAttr::SyncMaxlen(value) => {
                once(&mut length, value, "IPVS_DAEMON_ATTR_SYNC_MAXLEN")
            }
            DaemonAttr::McastPort(value) => once(&mut port, value, "IPVS_DAEMON_ATTR_MCAST_PORT"),
            DaemonAttr::McastTtl(value) => once(&mut ttl, value, "IPVS_DAEMON_ATTR_MCAST_TTL"),
            DaemonAttr::McastGroup(value) => once(
                &mut v4,
                Ipv4Addr::from(value),
                "IPVS_DAEMON_ATTR_MCAST_GROUP",
            ),
            DaemonAttr::McastGroup6(value) => once(
                &mut v6,
                Ipv6Addr::from(value),
                "IPVS_DAEMON_ATTR_MCAST_GROUP6",
            ),
            _ => Ok(()),
        }?;
    }
    Ok(SyncDaemon {
        role: match required(state, "IPVS_DAEMON_ATTR_STATE")? {
            IP_VS_STATE_MASTER => SyncRole::Master,
            IP_VS_STATE_BACKUP => SyncRole::Backup,
            other => return Err(format!("IPVS_DAEMON_ATTR_STATE: {other} is no role").into()),
        },
        interface: required(interface, "IPVS_DAEMON_ATTR_MCAST_IFN")?,
        // The kernel stores 32 bits but sends only eight in its messages.
        sync_id: {
            let [id, ..] = required(sync_id, "IPVS_DAEMON_ATTR_SYNC_ID")?.to_le_bytes();
            id
        },
        max_length: length.and_then(NonZeroU16::new),
        group: v4.map(IpAddr::V4).or(v6.map(IpAddr::V6)),
        port: port.and_then(NonZeroU16::new),
        ttl: ttl.and_then(NonZeroU8::new),
    })
}
