//! Network namespaces, and how to work in one.

mod cookie;
use crate::{Error, HostError, NetnsId};
pub(crate) use cookie::cookie;
use nix::{
    sched::{CloneFlags, setns},
    sys::statfs::{NSFS_MAGIC, fstatfs},
};
use std::{
    fmt,
    fs::File,
    io,
    os::unix::fs::MetadataExt,
    panic,
    path::{Path, PathBuf},
    thread,
};

/// The directory in which `ip netns add` puts its names.
const NAMED: &str = "/run/netns";

/// The namespace of the calling thread. `/proc/self` would show that of the process's first thread.
const OWN: &str = "/proc/thread-self/ns/net";

/// A network namespace that is held open.
///
/// The namespace exists as long as this value, even without a name or processes.
///
/// # Examples
/// ```no_run
/// use lbnet::Netns;
///
/// let here = Netns::current()?;
/// let director = Netns::named("director")?;
/// let devices = director.run(|| std::fs::read_to_string("/proc/net/dev"))?;
/// # Ok::<(), lbnet::Error>(())
/// ```
#[derive(Debug)]
pub struct Netns {
    file: File,
    path: PathBuf,
    id: NetnsId,
}

impl Netns {
    /// Opens the namespace of the calling thread.
    ///
    /// # Errors
    /// - [`HostError::Namespace`]: `/proc` is not mounted.
    pub fn current() -> Result<Self, Error> {
        Self::at(OWN)
    }

    /// Opens a namespace by the name that `ip netns add` gave it.
    ///
    /// # Errors
    /// - [`HostError::NamespaceNotFound`]: there is no such name.
    /// - [`HostError::NotANamespace`]: the name remains of a namespace that no longer exists.
    pub fn named(name: &str) -> Result<Self, Error> {
        let not_found = || {
            Error::Host(HostError::NamespaceNotFound {
                name: name.to_owned(),
            })
        };
        if name.is_empty() || name.contains('/') || matches!(name, "." | "..") {
            return Err(not_found());
        }
        match Self::at(Path::new(NAMED).join(name)) {
            Err(Error::Host(HostError::Namespace { source, .. }))
                if source.kind() == io::ErrorKind::NotFound =>
            {
                Err(not_found())
            }
            other => other,
        }
    }

    /// Opens the namespace of a process.
    ///
    /// # Errors
    /// - [`HostError::NamespaceNotFound`]: there is no such process.
    /// - [`Error::PermissionDenied`]: the process belongs to another user, and the caller lacks
    ///   `CAP_SYS_PTRACE`.
    pub fn of_process(pid: u32) -> Result<Self, Error> {
        match Self::at(format!("/proc/{pid}/ns/net")) {
            Err(Error::Host(HostError::Namespace { source, .. }))
                if source.kind() == io::ErrorKind::NotFound =>
            {
                Err(Error::Host(HostError::NamespaceNotFound {
                    name: format!("of process {pid}"),
                }))
            }
            other => other,
        }
    }

    /// Opens the namespace that a file represents, such as `/proc/1/ns/net` or a bind mount of it.
    ///
    /// # Errors
    /// - [`HostError::Namespace`]: the file cannot be opened.
    /// - [`HostError::NotANamespace`]: the file is an ordinary file.
    /// - [`Error::PermissionDenied`]: the file belongs to a process of another user, and the caller
    ///   lacks `CAP_SYS_PTRACE`.
    pub fn at(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let path = path.into();
        let refused = |source: io::Error| match source.kind() {
            io::ErrorKind::PermissionDenied => Error::PermissionDenied {
                action: format!("opening the network namespace {}", path.display()),
                needs: "CAP_SYS_PTRACE",
                source,
            },
            _ => Error::Host(HostError::Namespace {
                path: path.clone(),
                source,
            }),
        };
        let file = File::open(&path).map_err(refused)?;
        let file_system = fstatfs(&file).map_err(|errno| refused(errno.into()))?;
        if file_system.filesystem_type() != NSFS_MAGIC {
            return Err(Error::Host(HostError::NotANamespace { path }));
        }
        let metadata = file.metadata().map_err(refused)?;
        let id = NetnsId {
            device: metadata.dev(),
            inode: metadata.ino(),
        };
        Ok(Self { file, path, id })
    }

    /// Returns the id, which identifies the namespace among those that exist.
    pub fn id(&self) -> NetnsId {
        self.id
    }

