//! What commands print with.

mod columns;
mod line;

pub(crate) use columns::Columns;
pub(crate) use line::Line;
