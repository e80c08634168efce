//! One machine of a load balancer as a whole.

pub(crate) mod doctor;
pub(crate) mod file;
