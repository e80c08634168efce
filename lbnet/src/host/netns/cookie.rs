//! The cookie of a network namespace, which no other namespace has until the next boot.

use nix::{
    getsockopt_impl, libc, sockopt_impl,
    sys::socket::{AddressFamily, SockFlag, SockType, getsockopt, socket},
};

// nix has no name for this option yet. Its macro defines one and keeps the unsafe call in nix.
sockopt_impl!(
    /// `SO_NETNS_COOKIE`: the cookie of the socket's network namespace.
    NetnsCookie,
    GetOnly,
    libc::SOL_SOCKET,
    libc::SO_NETNS_COOKIE,
    u64
);

/// Returns the cookie of the calling thread's network namespace, if the kernel has cookies.
///
/// The kernel reuses inode numbers of namespaces, but not cookies. A cookie therefore shows whether
/// a record describes the present namespace or an earlier one with the same inode number.
///
/// # Kernel
/// `SO_NETNS_COOKIE`, since 5.14.
pub(crate) fn cookie() -> Option<u64> {
    let socket = socket(
        AddressFamily::Unix,
        SockType::Datagram,
        SockFlag::SOCK_CLOEXEC,
        None,
    )
    .ok()?;
    getsockopt(&socket, NetnsCookie).ok()
}
