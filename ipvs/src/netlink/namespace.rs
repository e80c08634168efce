use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::thread;

use crate::Error;

/// Where `ip netns add` keeps the namespaces that have a name.
const NAMED: &str = "/run/netns";

/// A network namespace: each has services, connections and timeouts of its own.
///
/// Holding one keeps it alive.
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
    /// The one that the calling thread is in.
    pub fn current() -> Result<Self, Error> {
        Self::at("/proc/thread-self/ns/net")
    }

    /// One that has a name, as `ip netns add` gives.
    pub fn named(name: &str) -> Result<Self, Error> {
        let file_name = Path::new(name).file_name();
        if file_name.is_none_or(|file_name| file_name != name) {
            return Err(Error::NamespaceNotFound(name.to_owned()));
        }
        Self::open(name.to_owned(), Path::new(NAMED).join(name))
    }

    /// One at a path: `/run/netns/…`, `/proc/<pid>/ns/net`, or wherever it is mounted.
    pub fn at(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        Self::open(path.display().to_string(), path)
    }

    /// The one that a process is in.
    pub fn of_process(pid: u32) -> Result<Self, Error> {
        Self::open(
            format!("process {pid}"),
            PathBuf::from(format!("/proc/{pid}/ns/net")),
        )
    }

    /// One that somebody opened already, or was handed. Anything else than a network namespace shows
    /// when it is to be entered.
    pub fn from_fd(fd: impl Into<OwnedFd>) -> Self {
        let fd = fd.into();
        Self {
            name: format!("file descriptor {}", fd.as_raw_fd()),
            file: File::from(fd),
        }
    }

    /// The same once more, for another client.
    ///
    /// # Errors
    /// [`Error::Namespace`] where there are no descriptors left.
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

    /// Does something inside, and stays outside: on a thread of its own, unless the calling one is
    /// inside already.
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

/// Moves the calling thread.
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
