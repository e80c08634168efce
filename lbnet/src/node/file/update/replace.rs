//! Puts a new file in the place of an old one, so that a reader sees either, even after a crash.

use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;

use super::error::UpdateFileError;

/// A file and its text.
pub(super) struct Present {
    path: PathBuf,
    text: String,
    metadata: Metadata,
}

impl Present {
    /// Reads a file, if there is one. Does not follow a symbolic link.
    pub(super) fn open(path: &Path) -> Result<Option<Self>, UpdateFileError> {
        let metadata = match fs::symlink_metadata(path) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed(path)(error)),
        };
        if metadata.is_symlink() {
            return Err(UpdateFileError::Link(path.to_owned()));
        }
        if !metadata.is_file() {
            return Err(UpdateFileError::NotAFile(path.to_owned()));
        }
        let mut options = OpenOptions::new();
        let options = options.read(true).custom_flags(OFlag::O_NOFOLLOW.bits());
        let file = options.open(path).map_err(failed(path))?;
        let metadata = file.metadata().map_err(failed(path))?;
        Ok(Some(Self {
            path: path.to_owned(),
            text: io::read_to_string(file).map_err(failed(path))?,
            metadata,
        }))
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// Replaces the file, unless another program changed it since it was read.
    pub(super) fn replace(self, text: &str) -> Result<(), UpdateFileError> {
        let Self { path, metadata, .. } = self;
        let draft = Draft::create(&path)?;
        let (uid, gid) = (metadata.uid(), metadata.gid());
        fchown(&draft.file, Some(uid), Some(gid)).map_err(failed(&path))?;
        let permissions = draft.file.set_permissions(metadata.permissions());
        permissions.map_err(failed(&path))?;
        let now = fs::symlink_metadata(&path).map_err(failed(&path))?;
        let known = |it: &Metadata| (it.dev(), it.ino(), it.mtime(), it.mtime_nsec(), it.size());
        if known(&now) != known(&metadata) {
            return Err(UpdateFileError::ChangedMeanwhile(path));
        }
        draft.put(text, &path)
    }
}

/// Creates a file that everybody may read.
pub(super) fn create(path: &Path, text: &str) -> Result<(), UpdateFileError> {
    Draft::create(path)?.put(text, path)
}

/// A new file beside the one that it is to replace. It is removed when it is dropped.
struct Draft {
    path: PathBuf,
    file: fs::File,
}

impl Draft {
    fn create(path: &Path) -> Result<Self, UpdateFileError> {
        let Some(name) = path.file_name() else {
            return Err(UpdateFileError::NotAFile(path.to_owned()));
        };
        let mut draft = std::ffi::OsString::from(".");
        draft.push(name);
        draft.push(format!(".{}.new", std::process::id()));
        let draft = path.with_file_name(draft);
        // A new file only: nobody can have put a link there.
        let mut options = OpenOptions::new();
        let options = options.write(true).create_new(true).mode(0o644);
        let file = options.open(&draft).map_err(failed(&draft))?;
        Ok(Self { path: draft, file })
    }

    fn put(mut self, text: &str, path: &Path) -> Result<(), UpdateFileError> {
        let failed = failed(path);
        let written = self.file.write_all(text.as_bytes());
        written
            .and_then(|()| self.file.sync_all())
            .and_then(|()| fs::rename(&self.path, path))
            .and_then(|()| sync_directory(path))
            .map_err(failed)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // After a rename it is gone already.
        let _ = fs::remove_file(&self.path);
    }
}

/// Without this, the new name may not be on disk.
fn sync_directory(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if parent != Path::new("") => fs::File::open(parent)?.sync_all(),
        Some(_) => fs::File::open(".")?.sync_all(),
        None => Ok(()),
    }
}

fn failed(path: &Path) -> impl Fn(io::Error) -> UpdateFileError + '_ {
    |source| UpdateFileError::Io {
        path: path.to_owned(),
        source,
    }
}
