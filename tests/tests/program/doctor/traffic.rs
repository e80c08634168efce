//! Clients and servers of a site.

use std::io::{Read as _, Write as _};
use std::net::{Ipv6Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::thread;
use std::time::Duration;

use ipvs_lab::netns::Netns;

/// How long a client waits.
const PATIENCE: Duration = Duration::from_secs(1);

/// Tells every client a name, on a port of all addresses, until the test program ends.
pub(crate) fn serve(host: &Netns, name: &'static str, port: u16) {
    let listener = host.enter(|| TcpListener::bind((all_addresses(), port)).unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            // A client that went away is none of the server's business.
            let _ = stream.and_then(|mut stream| stream.write_all(name.as_bytes()));
        }
    });
}

/// Answers every packet with a name, until the test program ends.
pub(crate) fn echo(host: &Netns, name: &'static str, port: u16) {
    let socket = host.enter(|| UdpSocket::bind((all_addresses(), port)).unwrap());
    thread::spawn(move || {
        let mut heard = [0; 64];
        while let Ok((_, from)) = socket.recv_from(&mut heard) {
            let _ = socket.send_to(name.as_bytes(), from);
        }
    });
}

/// Those of IPv4, too.
fn all_addresses() -> Ipv6Addr {
    Ipv6Addr::UNSPECIFIED
}

/// Who answered each of some connections; nobody if it was refused, broken or not answered.
pub(crate) fn ask(client: &Netns, address: &str, times: usize) -> Vec<Option<String>> {
    let address: SocketAddr = address.parse().unwrap();
    client.enter(|| (0..times).map(|_| ask_once(address)).collect())
}

/// Who answered each of some packets, each from another port.
pub(crate) fn ask_by_udp(client: &Netns, address: &str, times: usize) -> Vec<Option<String>> {
    let address: SocketAddr = address.parse().unwrap();
    client.enter(|| (0..times).map(|_| ask_once_by_udp(address)).collect())
}

/// How many of some connections were answered.
pub(crate) fn served(client: &Netns, address: &str, times: usize) -> usize {
    let answers = ask(client, address, times);
    answers.iter().flatten().count()
}

fn ask_once(address: SocketAddr) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    (!answer.is_empty()).then_some(answer)
}

/// A connected socket accepts no answer from another address.
fn ask_once_by_udp(address: SocketAddr) -> Option<String> {
    let any = if address.is_ipv4() {
        "0.0.0.0:0"
    } else {
        "[::]:0"
    };
    let socket = UdpSocket::bind(any).ok()?;
    socket.connect(address).ok()?;
    socket.set_read_timeout(Some(PATIENCE)).ok()?;
    socket.send(b"?").ok()?;
    let mut heard = [0; 64];
    let length = socket.recv(&mut heard).ok()?;
    String::from_utf8(heard.get(..length)?.to_vec()).ok()
}
