//! One machine of a load balancer as a whole.

mod decapsulation;
pub mod doctor;
pub(crate) mod file;
