use std::fmt;

/// General information about the IPVS of the kernel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Info {
    /// The version.
    pub version: Version,
    /// Size of the connection table, in buckets. The number of connections is not limited by it.
    pub connection_table_size: u32,
}

/// The version of IPVS. It has been 1.2.1 since Linux 2.6.28, so it does not tell which features the
/// kernel has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// The major version.
    pub major: u8,
    /// The minor version.
    pub minor: u8,
    /// The patch level.
    pub patch: u8,
}

impl From<u32> for Version {
    fn from(number: u32) -> Self {
        let [_, major, minor, patch] = number.to_be_bytes();
        Self {
            major,
            minor,
            patch,
        }
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Version {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
