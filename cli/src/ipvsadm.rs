//! The command lines that ipvsadm understands, and its saved rules.

mod command;
mod line;
mod names;
mod option;
pub(crate) mod rules;
mod values;

pub(crate) use names::Hosts;
