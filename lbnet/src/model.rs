//! Plain values: what a caller requests of a host, and what is read from it. No sockets.

pub(crate) mod address;
pub(crate) mod announcement;
pub(crate) mod carrier;
mod default;
pub(crate) mod device;
pub(crate) mod director;
pub(crate) mod invalid;
pub(crate) mod link;
pub(crate) mod listener;
pub(crate) mod mark;
pub(crate) mod neighbour;
pub(crate) mod netns;
pub(crate) mod prefix;
pub(crate) mod probe;
pub(crate) mod real_server;
pub(crate) mod route;
pub(crate) mod rule;
pub(crate) mod segment;
pub(crate) mod set_up;
pub(crate) mod sysctl;
pub(crate) mod tunnel;
pub(crate) mod vip;

pub(crate) use default::is_default;
