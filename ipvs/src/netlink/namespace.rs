use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;

use crate::Error;

/// The directory in which `ip netns add` keeps named namespaces.
const NAMED: &str = "/run/netns";

/// A network namespace. Each has its own services, connections and timeouts.
///
/// The namespace exists at least as long as this value.
///
/// # Examples
/// ```no_run
/// let director = ipvs::Namespace::named("director")?;
/// let mut ipvs = ipvs::Client::open_in(director)?;
/// # Ok::<(), ipvs::Error>(())
/// ```
pub struct Namespace {
    file: File,
    name: String,
}

impl Namespace {
    /// Opens the namespace of the calling thread.
    pub fn current() -> Result<Self, Error> {
        Self::at("/proc/thread-self/ns/net")
    }

    /// Opens a named namespace, such as `ip netns add` creates.
    pub fn named(name: &str) -> Result<Self, Error> {
        let file_name = Path::new(name).file_name();
        if file_name.is_none_or(|file_name| file_name != name) {
            return Err(Error::NamespaceNotFound(name.to_owned()));
        }
        Self::open(name.to_owned(), Path::new(NAMED).join(name))
    }

    /// Opens the namespace at a path: `/run/netns/…`, `/proc/<pid>/ns/net`, or any other mount.
    pub fn at(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        Self::open(path.display().to_string(), path)
    }

    /// Opens the namespace of a process.
    pub fn of_process(pid: u32) -> Result<Self, Error> {
        Self::open(
            format!("process {pid}"),
            PathBuf::from(format!("/proc/{pid}/ns/net")),
        )
    }

    /// Creates a namespace from an open descriptor. If the descriptor is not a network namespace, entering
    /// it fails.
    pub fn from_fd(fd: impl Into<OwnedFd>) -> Self {
        let fd = fd.into();
        Self {
            name: format!("file descriptor {}", fd.as_raw_fd()),
            file: File::from(fd),
        }
    }

    /// Duplicates the handle, for another client.
    ///
    /// # Errors
    /// [`Error::Namespace`]: the process has no file descriptors left.
    pub fn try_clone(&self) -> Result<Self, Error> {
        let file = self
            .file
            .try_clone()
            .map_err(|source| self.failed(source))?;
        let name = self.name.clone();
        Ok(Self { file, name })
    }

    fn open(name: String, path: PathBuf) -> Result<Self, Error> {
        match File::open(path) {
            Ok(file) => Ok(Self { file, name }),
            Err(source) if source.kind() == io::ErrorKind::NotFound => {
                Err(Error::NamespaceNotFound(name))
            }
            Err(source) => Err(Error::Namespace {
                namespace: name,
                source,
            }),
        }
    }

    /// Runs a function inside the namespace. It uses a new thread, unless the calling thread is already in
    /// the namespace, so the calling thread never changes its namespace.
    pub(crate) fn run<T: Send>(&self, inside: impl FnOnce() -> T + Send) -> Result<T, Error> {
        if self.is_entered().map_err(|source| self.failed(source))? {
            return Ok(inside());
        }
        thread::scope(|scope| {
            let worker = thread::Builder::new().spawn_scoped(scope, || {
                enter(&self.file)?;
                Ok(inside())
            });
            match worker.map(thread::ScopedJoinHandle::join) {
                Ok(Ok(outcome)) => outcome.map_err(|source| self.failed(source)),
                Ok(Err(panic)) => std::panic::resume_unwind(panic),
                Err(source) => Err(self.failed(source)),
            }
        })
    }

    fn is_entered(&self) -> io::Result<bool> {
        let here = std::fs::metadata("/proc/thread-self/ns/net")?;
        let there = self.file.metadata()?;
        Ok((here.dev(), here.ino()) == (there.dev(), there.ino()))
    }

    fn failed(&self, source: io::Error) -> Error {
        Error::Namespace {
            namespace: self.name.clone(),
            source,
        }
    }
}

/// Moves the calling thread into the namespace.
#[cfg(target_os = "linux")]
fn enter(namespace: &File) -> io::Result<()> {
    use nix::sched::{CloneFlags, setns};

    Ok(setns(namespace, CloneFlags::CLONE_NEWNET)?)
}

#[cfg(not(target_os = "linux"))]
fn enter(_: &File) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

impl fmt::Debug for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Namespace").field(&self.name).finish()
    }
}
