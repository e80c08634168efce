//! Which kernel this is.

use nix::sys::utsname::uname;

/// The first two numbers of a kernel's version, which compare as versions do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::node::doctor) struct KernelVersion(
    pub(in crate::node::doctor) u32,
    pub(in crate::node::doctor) u32,
);

impl KernelVersion {
    pub(super) fn running() -> Option<Self> {
        Self::parse(uname().ok()?.release().to_str()?)
    }

    /// `6.1.0-40-amd64`, `7.2-rc3`.
    fn parse(release: &str) -> Option<Self> {
        let mut numbers = release.split(|c: char| !c.is_ascii_digit());
        let mut next = || numbers.next()?.parse().ok();
        Some(Self(next()?, next()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_compare_as_versions_do() {
        assert_eq!(
            KernelVersion::parse("6.1.0-40-amd64"),
            Some(KernelVersion(6, 1))
        );
        assert_eq!(KernelVersion::parse("7.2-rc3"), Some(KernelVersion(7, 2)));
        assert_eq!(KernelVersion::parse("unknown"), None);
        assert!(KernelVersion(5, 10) > KernelVersion(5, 9));
    }
}
