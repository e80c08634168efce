//! What several commands let one type.

mod deferred;
mod forward;
mod numeric;
mod real_server;
mod service;
mod value;

pub(crate) use deferred::Deferred;
pub(crate) use forward::{Forward, tunnel, tunnel_words};
pub(crate) use numeric::Numeric;
pub(crate) use real_server::RealServer;
pub(crate) use service::{OneService, PerhapsService};
pub(crate) use value::{address, duration};

/// Of a command that changes something, where nothing to change was named: likely a slip of the one who
/// typed it.
pub(crate) const NOTHING_TO_CHANGE: &str = "nothing to change: name at least one setting (--help)";

/// What one command of a family is typed as.
#[cfg(test)]
pub(crate) fn parsed<C: clap::Subcommand>(arguments: &str) -> C {
    let definition = C::augment_subcommands(clap::Command::new("ipvs-rs"));
    let words = std::iter::once("ipvs-rs").chain(arguments.split_whitespace());
    let matches = definition.try_get_matches_from(words).unwrap();
    C::from_arg_matches(&matches).unwrap()
}
