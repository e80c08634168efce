//! What no machine's own kernel may be put through: `--kernel host` skips tests in a module of this
//! name.

mod client;
mod facts;
mod program;
