//! The files with kernel data that netlink does not offer.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::{Error, Namespace};

/// `/proc` and `/sys` in one network namespace, of the kernel or of a fake one.
///
/// A missing file is [`Error::File`] with [`io::ErrorKind::NotFound`]. Its meaning depends on the file.
pub(crate) trait Files: fmt::Debug + Send {
    /// Opens a file for reading, on any thread.
    fn open(&self, path: &Path) -> Result<Box<dyn Read + Send>, Error>;

    /// Writes an existing file with a single write, as the kernel requires for a setting.
    fn write(&self, path: &Path, text: &str) -> Result<(), Error>;

    /// Returns the names in a directory, sorted.
    fn names(&self, folder: &Path) -> Result<Vec<String>, Error>;
}

impl dyn Files {
    /// Reads a whole file.
    pub(crate) fn read(&self, path: &Path) -> Result<String, Error> {
        read_in_large_pieces(self.open(path)?).map_err(failed(path))
    }

    /// Reads a whole file that exists whenever `ip_vs` is loaded.
    pub(crate) fn read_of_module(&self, path: &Path) -> Result<String, Error> {
        self.read(path).map_err(Error::or_unavailable)
    }
}

impl Error {
    /// For a file that exists whenever `ip_vs` is loaded.
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

/// Reads as much at once as the kernel returns. The kernel resumes by counting, so the table may change
/// between two reads. `read_to_string` would start with a read of a few bytes.
fn read_in_large_pieces(mut file: impl Read) -> io::Result<String> {
    let mut piece = vec![0; 64 * 1024];
    let mut bytes = Vec::new();
    loop {
        match file.read(&mut piece) {
            Ok(0) => break,
            Ok(length) => bytes.extend_from_slice(piece.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

/// Adds the path to an I/O error.
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
        // `fs::write` would create a missing file.
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
            // The names of the kernel are ASCII.
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns as much as fits, and records the size of the buffer.
    struct Pieces(Vec<usize>, &'static [u8]);

    impl Read for &mut Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.push(buffer.len());
            if self.0.len() == 1 {
                return Err(io::ErrorKind::Interrupted.into());
            }
            self.1.read(buffer)
        }
    }

    #[test]
    fn a_file_is_read_in_pieces_as_large_as_the_kernel_makes_them() {
        let mut pieces = Pieces(Vec::new(), b"TCP");
        assert_eq!(read_in_large_pieces(&mut pieces).unwrap(), "TCP");
        assert_eq!(pieces.0, [64 * 1024; 3]);
        let mut pieces = Pieces(Vec::new(), b"\xff");
        let error = read_in_large_pieces(&mut pieces).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
    }
}
