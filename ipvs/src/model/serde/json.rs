//! The form for programs: every field is there, and every value is spelled out.

mod destination;
mod service;

pub(crate) use destination::{DestinationFields, forwarding_from_words, forwarding_to_words};
pub(crate) use service::{ServiceFields, flags_to_names};
