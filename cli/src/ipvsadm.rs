//! The command-line options and saved rules of ipvsadm.

mod options;
pub(crate) mod rules;
mod words;
