//! Reading and writing the kernel's settings.

mod file;
mod side_effects;

pub(crate) use side_effects::implied;
