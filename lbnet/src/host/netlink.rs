//! A netlink connection whose requests end in time and whose dumps are complete.

use std::{fmt::Debug, io, time::Duration};

use futures_util::StreamExt;
use rtnetlink::{
    packet_core::{
        NLM_F_ACK, NLM_F_DUMP, NLM_F_DUMP_INTR, NLM_F_REQUEST, NetlinkDeserializable,
        NetlinkHeader, NetlinkMessage, NetlinkPayload, NetlinkSerializable,
    },
    proto::{ConnectionHandle, new_connection},
    sys::SocketAddr,
};
use tokio::{runtime, time::timeout};

use crate::{Error, Netns};

/// The time limit of a request. The kernel replies within the system call or not at all.
/// netlink-proto drops a reply that it cannot decode, and the request would wait forever.
const DEADLINE: Duration = Duration::from_secs(5);

/// The number of attempts to dump a table without a concurrent change.
const DUMP_ATTEMPTS: u32 = 16;

/// The netlink port number of the kernel.
const KERNEL: u32 = 0;

/// A message type that a connection can carry.
pub(crate) trait Message:
    NetlinkSerializable
    + NetlinkDeserializable
    + Into<NetlinkPayload<Self>>
    + Clone
    + Debug
    + Send
    + Unpin
    + 'static
{
}

impl<T> Message for T where
    T: NetlinkSerializable
        + NetlinkDeserializable
        + Into<NetlinkPayload<Self>>
        + Clone
        + Debug
        + Send
        + Unpin
        + 'static
{
}

/// A netlink socket of one network namespace.
#[derive(Debug)]
pub(crate) struct Connection<T: Message>(ConnectionHandle<T>);

impl<T: Message> Connection<T> {
    /// Opens a socket of a netlink protocol, such as `NETLINK_ROUTE`.
    pub(crate) fn open(netns: &Netns, protocol: isize) -> Result<Self, Error> {
        let runtime = runtime::Handle::try_current().map_err(|_| Error::NoRuntime)?;
        let handle = netns.run(|| {
            let _context = runtime.enter();
            let (mut connection, handle, _) = new_connection(protocol)?;
            // Without these, a dump that fails at its end would look complete, and a change without
            // a reply would look done.
            connection.set_forward_done(true);
            connection.set_forward_ack(true);
            runtime.spawn(connection);
            Ok(handle)
        })?;
        handle.map(Self).map_err(|source| Error::Kernel {
            action: "opening a netlink socket".to_owned(),
            source,
        })
    }

    /// Requests a change and waits until the kernel has made or refused it.
    pub(crate) async fn change(&self, message: T, flags: u16) -> io::Result<()> {
        self.exchange(message, NLM_F_REQUEST | NLM_F_ACK | flags)
            .await
            .map(drop)
    }

    /// Requests one object by its name.
    pub(crate) async fn get(&self, message: T) -> io::Result<Option<T>> {
        let reply = self.exchange(message, NLM_F_REQUEST).await?;
        Ok(reply.messages.into_iter().next())
    }

    /// Dumps a table, and repeats this if the table changed during the dump.
    pub(crate) async fn dump(&self, message: T) -> io::Result<Vec<T>> {
        for _ in 0..DUMP_ATTEMPTS {
            let reply = self
                .exchange(message.clone(), NLM_F_REQUEST | NLM_F_DUMP)
                .await?;
            match reply.consistency {
                Consistency::Whole => return Ok(reply.messages),
                Consistency::ChangedMeanwhile => {}
            }
        }
        Err(io::Error::other(
            "the table kept changing while it was read",
        ))
    }

    async fn exchange(&self, message: T, flags: u16) -> io::Result<Reply<T>> {
        let mut request = NetlinkMessage::new(NetlinkHeader::default(), message.into());
        request.header.flags = flags;
        timeout(DEADLINE, self.converse(request))
            .await
            .map_err(|_| {
                io::Error::new(
                    io::ErrorKind::TimedOut,
                    "the kernel's answer was not understood",
                )
            })?
    }

    async fn converse(&self, request: NetlinkMessage<T>) -> io::Result<Reply<T>> {
        let expects_more = request.header.flags & (NLM_F_ACK | NLM_F_DUMP) != 0;
        let mut replies = self
            .0
            .request(request, SocketAddr::new(KERNEL, 0))
            .map_err(io::Error::other)?;
        let mut reply = Reply {
            messages: Vec::new(),
            consistency: Consistency::Whole,
        };
        while let Some(message) = replies.next().await {
            if message.header.flags & NLM_F_DUMP_INTR != 0 {
                reply.consistency = Consistency::ChangedMeanwhile;
            }
            match message.payload {
                NetlinkPayload::InnerMessage(inner) => {
                    reply.messages.push(inner);
                    if !expects_more {
                        return Ok(reply);
                    }
                }
                NetlinkPayload::Error(error) if error.code.is_some() => return Err(error.to_io()),
                NetlinkPayload::Done(done) if done.code < 0 => {
                    return Err(io::Error::from_raw_os_error(done.code.saturating_neg()));
                }
                // An error without a code is an acknowledgement.
                NetlinkPayload::Error(_) | NetlinkPayload::Done(_) => return Ok(reply),
                NetlinkPayload::Overrun(_) => reply.consistency = Consistency::ChangedMeanwhile,
                _ => {}
            }
        }
        Err(io::Error::new(
            io::ErrorKind::BrokenPipe,
            "the netlink socket was closed",
        ))
    }
}

struct Reply<T> {
    messages: Vec<T>,
    consistency: Consistency,
}

enum Consistency {
    Whole,
    /// The kernel set `NLM_F_DUMP_INTR`: entries may be missing or duplicated.
    ChangedMeanwhile,
}