    /// Returns whether this is the namespace of the machine's first process. If the caller may not
    /// read that, returns whether it is the namespace of the calling thread.
    pub fn is_initial(&self) -> bool {
        let machine = Self::at("/proc/1/ns/net").or_else(|_| Self::current());
        machine.is_ok_and(|machine| machine.id == self.id)
    }

    /// Runs `work` inside the namespace, and waits until it ends. Unless the calling thread is in this
    /// namespace, it runs on a thread made for it.
    ///
    /// The calling thread always stays in its own namespace, because no other code uses a thread
    /// that entered a namespace. Sockets and files under `/proc/sys/net` keep the namespace in
    /// which they were opened, so `work` can return them for use elsewhere. A panic of `work`
    /// continues in the caller.
    ///
    /// # Errors
    /// - [`Error::PermissionDenied`]: the process lacks `CAP_SYS_ADMIN`, which entering another
    ///   namespace requires. The caller's own namespace requires no privilege.
    /// - [`HostError::NotANamespace`]: the file is a namespace of another type, not a network
    ///   namespace.
    pub fn run<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, Error> {
        if self.is_of_this_thread() {
            return Ok(work());
        }
        thread::scope(|scope| {
            let inside = || {
                self.enter()?;
                Ok(work())
            };
            thread::Builder::new()
                .name("lbnet-netns".to_owned())
                .spawn_scoped(scope, inside)
                .map_err(|source| {
                    Error::Host(HostError::Namespace {
                        path: self.path.clone(),
                        source,
                    })
                })?
                .join()
                .unwrap_or_else(|payload| panic::resume_unwind(payload))
        })
    }

    /// Entering one's own namespace changes nothing, but the kernel still requires `CAP_SYS_ADMIN`. A
    /// service that has only `CAP_NET_ADMIN` must work without.
    fn is_of_this_thread(&self) -> bool {
        Self::current().is_ok_and(|own| own.id == self.id)
    }

    /// Moves the calling thread into the namespace permanently. Only threads of [`Netns::run`] may
    /// call it.
    fn enter(&self) -> Result<(), Error> {
        setns(&self.file, CloneFlags::CLONE_NEWNET).map_err(|errno| {
            let source = io::Error::from(errno);
            match source.kind() {
                io::ErrorKind::PermissionDenied => Error::PermissionDenied {
                    action: format!("entering the network namespace {self}"),
                    needs: "CAP_SYS_ADMIN",
                    source,
                },
                io::ErrorKind::InvalidInput => Error::Host(HostError::NotANamespace {
                    path: self.path.clone(),
                }),
                _ => Error::Host(HostError::Namespace {
                    path: self.path.clone(),
                    source,
                }),
            }
        })
    }
}

impl fmt::Display for Netns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.strip_prefix(NAMED) {
            Ok(name) => name.display().fmt(f),
            Err(_) => self.path.display().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_in_the_own_namespace_needs_no_privilege() {
        let here = Netns::current().unwrap();
        assert_eq!(
            here.run(|| Netns::current().unwrap().id()).unwrap(),
            here.id()
        );
    }

    #[test]
    fn a_name_that_is_not_there_is_named_in_the_error() {
        let error = Netns::named("no-such-namespace").unwrap_err();
        assert_eq!(
            error.to_string(),
            "no such network namespace: no-such-namespace"
        );
    }

    #[test]
    fn a_name_cannot_leave_the_directory() {
        for name in ["", ".", "..", "../../proc/self/ns/net", "a/b"] {
            assert!(
                matches!(
                    Netns::named(name),
                    Err(Error::Host(HostError::NamespaceNotFound { .. }))
                ),
                "{name}"
            );
        }
    }

    #[test]
    fn an_ordinary_file_is_not_a_namespace() {
        let error = Netns::at("/proc/version").unwrap_err();
        assert!(
            matches!(error, Error::Host(HostError::NotANamespace { .. })),
            "{error}"
        );
    }

    #[test]
    fn another_kind_of_namespace_is_not_a_network() {
        let mounts = Netns::at("/proc/self/ns/mnt").unwrap();
        assert!(mounts.run(|| ()).is_err());
    }

    #[test]
    fn a_panic_inside_goes_on_outside() {
        let here = Netns::current().unwrap();
        let caught = panic::catch_unwind(|| here.run(|| panic!("inside")));
        assert!(caught.is_err());
    }
}
