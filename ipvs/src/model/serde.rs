//! How everything is written: as JSON with the names of the library, and as the file, which people
//! write. The names are stable.

mod checked;
mod file;
mod json;
mod text;

use checked::checked;
pub(crate) use file::TableFile;
pub(crate) use json::{DestinationFields, ServiceFields};
