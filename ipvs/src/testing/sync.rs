//! Requests about sync daemons.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipvs_sys::constants::{IP_VS_STATE_BACKUP, IP_VS_STATE_MASTER};
use ipvs_sys::{CmdAttr, Command, DaemonAttr, Errno, IpvsMessage};

use super::attributes::Attributes;
use super::state::{Daemon, State, Table};

const LONGEST_INTERFACE: usize = 15;

const GROUP: Ipv4Addr = Ipv4Addr::new(224, 0, 0, 81);
const PORT: u16 = 8848;
const TTL: u8 = 1;

/// Size of a datagram, in bytes. A sync message fills all of it except the headers.
const LONGEST_DATAGRAM: u16 = u16::MAX;
const DATAGRAM: u16 = 1500;
const SHORTEST_OF_BACKUP: u16 = 1024;

/// A sync daemon as the client sent it.
#[derive(Default)]
struct Sent<'a> {
    state: Option<u32>,
    interface: Option<&'a str>,
    sync_id: Option<u32>,
    max_length: Option<u16>,
    group: Option<[u8; 4]>,
    group6: Option<[u8; 16]>,
    port: Option<u16>,
    ttl: Option<u8>,
}

impl<'a> Sent<'a> {
    fn parse(attributes: &'a Attributes) -> Result<Self, Errno> {
        let mut sent = Self::default();
        for attribute in attributes.daemon.as_ref().ok_or(Errno::EINVAL)? {
            match attribute {
                DaemonAttr::State(value) => sent.state = Some(*value),
                DaemonAttr::McastIfn(value) if value.len() > LONGEST_INTERFACE => {
                    return Err(Errno::EINVAL);
                }
                DaemonAttr::McastIfn(value) => sent.interface = Some(value),
                DaemonAttr::SyncId(value) => sent.sync_id = Some(*value),
                DaemonAttr::SyncMaxlen(value) => sent.max_length = Some(*value),
                DaemonAttr::McastGroup(value) => sent.group = Some(*value),
                DaemonAttr::McastGroup6(value) => sent.group6 = Some(*value),
                DaemonAttr::McastPort(value) => sent.port = Some(*value),
                DaemonAttr::McastTtl(value) => sent.ttl = Some(*value),
                _ => {}
            }
        }
        Ok(sent)
    }

    /// The kernel ignores an IPv6 group if there is an IPv4 group.
    fn group(&self) -> Result<IpAddr, Errno> {
        let group = match (self.group, self.group6) {
            (Some(group), _) => Ipv4Addr::from(group).into(),
            (None, Some(group)) => Ipv6Addr::from(group).into(),
            (None, None) => GROUP.into(),
        };
        Some(group)
            .filter(IpAddr::is_multicast)
            .ok_or(Errno::EINVAL)
    }
}

impl State {
    pub(super) fn start_daemon(&mut self, attributes: &Attributes) -> Result<(), Errno> {
        let sent = Sent::parse(attributes)?;
        let (Some(state), Some(interface), Some(sync_id)) =
            (sent.state, sent.interface, sent.sync_id)
        else {
            return Err(Errno::EINVAL);
        };
        let group = sent.group()?;
        if self.table.has_mixed_families() {
            return Err(Errno::EINVAL);
        }
        if !self.interfaces.contains(interface) {
            return Err(Errno::ENODEV);
        }
        let place = self.table.daemon(state)?;
        if place.is_some() {
            return Err(Errno::EEXIST);
        }
        *place = Some(Daemon {
            interface: interface.to_owned(),
            sync_id,
            max_length: max_length(state, interface, group, sent.max_length),
            group,
            port: sent.port.filter(|port| *port != 0).unwrap_or(PORT),
            ttl: sent.ttl.filter(|ttl| *ttl != 0).unwrap_or(TTL),
        });
        Ok(())
    }

    pub(super) fn stop_daemon(&mut self, attributes: &Attributes) -> Result<(), Errno> {
        let state = Sent::parse(attributes)?.state.ok_or(Errno::EINVAL)?;
        let place = self.table.daemon(state)?;
        place.take().map(drop).ok_or(Errno::ESRCH)
    }
}

impl Table {
    fn daemon(&mut self, state: u32) -> Result<&mut Option<Daemon>, Errno> {
        match state {
            IP_VS_STATE_MASTER => Ok(&mut self.master),
            IP_VS_STATE_BACKUP => Ok(&mut self.backup),
            _ => Err(Errno::EINVAL),
        }
    }

    /// The running daemons, the master first.
    pub(super) fn daemons(&self) -> impl Iterator<Item = IpvsMessage> {
        let master = self.master.iter().map(|it| it.message(IP_VS_STATE_MASTER));
        let backup = self.backup.iter().map(|it| it.message(IP_VS_STATE_BACKUP));
        master.chain(backup)
    }
}

/// The kernel clamps a value that is out of range.
fn max_length(state: u32, interface: &str, group: IpAddr, wanted: Option<u16>) -> u16 {
    let headers = if group.is_ipv4() { 28 } else { 48 };
    let most = LONGEST_DATAGRAM - headers;
    let is_backup = state == IP_VS_STATE_BACKUP;
    match wanted {
        Some(wanted @ 1..) => wanted.clamp(if is_backup { SHORTEST_OF_BACKUP } else { 1 }, most),
        // A backup accepts as much as its device can receive. For `lo`, that exceeds any datagram.
        _ if is_backup && interface == "lo" => most,
        _ => DATAGRAM - headers,
    }
}

impl Daemon {
    fn message(&self, state: u32) -> IpvsMessage {
        let attributes = vec![
            DaemonAttr::State(state),
            DaemonAttr::McastIfn(self.interface.clone()),
            DaemonAttr::SyncId(self.sync_id),
            DaemonAttr::SyncMaxlen(self.max_length),
            DaemonAttr::McastPort(self.port),
            DaemonAttr::McastTtl(self.ttl),
            match self.group {
                IpAddr::V4(group) => DaemonAttr::McastGroup(group.octets()),
                IpAddr::V6(group) => DaemonAttr::McastGroup6(group.octets()),
            },
        ];
        IpvsMessage::new(Command::NewDaemon, vec![CmdAttr::Daemon(attributes)])
    }
}
