//! Tools for printing, shared by commands.

mod columns;
mod line;
pub(crate) mod shell;

pub(crate) use columns::Columns;
pub(crate) use line::Line;
