//! The files in which the kernel tells what netlink does not.

use std::fs::File;
use std::io;
use std::path::PathBuf;

use crate::{Client, Error};

impl Client {
    /// Opens a file of the client's namespace. The kernel ties it to the namespace in which it was
    /// opened, so that it may be read anywhere.
    pub(super) fn open_proc(&self, path: &'static str) -> Result<File, Error> {
        let opened = self.namespace.run(|| File::open(path))?;
        opened.map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => Error::Unavailable,
            _ => unreadable(path, source),
        })
    }
}

pub(super) fn unreadable(path: &'static str, source: io::Error) -> Error {
    Error::ProcFile {
        path: PathBuf::from(path),
        source,
    }
}
