//! Sets up hosts for an IPVS load balancer, and checks their set-up.
//!
//! IPVS distributes packets. Whether clients reach the director, and whether replies reach the
//! clients, depends on the hosts around it. With direct routing (LVS-DR) every host has the virtual
//! IP (VIP), but clients may see it on one host only:
//!
//! ```text
//!   client ──ARP: who has the VIP?──┬──────────────────┬──────────────────┐
//!                                   ▼                  ▼                  ▼
//!                               director          real server        real server
//!                           VIP/24 on eth0        VIP/32 on lo       VIP/32 on lo
//!                           answers               says nothing       says nothing
//! ```
//!
//! - The **director** has the VIP on the clients' side. It announces the VIP to its neighbours,
//!   because the kernel does not when an address is added. It sends no redirects, as these would
//!   lead clients past it. With masquerading, it also forwards the replies. With direct routing,
//!   IPVS changes only the Ethernet destination of the frame, so the packet arrives at a real
//!   server with the VIP as its IP destination.
//! - A **real server** therefore needs the VIP too: otherwise its kernel drops the packet. The real
//!   server replies to the client directly. By default, Linux answers ARP for all its addresses on
//!   every device. Unless `arp_ignore` and `arp_announce` are set on the device that receives the
//!   ARP requests, before the VIP is added, clients may find a real server instead of the director,
//!   and are then not balanced.
//! - A [`Tunnel`] (IPIP, GUE or GRE) reaches a real server in another network. That server also has
//!   a tunnel device that decapsulates packets and accepts them from any source.
//!
//! [`Director`] and [`RealServer`] do all of that in the right order, and undo it. Every change is
//! recorded in a journal under `/run/ipvs-rs` before it is made, together with the previous state.
//! A second `up` changes nothing. `down` undoes what `up` changed, even after a crash half-way. It
//! leaves alone what existed before and what another program has changed since.
//!
//! ```no_run
//! use lbnet::{Director, Host, Netns, RealServer};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! lbnet::block_on(async {
//!     let host = Host::open(Netns::named("director")?)?; // or Netns::current()?
//!     let director = Director::new("10.10.10.100/24".parse()?, "eth0".parse()?).label("eth0:0");
//!     for step in director.up(&host).await?.steps() {
//!         println!("{step}"); // added 10.10.10.100/24 to eth0 as eth0:0
//!     }
//!
//!     let web = Host::open(Netns::named("web1")?)?;
//!     let server = RealServer::new("10.10.10.100".parse()?, "eth0".parse()?);
//!     server.up(&web).await?;
//!     server.down(&web).await?;
//!     director.down(&host).await?;
//!     Ok(())
//! })?
//! # }
//! ```
//!
//! The parts can be used alone, as methods of [`Host`]: devices and tunnels, addresses, routes,
//! neighbours, GUE listeners, announcements, and kernel settings with typed keys ([`Sysctl`]). Each
//! method changes one thing and records nothing.
//!
//! The crate is asynchronous and uses [`rtnetlink`] and tokio. A single-threaded runtime with I/O
//! and time enabled is enough; [`block_on`] creates one for programs that have none. Network
//! namespaces are entered only on threads made for that purpose ([`Netns::run`]), never on the
//! caller's thread.
//!
//! With the feature `node` (on by default), [`doctor`] says what is wrong with a director or a real
//! server, how clients are affected, and what fixes it. This is the part that knows IPVS: without the
//! feature, this crate does not depend on the crate `ipvs`.

#![deny(missing_docs)]

mod changes;
mod error;
mod host;
mod model;
#[cfg(feature = "node")]
mod node;
mod roles;

pub use changes::{
    announcing::Released,
    locked::Locked,
    report::{
        AnnouncementOutcome, Effect, LargestPacket, ObjectOutcome, Report, Step, SysctlOutcome,
    },
};
pub use error::{Conflict, Delivery, Error, HostError, JournalError};
pub use host::{Host, module::Module, netns::Netns, runtime::block_on};
pub use model::{
    address::{
        Address, AddressScope, AddressStatus, DuplicateDetection, DuplicateState, Lifetime,
        Preference, Rank,
    },
    announcement::{Announced, Announcement},
    carrier::{NoCarrier, NoCarrierReason},
    device::DeviceName,
    director::{Director, Placement},
    invalid::Invalid,
    link::{
        Carried, Carrier, GreChecksum, Link, LinkKind, LinkState, LowerDevice, MacAddress, Master,
        MasterKind, NewLink, NewLinkKind, OperationalState, Resolution, TunnelKind, TunnelLink,
    },
    listener::{GueListener, ListenerProtocol, ListenerScope, ListenerStatus, OuterFamily},
    neighbour::{Neighbour, NeighbourState},
    netns::NetnsId,
    prefix::IpPrefix,
    probe::{Holder, Probe, Usage},
    real_server::{RealServer, ServerPlacement},
    route::{
        GatewayCheck, HostRoute, HostRouteKind, HostRouteStatus, PathAnswer, PathQuery, PathTo,
        Reach, Route,
    },
    rule::Rule,
    set_up::{Role, SetUp, SetUpId},
    sysctl::{Combination, ConfTarget, Ipv4Conf, Ipv4Setting, Ipv6Conf, Sysctl, VsSetting},
    tunnel::{AdvertisedMss, Decapsulation, Tunnel, TunnelMtu},
};
#[cfg(feature = "node")]
pub use node::{
    doctor,
    file::{File, ParseFileError, ReadFileError, UpdateFileError, Updated, WriteFileError},
};
pub use roles::prepared::Prepared;
