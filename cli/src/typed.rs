//! Arguments that several commands share.

mod deferred;
mod force;
mod forward;
mod numeric;
mod real_server;
mod service;
mod value;

pub(crate) use deferred::Deferred;
pub(crate) use force::{Force, or_force, or_force_all};
pub(crate) use forward::Forward;
pub(crate) use numeric::Numeric;
pub(crate) use real_server::RealServer;
pub(crate) use service::{OneService, PerhapsService, service_options, service_words};
pub(crate) use value::{address, duration, number};

/// The error of an edit command without any setting, which is most likely a typing mistake.
pub(crate) const NOTHING_TO_CHANGE: &str =
    "nothing to change: name at least one setting (see --help)";

/// Parses a command line of one command family.
#[cfg(test)]
pub(crate) fn parsed<C: clap::Subcommand>(arguments: &str) -> C {
    let definition = C::augment_subcommands(clap::Command::new("ipvs-rs"));
    let words = std::iter::once("ipvs-rs").chain(arguments.split_whitespace());
    let matches = definition.try_get_matches_from(words).unwrap();
    C::from_arg_matches(&matches).unwrap()
}
