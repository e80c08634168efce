//! The files in which the kernel tells what netlink does not.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::{Error, Namespace};

/// `/proc` and `/sys` as one network namespace shows them: the kernel's, or a stand-in's.
///
/// A file that is not there is [`Error::File`] with [`io::ErrorKind::NotFound`]: what that means
/// depends on the file.
pub(crate) trait Files: fmt::Debug + Send {
    /// Opens a file to be read, on whatever thread.
    fn open(&self, path: &Path) -> Result<Box<dyn Read + Send>, Error>;

    /// Writes a file that is there, in one piece: the kernel takes a setting so.
    fn write(&self, path: &Path, text: &str) -> Result<(), Error>;

    /// The names in a folder, sorted.
    fn names(&self, folder: &Path) -> Result<Vec<String>, Error>;
}

impl dyn Files {
    /// The whole of a file.
    pub(crate) fn read(&self, path: &Path) -> Result<String, Error> {
        io::read_to_string(self.open(path)?).map_err(failed(path))
    }

    /// The same of one that is there whenever `ip_vs` is.
    pub(crate) fn read_of_module(&self, path: &Path) -> Result<String, Error> {
        self.read(path).map_err(Error::or_unavailable)
    }
}

impl Error {
    /// For a file that is there whenever `ip_vs` is.
    pub(crate) fn or_unavailable(self) -> Self {
        if self.is_missing_file() {
            Self::Unavailable
        } else {
            self
        }
    }

    pub(crate) fn is_missing_file(&self) -> bool {
        matches!(self, Self::File { source, .. } if source.kind() == io::ErrorKind::NotFound)
    }
}

/// What became of a file.
pub(crate) fn failed(path: &Path) -> impl FnOnce(io::Error) -> Error {
    let path = PathBuf::from(path);
    |source| Error::File { path, source }
}

/// The kernel ties a file to the namespace of the thread that opens it.
impl Files for Namespace {
    fn open(&self, path: &Path) -> Result<Box<dyn Read + Send>, Error> {
        let opened = self.run(|| File::open(path))?;
        Ok(Box::new(opened.map_err(failed(path))?))
    }

    fn write(&self, path: &Path, text: &str) -> Result<(), Error> {
        // Not `fs::write`, which makes a file that is not there.
        let written = self.run(|| {
            let mut file = File::options().write(true).open(path)?;
            io::Write::write_all(&mut file, text.as_bytes())
        })?;
        written.map_err(failed(path))
    }

    fn names(&self, folder: &Path) -> Result<Vec<String>, Error> {
        let names = self.run(|| -> io::Result<Vec<String>> {
            let names = fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name()));
            let names: io::Result<Vec<_>> = names.collect();
            // The kernel's names are ASCII.
            Ok(names?
                .into_iter()
                .filter_map(|name| name.into_string().ok())
                .collect())
        })?;
        let mut names = names.map_err(failed(folder))?;
        names.sort_unstable();
        Ok(names)
    }
}
