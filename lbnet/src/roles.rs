//! What a director and a real server need, in a safe order.

mod delivery;
pub(crate) mod device;
mod director;
pub(crate) mod prepared;
pub(crate) mod real_server;
pub(crate) mod set_ups;
