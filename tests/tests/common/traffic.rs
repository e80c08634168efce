//! Real connections through a director, client, director and server being one host.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use ipvs_lab::process;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    AddressFamily, SockFlag, SockType, SockaddrIn, bind, connect, getsockopt, setsockopt, socket,
    sockopt,
};
use std::net::SocketAddrV4;
use std::os::fd::{AsFd, AsRawFd};

/// Gives `lo` addresses.
pub(crate) fn own(addresses: &[&str]) {
    for address in addresses {
        let nodad: &[&str] = if address.contains(':') {
            &["nodad"]
        } else {
            &[]
        };
        process::run(
            "ip",
            &[&["address", "add", *address, "dev", "lo"], nodad].concat(),
        );
    }
}

/// A server that says back what it hears, to each client until that ends. It ends with the test:
/// it is never asked to.
pub(crate) fn echo_at(address: &str) {
    let listener = TcpListener::bind(address).unwrap();
    // A new thread is in the namespace of the one that starts it.
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            thread::spawn(move || {
                let mut heard = [0; 64];
                while let Ok(length @ 1..) = stream.read(&mut heard) {
                    stream
                        .write_all(heard.get(..length).unwrap_or_default())
                        .unwrap();
                }
            });
        }
    });
}

/// A connection on which an echo was heard.
pub(crate) fn talk_to(address: &str) -> TcpStream {
    let address: SocketAddr = address.parse().unwrap();
    let mut stream = TcpStream::connect_timeout(&address, Duration::from_secs(5)).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(5)))
        .unwrap();
    stream.write_all(b"hello").unwrap();
    let mut heard = [0; 5];
    stream.read_exact(&mut heard).unwrap();
    assert_eq!(&heard, b"hello");
    stream
}

/// A client that connects from an address and port of its choice, with a firewall mark or 0. It gives up
/// after two seconds.
///
/// It does not block while it connects: the kernel would overlook an ICMP error that arrives meanwhile,
/// and be refused only after it has asked again, a second later.
pub(crate) fn connect_from(client: &str, address: &str, mark: u32) -> nix::Result<TcpStream> {
    let inet = |text: &str| SockaddrIn::from(text.parse::<SocketAddrV4>().unwrap());
    let socket = socket(
        AddressFamily::Inet,
        SockType::Stream,
        SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK,
        None,
    )?;
    setsockopt(&socket, sockopt::ReuseAddr, &true)?;
    setsockopt(&socket, sockopt::Mark, &mark)?;
    bind(socket.as_raw_fd(), &inet(client))?;
    match connect(socket.as_raw_fd(), &inet(address)) {
        Ok(()) | Err(Errno::EINPROGRESS) => {}
        Err(error) => return Err(error),
    }
    let connected = PollFd::new(socket.as_fd(), PollFlags::POLLOUT);
    if poll(&mut [connected], PollTimeout::from(2000_u16))? == 0 {
        return Err(Errno::ETIMEDOUT);
    }
    match getsockopt(&socket, sockopt::SocketError)? {
        0 => {}
        error => return Err(Errno::from_raw(error)),
    }
    let stream = TcpStream::from(socket);
    stream.set_nonblocking(false).unwrap();
    Ok(stream)
}

/// Asks again and again until the answer satisfies, at most for ten seconds; the last answer.
pub(crate) fn eventually<T>(mut ask: impl FnMut() -> T, satisfies: impl Fn(&T) -> bool) -> T {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let answer = ask();
        if satisfies(&answer) || Instant::now() > deadline {
            return answer;
        }
        thread::sleep(Duration::from_millis(100));
    }
}
