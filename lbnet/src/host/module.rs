//! Kernel modules, which the kernel loads on request.

use std::{fs, path::Path};

use nix::{net::if_::if_nametoindex, sys::utsname::uname};

use crate::{Error, HostError, error::UserNamespace};

/// A kernel module that a load balancer may need.
///
/// The modules of tunnel devices are not included: the kernel loads them when a device is added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Module {
    /// IPVS.
    IpVs,
    /// FOU and GUE: encapsulation in UDP packets.
    Fou,
    /// The helper of IPVS that translates addresses in messages of FTP.
    IpVsFtp,
}

impl Module {
    /// Returns the kernel's name of the module.
    pub fn name(self) -> &'static str {
        match self {
            Self::IpVs => "ip_vs",
            Self::Fou => "fou",
            Self::IpVsFtp => "ip_vs_ftp",
        }
    }

    /// Returns whether the module is loaded or built into the kernel.
    pub fn is_available(self) -> bool {
        let loaded = Path::new("/sys/module").join(self.name());
        loaded.exists() || is_built_in(self.name())
    }

    /// Makes the kernel load the module, if it is not loaded. A loaded module serves all
    /// namespaces, and it stays loaded.
    ///
    /// Same as `modprobe MODULE`, but this process starts no program: the kernel runs `modprobe`.
    ///
    /// # Errors
    /// - [`HostError::MissingModule`]: the module is not installed, or the process lacks
    ///   `CAP_SYS_MODULE` to load it.
    ///
    /// # Kernel
    /// When a program asks for a network device of an unknown name, the kernel tries to load a
    /// module of that name (`dev_load`).
    pub fn load(self) -> Result<(), Error> {
        self.load_for("this set-up".to_owned())
    }

    /// Loads the module. The error names `what` needs it.
    pub(crate) fn load_for(self, what: String) -> Result<(), Error> {
        if self.is_available() {
            return Ok(());
        }
        // The result does not matter: there is no such device. The request makes the kernel load
        // the module.
        let _ = if_nametoindex(self.name());
        if self.is_available() {
            return Ok(());
        }
        let module = self.name();
        Err(Error::Host(match UserNamespace::of_this_process() {
            UserNamespace::Initial => HostError::MissingModule { module, what },
            // `dev_load`
            UserNamespace::Other => HostError::ModuleOutOfReach { module, what },
        }))
    }
}

/// Returns whether a module is built into the kernel. A list beside the modules has a line for each
/// of these.
fn is_built_in(module: &str) -> bool {
    let Ok(names) = uname() else { return false };
    let list = Path::new("/lib/modules")
        .join(names.release())
        .join("modules.builtin");
    let file = format!("/{module}.ko");
    fs::read_to_string(list).is_ok_and(|list| list.lines().any(|line| line.ends_with(&file)))
}
