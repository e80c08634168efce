//! Modules of the kernel, loaded by asking for them.

use std::{fs, path::Path};

use nix::{net::if_::if_nametoindex, sys::utsname::uname};

use crate::{Error, HostError};

/// A module of the kernel that a load balancer may need.
///
/// Those of tunnel devices are not among them: the kernel loads them when a device is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Module {
    /// IPVS itself.
    IpVs,
    /// Packets in UDP packets, and GUE.
    Fou,
}

impl Module {
    /// The kernel's name of it.
    pub fn name(self) -> &'static str {
        match self {
            Self::IpVs => "ip_vs",
            Self::Fou => "fou",
        }
    }

    /// Whether it is loaded, or a part of the kernel.
    pub fn is_there(self) -> bool {
        let loaded = Path::new("/sys/module").join(self.name());
        loaded.exists() || is_built_in(self.name())
    }

    /// Has the kernel load it, if it is not there. It is there for all namespaces, and stays.
    ///
    /// Same as `modprobe MODULE`, without starting a program: the kernel does that itself.
    ///
    /// # Errors
    /// [`HostError::MissingModule`]: it is not installed, or loading it needs `CAP_SYS_MODULE`.
    ///
    /// # Kernel
    /// It takes the question for a network device of an unknown name as the wish for a module of
    /// that name (`dev_load`).
    pub fn load(self) -> Result<(), Error> {
        self.load_for("this set-up".to_owned())
    }

    /// Says what needs the module if it cannot be had.
    pub(crate) fn load_for(self, what: String) -> Result<(), Error> {
        if self.is_there() {
            return Ok(());
        }
        // There is no such device; it is the question that matters.
        let _ = if_nametoindex(self.name());
        if self.is_there() {
            return Ok(());
        }
        Err(Error::Host(HostError::MissingModule {
            module: self.name(),
            what,
        }))
    }
}

/// What is a part of the kernel has a line in a list beside the modules.
fn is_built_in(module: &str) -> bool {
    let Ok(names) = uname() else { return false };
    let list = Path::new("/lib/modules")
        .join(names.release())
        .join("modules.builtin");
    let file = format!("/{module}.ko");
    fs::read_to_string(list).is_ok_and(|list| list.lines().any(|line| line.ends_with(&file)))
}
