//! The number that no other namespace has until the next boot.

use nix::{
    getsockopt_impl, libc, sockopt_impl,
    sys::socket::{AddressFamily, SockFlag, SockType, getsockopt, socket},
};

// nix has no name for this option yet; its macro makes one, and keeps the unsafe call in nix.
sockopt_impl!(
    /// `SO_NETNS_COOKIE`: the cookie of the socket's network namespace.
    NetnsCookie,
    GetOnly,
    libc::SOL_SOCKET,
    libc::SO_NETNS_COOKIE,
    u64
);

/// The cookie of the calling thread's network namespace, if the kernel has cookies.
///
/// Inode numbers of namespaces are given out again, this is not: it tells a record about a
/// namespace that is gone from one about the namespace that now has its number.
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
