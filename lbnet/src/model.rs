//! What is asked of a host, and what is seen of it: values, no socket.

pub(crate) mod device;
pub(crate) mod director;
pub(crate) mod link;
pub(crate) mod mark;
pub(crate) mod prefix;
pub(crate) mod set_up;
pub(crate) mod sysctl;
pub(crate) mod tunnel;
pub(crate) mod vip;
