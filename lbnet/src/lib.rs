//! The host around an IPVS load balancer.
//!
//! IPVS hands packets out; whether they come in and find their way back is up to the hosts around
//! it. With direct routing (LVS-DR) all of them have the VIP, and only one may be seen with it:
//!
//! ```text
//!   client ──ARP: who has the VIP?──┬──────────────────┬──────────────────┐
//!                                   ▼                  ▼                  ▼
//!                               director          real server        real server
//!                           VIP/24 on eth0        VIP/32 on lo       VIP/32 on lo
//!                           answers               says nothing       says nothing
//! ```
//!
//! - The **director** has the VIP on the clients' side, tells the neighbours so (the kernel does
//!   not when an address is added), and sends no redirects, which would lead clients past it. IPVS
//!   changes nothing but the frame's destination, and the packet arrives at a real server with the
//!   VIP as its destination still. Where it masquerades instead, it passes the answers on.
//! - A **real server** therefore has the VIP too, or it would drop that packet; it answers the
//!   client directly. But Linux answers ARP for all its addresses on every device: unless
//!   `arp_ignore` and `arp_announce` are set on the device where ARP comes in, and before the VIP
//!   is added, clients find a real server by chance, and the load balancer is out of the game.
//! - In another network it is reached by a [`Tunnel`]: IPIP, GUE or GRE. Then it has a device that
//!   takes packets apart, on which nothing is dropped for where it came from.
//!
//! [`Director`] and [`RealServer`] do all of that in the right order, and undo it: every change is
//! in a journal under `/run/ipvs-rs` before it is made, with what was there before. `up` twice
//! changes nothing the second time; `down` undoes what `up` changed, also after a crash half-way,
//! and leaves alone what was there before or what somebody else changed since.
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
//! The parts are usable alone, as methods of [`Host`]: devices and tunnels, addresses, host routes
//! and ways, neighbours, GUE listeners, settings by typed keys ([`Sysctl`]), announcements. They
//! change one thing each and record nothing.
//!
//! Asynchronous, on [`rtnetlink`] and tokio. A runtime of one thread with I/O and time enabled will
//! do; [`block_on`] makes one for programs that have none. A network namespace is entered on
//! threads made for it ([`Netns::run`]), never by the caller's.
//!
//! Whether a host is as it should be is found without changing it: [`Host::check_director`] and
//! [`Host::check_real_server`] say what is wrong, what a client sees of it, and which command mends
//! it.

#![deny(missing_docs)]

mod changes;
mod error;
mod host;
mod model;
#[cfg(feature = "node")]
mod node;
mod roles;

pub use changes::{
    locked::Locked,
    report::{
        AnnouncementOutcome, Effect, LargestPacket, ObjectOutcome, Report, Step, SysctlOutcome,
    },
};
pub use error::{Conflict, Error, HostError, JournalError};
pub use host::{Host, module::Module, netns::Netns, runtime::block_on};
pub use model::{
    address::{
        Address, AddressScope, AddressStatus, DuplicateDetection, Lifetime, Preference, Rank,
    },
    announcement::{Announced, Announcement},
    device::DeviceName,
    director::{Director, Placement},
    invalid::Invalid,
    link::{
        Carried, GreChecksum, Link, LinkKind, LinkState, MacAddress, NewLink, NewLinkKind,
        Resolution, TunnelKind, TunnelLink,
    },
    listener::{GueListener, ListenerProtocol, ListenerScope, ListenerStatus, OuterFamily},
    neighbour::{Neighbour, NeighbourState},
    netns::NetnsId,
    prefix::IpPrefix,
    real_server::RealServer,
    route::{HostRoute, HostRouteKind, HostRouteStatus, PathTo, Reach, Route},
    set_up::{Role, SetUp, SetUpId},
    sysctl::{Combination, ConfTarget, Ipv4Conf, Ipv4Setting, Ipv6Conf, Sysctl, VsSetting},
    tunnel::{AdvertisedMss, Decapsulation, Room, Tunnel},
};
#[cfg(feature = "node")]
pub use node::doctor::{
    BalancedServer, BalancedService, Balancing, ExpectedServer, Finding, FindingKind, Findings,
    ForwardingMethod, Severity, SyncDaemonSeen, Transport,
};
