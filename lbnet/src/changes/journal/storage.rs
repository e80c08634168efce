//! The directory and the file of the journal. Using them as root is safe, and a crash leaves a
//! complete file.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use nix::{fcntl::OFlag, unistd::geteuid};

use super::Document;
use crate::{Error, JournalError, error::UserNamespace};

/// Creates the directory if it does not exist, and checks it.
pub(super) fn prepare_directory(directory: &Path) -> Result<(), Error> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(directory)
        .map_err(|source| refused(directory, source))?;
    check_directory(directory)
}

/// Refuses a directory in which another user could put files that this crate would trust.
pub(super) fn check_directory(directory: &Path) -> Result<(), Error> {
    let metadata = fs::symlink_metadata(directory).map_err(|source| refused(directory, source))?;
    let trusted = [0, geteuid().as_raw()];
    let problem = if !metadata.is_dir() {
        "it is not a directory"
    } else if !trusted.contains(&metadata.uid()) {
        "it belongs to another user"
    } else if metadata.mode() & 0o022 != 0 {
        "others can write to it"
    } else {
        return Ok(());
    };
    Err(Error::Journal(JournalError::Unsafe {
        path: directory.to_owned(),
        problem,
    }))
}

/// Opens a file of the directory. Does not follow a symbolic link.
pub(super) fn open(path: &Path, options: &mut OpenOptions) -> Result<File, Error> {
    options
        .custom_flags(OFlag::O_NOFOLLOW.bits())
        .open(path)
        .map_err(|source| refused(path, source))
}

/// Reads a journal, if there is one.
pub(super) fn read(path: &Path) -> Result<Option<String>, Error> {
    match open(path, OpenOptions::new().read(true)) {
        Ok(file) => io::read_to_string(file)
            .map(Some)
            .map_err(|source| refused(path, source)),
        Err(Error::Journal(JournalError::File { source, .. }))
            if source.kind() == io::ErrorKind::NotFound =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Writes a journal. A reader sees either the old or the new content, even after a crash.
///
/// After a crash of the machine the old one will do: it is about the past, as the new one would be.
pub(super) fn write(path: &Path, document: &Document) -> Result<(), Error> {
    let failed = |source| refused(path, source);
    let draft = draft_of(path);
    let mut options = OpenOptions::new();
    let mut file = open(
        &draft,
        options.write(true).create(true).truncate(true).mode(0o644),
    )?;
    let mut text = serde_json::to_vec(document).map_err(|error| failed(error.into()))?;
    text.push(b'\n');
    file.write_all(&text).map_err(failed)?;
    file.sync_all().map_err(failed)?;
    fs::rename(&draft, path).map_err(failed)
}

/// Removes a journal that is empty.
pub(super) fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(refused(path, source)),
    }
}

/// Removes the draft of a program that was killed while it wrote a journal.
pub(super) fn remove_draft(path: &Path) {
    // A draft that remains does no harm.
    let _ = fs::remove_file(draft_of(path));
}

/// Returns the id of this boot.
pub(super) fn boot_id() -> Result<String, Error> {
    let path = Path::new("/proc/sys/kernel/random/boot_id");
    let text = fs::read_to_string(path).map_err(|source| refused(path, source))?;
    Ok(text.trim_ascii().to_owned())
}

fn draft_of(path: &Path) -> PathBuf {
    path.with_extension("new")
}

fn refused(path: &Path, source: io::Error) -> Error {
    match source.kind() {
        io::ErrorKind::PermissionDenied => Error::PermissionDenied {
            action: format!("keeping the journal {}", path.display()),
            needs: UserNamespace::of_this_process().root(),
            source,
        },
        _ => Error::Journal(JournalError::File {
            path: path.to_owned(),
            source,
        }),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;
    use crate::{NetnsId, model::netns::NamespaceRecord};

    fn document() -> Document {
        let id = NetnsId {
            device: 4,
            inode: 1,
        };
        Document::new(boot_id().unwrap(), NamespaceRecord { id, cookie: None })
    }

    #[test]
    fn a_journal_that_is_not_there_is_none() {
        let directory = tempfile::tempdir().unwrap();
        assert_eq!(read(&directory.path().join("j.json")).unwrap(), None);
        assert_eq!(
            read(&directory.path().join("no-directory/j.json")).unwrap(),
            None
        );
        remove(&directory.path().join("j.json")).unwrap();
    }

    #[test]
    fn writing_replaces_the_whole_file_and_leaves_no_draft() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("j.json");
        fs::write(&path, "x".repeat(10_000)).unwrap();
        write(&path, &document()).unwrap();
        let text = read(&path).unwrap().unwrap();
        assert_eq!(serde_json::from_str::<Document>(&text).unwrap(), document());
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o644
        );
    }

    #[test]
    fn a_draft_that_a_crash_left_is_no_obstacle() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("j.json");
        fs::write(path.with_extension("new"), "{\"version\":").unwrap();
        write(&path, &document()).unwrap();
        assert!(!path.with_extension("new").exists());
    }

    #[test]
    fn a_draft_is_removed_if_there_is_one() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("j.json");
        fs::write(path.with_extension("new"), "").unwrap();
        for _ in 0..2 {
            remove_draft(&path);
            assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
        }
    }

    #[test]
    fn symbolic_links_are_not_followed() {
        let directory = tempfile::tempdir().unwrap();
        let victim = directory.path().join("victim");
        fs::write(&victim, "precious").unwrap();
        let path = directory.path().join("j.json");
        symlink(&victim, path.with_extension("new")).unwrap();
        assert!(write(&path, &document()).is_err());
        symlink(&victim, &path).unwrap();
        assert!(read(&path).is_err());
        assert_eq!(fs::read_to_string(&victim).unwrap(), "precious");
    }

    #[test]
    fn a_directory_that_others_can_write_to_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let shared = directory.path().join("shared");
        prepare_directory(&shared).unwrap();
        fs::set_permissions(&shared, fs::Permissions::from_mode(0o777)).unwrap();
        let error = prepare_directory(&shared).unwrap_err();
        assert!(
            error.to_string().contains("others can write to it"),
            "{error}"
        );
        let link = directory.path().join("link");
        symlink(directory.path(), &link).unwrap();
        assert!(matches!(
            check_directory(&link),
            Err(Error::Journal(JournalError::Unsafe { .. }))
        ));
    }
}
