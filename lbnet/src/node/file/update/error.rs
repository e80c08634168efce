use std::io;
use std::path::PathBuf;

use crate::node::file::error::{ParseFileError, WriteFileError};

/// Why a file was not updated. It is as it was.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpdateFileError {
    /// What is in the file is wrong.
    #[error("{0}")]
    Wrong(#[source] ParseFileError),
    /// The file has no word for something.
    #[error("{0}")]
    Words(#[source] WriteFileError),
    /// The file says something in a form that cannot be changed, such as a list of services in one line.
    #[error("its form cannot be changed piece by piece; write it anew")]
    Form,
    /// It is a symbolic link, which would be replaced instead of the file that it leads to.
    #[error("{} is a symbolic link: name the file that it leads to", .0.display())]
    Link(PathBuf),
    /// It is a directory, a device or something else that is not a file.
    #[error("{} is not a regular file", .0.display())]
    NotAFile(PathBuf),
    /// Another program changed the file in the meantime.
    #[error("{} was changed by another program in the meantime", .0.display())]
    ChangedMeanwhile(PathBuf),
    /// Reading or writing failed.
    #[error("{}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}
