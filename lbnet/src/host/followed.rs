//! What a host has, read once and kept up to date by the kernel's notifications. Setting up many VIPs
//! asks for the same tables again and again.

mod known;

use std::sync::{
    Mutex, MutexGuard, PoisonError,
    atomic::{AtomicU64, Ordering},
};

use rtnetlink::{
    packet_core::{NLM_F_REPLACE, NetlinkBuffer, NetlinkMessage, NetlinkPayload},
    packet_route::RouteNetlinkMessage,
    sys::{Socket, SocketAddr, protocols::NETLINK_ROUTE},
};

use crate::{AddressStatus, Error, HostRouteStatus, Link, Netns};
use known::{Known, Way};

/// The groups of notifications about links, addresses and routes (`RTMGRP_*` in
/// `linux/rtnetlink.h`).
const GROUPS: u32 = LINK | IPV4_ADDRESS | IPV4_ROUTE | IPV6_ADDRESS | IPV6_ROUTE;
const LINK: u32 = 0x1;
const IPV4_ADDRESS: u32 = 0x10;
const IPV4_ROUTE: u32 = 0x40;
const IPV6_ADDRESS: u32 = 0x100;
const IPV6_ROUTE: u32 = 0x400;

/// The netlink port number of the kernel.
const KERNEL: u32 = 0;

/// The tables of a host, while they are followed.
#[derive(Debug, Default)]
pub(super) struct Followed {
    follower: Mutex<Option<Follower>>,
    /// How often somebody began to follow: moments of one follower are none of another.
    begun: AtomicU64,
}

/// Tables are followed while this value exists.
#[derive(Debug)]
pub(crate) struct Following<'a>(&'a Followed);

/// A table as it is now, or what is needed to keep it once it has been read.
pub(super) enum Table<T> {
    Now(T),
    Unread(Moment),
}

/// How many notifications there were until a table is read, or `None` while nobody follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(Option<u64>);

#[derive(Debug)]
struct Follower {
    socket: Socket,
    moment: Moment,
    known: Known,
}

impl Followed {
    /// Begins to follow. The kernel sends a notification before it answers the request that caused it,
    /// so what this returns is never older than the last change of this program.
    pub(super) fn begin(&self, netns: &Netns) -> Result<Following<'_>, Error> {
        let socket = netns.run(|| {
            let mut socket = Socket::new(NETLINK_ROUTE)?;
            socket.set_non_blocking(true)?;
            socket.bind(&SocketAddr::new(KERNEL, GROUPS))?;
            Ok(socket)
        })?;
        let socket = socket.map_err(|source| Error::Kernel {
            action: "opening a netlink socket".to_owned(),
            source,
        })?;
        *self.lock() = Some(Follower {
            socket,
            moment: Moment(Some(self.begun.fetch_add(1, Ordering::Relaxed) << 32)),
            known: Known::default(),
        });
        Ok(Following(self))
    }

    pub(super) fn links(&self) -> Table<Vec<Link>> {
        self.table(|known| known.links().map(<[_]>::to_vec))
    }

    /// Finds one device by any of its names.
    pub(super) fn link(&self, is_it: impl Fn(&Link) -> bool) -> Option<Link> {
        let found = self.table(|known| Some(known.links()?.iter().find(|it| is_it(it))?.clone()));
        match found {
            Table::Now(link) => Some(link),
            Table::Unread(_) => None,
        }
    }

    pub(super) fn addresses(&self) -> Table<Vec<AddressStatus>> {
        self.table(|known| known.addresses().map(<[_]>::to_vec))
    }

    pub(super) fn host_routes(&self) -> Table<Vec<HostRouteStatus>> {
        self.table(|known| known.host_routes().map(<[_]>::to_vec))
    }

    /// Keeps what was read, if nothing changed meanwhile.
    pub(super) fn keep(&self, since: Moment, keep: impl FnOnce(&mut Known)) {
        if let Some(follower) = &mut *self.lock() {
            follower.catch_up();
            if follower.moment == since {
                keep(&mut follower.known);
            }
        }
    }

    pub(super) fn is_active(&self) -> bool {
        self.lock().is_some()
    }

    /// Takes in what was read of an object that the kernel has not told of yet. Without it, everything is
    /// read anew.
    pub(super) fn notice(&self, read: Option<RouteNetlinkMessage>) {
        if let Some(follower) = &mut *self.lock() {
            follower.catch_up();
            match read {
                Some(message) => {
                    follower.advance();
                    follower.known.take(message, Way::Added);
                }
                None => follower.forget(),
            }
        }
    }

    fn table<T>(&self, table: impl FnOnce(&Known) -> Option<T>) -> Table<T> {
        let mut guard = self.lock();
        let Some(follower) = &mut *guard else {
            return Table::Unread(Moment(None));
        };
        follower.catch_up();
        table(&follower.known).map_or(Table::Unread(follower.moment), Table::Now)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Follower>> {
        self.follower.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Following<'_> {
    fn drop(&mut self) {
        *self.0.lock() = None;
    }
}

impl Follower {
    /// Takes in what the kernel has sent since.
    fn catch_up(&mut self) {
        loop {
            match self.socket.recv_from_full() {
                Ok((_, sender)) if sender.port_number() != KERNEL => {}
                Ok((datagram, _)) => self.take(&datagram),
                Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => return,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                // Notifications were lost (ENOBUFS).
                Err(_) => {
                    self.forget();
                    return;
                }
            }
        }
    }

    fn take(&mut self, datagram: &[u8]) {
        let mut rest = datagram;
        while !rest.is_empty() {
            let length = NetlinkBuffer::new_checked(&rest).map(|it| it.length() as usize);
            let message = NetlinkMessage::<RouteNetlinkMessage>::deserialize(rest);
            let (Ok(length), Ok(message)) = (length, message) else {
                self.forget();
                return;
            };
            self.advance();
            let way = if message.header.flags & NLM_F_REPLACE == 0 {
                Way::Added
            } else {
                Way::Replaced
            };
            match message.payload {
                NetlinkPayload::InnerMessage(message) => self.known.take(message, way),
                _ => self.forget(),
            }
            rest = rest.get(length.next_multiple_of(4)..).unwrap_or_default();
        }
    }

    fn forget(&mut self) {
        self.advance();
        self.known = Known::default();
    }

    fn advance(&mut self) {
        self.moment = Moment(self.moment.0.map(|moment| moment.wrapping_add(1)));
    }
}
