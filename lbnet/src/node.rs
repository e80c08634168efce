//! One machine of a load balancer as a whole.

pub mod doctor;
