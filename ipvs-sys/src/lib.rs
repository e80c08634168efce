//! The wire format of IPVS, the layer-4 load balancer in the Linux kernel: commands, attributes,
//! messages, and the socket they travel over. Pure Rust: no C library, nothing to link.
//!
//! This is the lower of two layers. It encodes and decodes messages and stops there: it validates
//! nothing, explains no errno and has no defaults. Most programs want the `ipvs` library on top of
//! it, which works with services, destinations and persistence.
//!
//! ```text
//! ┌───────────────┬─────────────┬──────────────────────────────────────────┐
//! │ nlmsghdr      │ genlmsghdr  │ attributes                               │
//! │ type = family │ cmd, version│ CmdAttr: Service(SvcAttr…) Dest(DestAttr…)│
//! └───────────────┴─────────────┴──────────────────────────────────────────┘
//!   Conversation     Command       one enum per attribute space
//! ```
//!
//! [`IpvsMessage`] implements the traits of `netlink-packet-core` and `netlink-packet-generic`, so
//! `netlink-proto` can send it too. [`Conversation`] is blocking and needs no runtime.
//!
//! Names follow the kernel's: `IPVS_SVC_ATTR_SCHED_NAME` is [`SvcAttr::SchedName`]. The kernel's own
//! names are in [`constants`] and are search aliases of the types.
//!
//! # Examples
//! Send what `ipvsadm -A -t 192.0.2.10:80 -s rr` sends:
//! ```no_run
//! use ipvs_sys::{CmdAttr, Command, Conversation, IpvsMessage, ServiceFlags, SvcAttr};
//!
//! let mut address = [0; 16];
//! address[..4].copy_from_slice(&[192, 0, 2, 10]);
//! let service = vec![
//!     SvcAttr::Af(2),
//!     SvcAttr::Protocol(6),
//!     SvcAttr::Addr(address),
//!     SvcAttr::Port(80),
//!     SvcAttr::SchedName("rr".to_owned()),
//!     SvcAttr::Flags(ServiceFlags { flags: 0, mask: !0 }),
//!     SvcAttr::Timeout(0),
//!     SvcAttr::Netmask([255; 4]),
//! ];
//! Conversation::open()?
//!     .execute(IpvsMessage::new(Command::NewService, vec![CmdAttr::Service(service)]))?;
//! # Ok::<(), ipvs_sys::Error>(())
//! ```

#![deny(missing_docs)]

pub mod constants;

mod attr;
mod batch;
mod conversation;
mod error;
mod ext_ack;
mod family;
mod frame;
mod message;
mod transport;

pub use attr::text;
pub use attr::{
    Attribute, AttributeSpace, Attributes, CmdAttr, DaemonAttr, DestAttr, InfoAttr, ServiceFlags,
    Stats64Attr, StatsAttr, SvcAttr,
};
pub use batch::{Batch, Nest, NestWriter, RequestWriter};
pub use conversation::{Committed, Conversation};
pub use error::Error;
pub use ext_ack::ExtAck;
pub use message::{Command, IpvsMessage};
pub use transport::{Deadline, Limits, Transport};

/// The type of an errno in [`Error::Kernel`].
pub use nix::errno::Errno;
